// Requests to Errand's HTTP API: the key, problem+json as errors, and whether the server can be reached.

const keyName = "errand.key";
const requestTimeoutMilliseconds = 20_000;

/** Fires "reach" (detail: "ok", "unreachable" or "trouble") and "rejected" (the key is not accepted). */
export const signals = new EventTarget();

export const tell = (name, detail) => signals.dispatchEvent(new CustomEvent(name, { detail }));

export const apiKey = {
  get: () => localStorage.getItem(keyName) ?? "",
  set: (key) => localStorage.setItem(keyName, key),
  clear: () => localStorage.removeItem(keyName),
  isStorageEvent: (event) => event.key === keyName || event.key === null,
  /** A header can carry visible ASCII only; anything else would fail before it is sent. */
  isPossible: (key) => /^[\x21-\x7e]+$/.test(key),
};

/** Takes the key out of `#key=…` into the storage and the fragment out of the address bar. */
export function takeKeyFromFragment() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key")?.trim();
  if (!key) return false;
  history.replaceState(history.state, "", location.pathname + location.search);
  if (!apiKey.isPossible(key)) return false;
  apiKey.set(key);
  return true;
}

/** An answer of the server that says no: RFC 9457 problem details, or the bare status where there are none. */
export class Problem extends Error {
  constructor(status, body, headers) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.detail = body.detail ?? "";
    this.fields = Array.isArray(body.errors) ? body.errors : [];
    this.requestID = body.request_id ?? headers.get("x-request-id") ?? "";
    const seconds = Number.parseFloat(headers.get("retry-after") ?? "");
    this.retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  }
}

/** No answer at all: network down, server gone, or silent past the deadline. */
export class Unreachable extends Error {}

/** fetch with the key; throws Problem, Unreachable, or the caller's own AbortError. */
export async function open(path, { method = "GET", headers = {}, body, signal, key = apiKey.get() } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method, body, signal, cache: "no-store",
      headers: { Accept: "application/json", Authorization: `Bearer ${key}`, ...headers },
    });
  } catch (error) {
    throw lost(error, signal);
  }
  if (response.status < 500) tell("reach", "ok");
  if (response.ok) return response;
  const problem = new Problem(response.status, await response.json().catch(() => ({})), response.headers);
  if (problem.status === 401 && key === apiKey.get()) tell("rejected", problem);
  throw problem;
}

/** One JSON request with a deadline. `body` is any JSON value. */
export async function call(path, { method, body, headers = {}, key } = {}) {
  const signal = AbortSignal.timeout(requestTimeoutMilliseconds);
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await open(path, {
    method, signal, key, headers: { ...json, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  try {
    return await response.json();
  } catch (error) {
    throw lost(error, signal);
  }
}

/** Turns what a fetch threw into Unreachable, unless the caller itself ended it. */
export function lost(error, signal) {
  if (signal?.aborted && signal.reason?.name !== "TimeoutError") return error;
  tell("reach", "unreachable");
  return new Unreachable("The server could not be reached.", { cause: error });
}

export const getJob = (id) => call(`/api/v1/jobs/${encodeURIComponent(id)}`);
export const cancelJob = (id) => call(`/api/v1/jobs/${encodeURIComponent(id)}/cancel`, { method: "POST" });

export function listJobs({ limit = 50, state = "", cursor = "", key } = {}) {
  return call(`/api/v1/jobs?${query({ limit, state, cursor })}`, { key });
}

export const listConversations = (cursor = "") =>
  call(`/api/v1/chat/conversations?${query({ limit: 50, cursor })}`);

/** All messages of a conversation, oldest first, page after page (bounded at 10,000). */
export async function allMessages(conversation) {
  const path = `/api/v1/chat/conversations/${encodeURIComponent(conversation)}/messages`;
  const messages = [];
  let cursor = "";
  do {
    const page = await call(`${path}?${query({ limit: 200, cursor })}`);
    messages.push(...page.messages);
    cursor = page.next_cursor ?? "";
  } while (cursor && messages.length < 10_000);
  return messages;
}

/** Posts a message; the same idempotency key again gives the same job instead of a second one. */
export const postMessage = (message, conversation, idempotencyKey) =>
  call("/api/v1/chat/messages", {
    method: "POST",
    headers: { "Idempotency-Key": idempotencyKey },
    body: conversation ? { message, conversation_id: conversation } : { message },
  });

function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null);
  return new URLSearchParams(given).toString();
}

/** An error in plain words: what happened, and what the reader can do. */
export function words(error) {
  if (error instanceof Unreachable) return "Errand could not be reached. Check the connection, then try again.";
  if (!(error instanceof Problem)) return "Something went wrong in this page. Reload it and try again.";
  const details = error.detail || error.fields.map(({ field, message }) => `${field} ${message}`).join("; ");
  switch (error.status) {
    case 401: return "The API key was not accepted.";
    case 403: return "This API key may not do that.";
    case 404: return "This was not found. It may belong to another API key.";
    case 413: return "The message is too long. Shorten it and send it again.";
    case 429: return `Too many requests at the moment. ${later(error.retryAfterSeconds)}`;
    case 503: return `Errand cannot take this right now. ${later(error.retryAfterSeconds)}`;
  }
  if (error.status >= 500) return "The server ran into a problem. Try again in a moment.";
  return details ? `The server did not accept this: ${details}` : "The server did not accept this.";
}

function later(seconds) {
  if (!seconds) return "Try again in a moment.";
  const rounded = Math.ceil(seconds);
  return `Try again in ${rounded} ${rounded === 1 ? "second" : "seconds"}.`;
}
