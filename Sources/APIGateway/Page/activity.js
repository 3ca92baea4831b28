// The activity log of a workspace: what was done that matters for its security, and by whom.

import { call, query } from "./api.js";
import { element, time } from "./elements.js";
import { Field } from "./fields.js";
import { Listing } from "./listing.js";
import { readMembers } from "./members.js";
import { session } from "./session.js";

/** What the server writes down, in words. What is new to this page is shown as the server calls it. */
const actions = {
  "auth.login": "Signed in", "auth.login_failed": "Signing in failed", "auth.logout": "Signed out",
  "auth.registered": "Account made", "auth.registered_again": "Somebody tried to make this account again",
  "auth.verified": "E-mail address confirmed", "auth.email_change_requested": "Change of e-mail address asked for",
  "auth.password_changed": "Password changed", "auth.password_reset": "Password chosen anew by a mailed link",
  "auth.session_revoked": "Device signed out from afar", "auth.sessions_revoked": "All other devices signed out",
  "auth.refresh_reused": "An old sign-in was used again: its device was signed out",
  "auth.account_deleted": "Account deleted",
  "keys.created": "API key made", "keys.revoked": "API key revoked",
  "company.created": "Company made", "company.renamed": "Company renamed", "company.deleted": "Company deleted",
  "company.member_added": "Member joined", "company.member_role_changed": "Role changed",
  "company.member_removed": "Member removed", "company.member_left": "Member left",
  "company.invitation_sent": "Invitation sent", "company.invitation_revoked": "Invitation withdrawn",
  "calendar.event_created": "Event made", "calendar.event_changed": "Event changed",
  "calendar.event_deleted": "Event deleted",
  "task.deleted": "Task deleted", "task.restored": "Task restored",
};
const choices = [["", "Everything"], ...Object.entries(actions)];

export function activityPage() {
  const names = new Map();
  const filter = new Field({ name: "action", label: "Show", type: "select", choices });
  filter.input.addEventListener("change", () => listing.reload());
  const listing = new Listing({
    label: "Activity", empty: "Nothing of the kind has happened.", row: (event) => row(event, names),
    load: async (cursor) => {
      await learnNames(names);
      const page = await call(`/api/v1/audit?${query({ action: filter.value, limit: 50, cursor })}`);
      return { items: page.events, cursor: page.next_cursor };
    },
  });
  return {
    title: "Activity",
    about: `What was done in ${session.company ? `the company ${session.company.name}` : "your workspace"} that `
      + "matters for its security. Nobody can change this list.",
    nodes: [element("div", { class: "bar" }, filter.node), listing.node],
    opened: () => listing.reload(),
  };
}

async function learnNames(names) {
  if (session.user) names.set(session.user.id, "You");
  if (!session.company || names.size > 1) return;
  for (const member of await readMembers(session.company).catch(() => [])) {
    if (!names.has(member.user_id)) names.set(member.user_id, member.name || member.email);
  }
}

function row(event, names) {
  return [
    element("div", { class: "row-text" },
      element("p", { class: "row-title" }, actions[event.action] ?? event.action),
      element("p", { class: "row-note" }, actorWords(event.actor, names), event.address ? ` · ${event.address}` : "",
        " · ", time(event.created_at)),
      details(event)),
  ];
}

function details(event) {
  const facts = [["Action", event.action], ["What", event.subject], ["Request", event.request_id],
    ...Object.entries(event.details ?? {}).map(([name, value]) =>
      [capitalised(name), typeof value === "string" ? value : JSON.stringify(value)])].filter(([, value]) => value);
  return element("details", { class: "facts" }, element("summary", { text: "Details" }),
    element("dl", {}, ...facts.flatMap(([name, value]) =>
      [element("dt", { text: name }), element("dd", { text: value })])));
}

const capitalised = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

function actorWords(actor, names) {
  const [kind, id] = actor.split(":");
  if (kind === "user") return names.get(id) ?? "Somebody who is not a member";
  if (kind === "key") return id === "configured" ? "A key of the server's settings" : "An API key";
  return { operator: "An operator", service: "The system", anonymous: "Somebody not signed in" }[kind] ?? actor;
}
