// What can go wrong with a request, and how it is told in plain words.

/** An answer of the server that says no: RFC 9457 problem details, or the bare status where there are none. */
export class Problem extends Error {
  constructor(status, body, headers) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.detail = body.detail ?? "";
    this.title = body.title ?? "";
    /** Why, for the field it is about: what is wrong with a password. */
    this.reason = typeof body.reason === "string" ? body.reason : "";
    this.fields = Array.isArray(body.errors) ? body.errors : [];
    this.requestID = body.request_id ?? headers.get("x-request-id") ?? "";
    const seconds = Number.parseFloat(headers.get("retry-after") ?? "");
    this.retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  }
}

/** No answer at all: network down, server gone, or silent past the deadline. */
export class Unreachable extends Error {}

const bySignIn = {
  401: "You are no longer signed in. Sign in again, then repeat this.",
  403: "Your role in this workspace does not allow that.",
  404: "This was not found. It may belong to another workspace.",
};
const byKey = {
  401: "The API key was not accepted.",
  403: "This API key may not do that.",
  404: "This was not found. It may belong to another API key.",
};
/** Codes whose meaning is the same wherever they come up. */
const byCode = {
  csrf_failed: "This page lost its connection to your session. Reload it and try again.",
  accounts_off: "This server has no accounts. An API key still works.",
  wrong_password: "This is not your current password.",
  last_owner: "A company always has an owner. Make somebody else an owner first, or delete the company.",
  too_many_keys: "There are as many keys as there can be. Revoke one first.",
  changed: "Somebody changed this in the meantime.",
  owner_needed: "Only an owner of the company may do that.",
  already_member: "Somebody with this address is a member already.",
  too_many_companies: "You are in as many companies as one can be. Leave one first.",
  too_many_members: "The company has as many members as it can have.",
  too_many_invitations: "As many invitations wait for an answer as can. Withdraw some first.",
  connections_off: "This server connects no accounts.",
  too_many_connections: "There are as many connections as there can be. Disconnect one first.",
  too_many_authorizations: "Too many visits to providers were begun and not finished. Try again in 15 minutes.",
  needs_reconnect: "The account has to be connected again.",
  calendar_read_only: "Google lets you read this calendar, not change it.",
  calendar_unavailable: "Google does not let Errand read this calendar any more.",
  calendar_not_selected: "This calendar is not ticked, so nothing of it is here.",
  calendar_busy: "The calendar is being read anew. Try again in a few seconds.",
  too_many_tasks: "There are as many tasks as there can be. Delete some first.",
  invitation_bad_token: "This invitation was used, withdrawn, or is too old. Ask for a new one.",
  invitation_for_another_address: "This invitation was sent to another e-mail address. Sign in with the account of "
    + "that address.",
  email_not_verified: "Your e-mail address is not confirmed yet. Open the link in our mail first.",
};

/** Which words fit depends on how the reader came in; page.js says so once. */
let byStatus = bySignIn;
export const speakOfKeys = (isKey) => { byStatus = isKey ? byKey : bySignIn; };

/** An error in plain words: what happened, and what the reader can do. */
export function words(error) {
  if (error instanceof Unreachable) return "Errand could not be reached. Check the connection, then try again.";
  if (!(error instanceof Problem)) return "Something went wrong in this page. Reload it and try again.";
  if (byCode[error.code]) return byCode[error.code];
  switch (error.status) {
    case 413: return "This is too long. Shorten it and send it again.";
    case 429: return `Too many requests at the moment. ${later(error.retryAfterSeconds)}`;
    case 503: return `Errand cannot take this right now. ${later(error.retryAfterSeconds)}`;
  }
  if (byStatus[error.status]) return byStatus[error.status];
  if (error.status >= 500) return "The server ran into a problem. Try again in a moment.";
  const details = error.reason || plainDetail(error)
    || error.fields.map(({ field, message }) => `${field} ${message}`).join("; ");
  return details ? `The server did not accept this: ${details}` : "The server did not accept this.";
}

/** Some problems say their code where others say something to people. */
const plainDetail = (error) => (error.detail === error.code ? error.title : error.detail);

function later(seconds) {
  return seconds ? `Try again in ${waitingTime(seconds)}.` : "Try again in a moment.";
}

/** "45 seconds", "3 minutes": rounded up, so that nobody comes back too early. */
export function waitingTime(seconds) {
  const [count, unit] = seconds > 90 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds), "second"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
