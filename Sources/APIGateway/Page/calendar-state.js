// How the calendars are, in words.

import { relativeTime } from "./elements.js";

const number = new Intl.NumberFormat("en");

/** How a calendar is, in words and in a kind: good, busy, late or none. */
export function stateOf(calendar, connection) {
  if (!calendar.selected) return { kind: "none", text: "Not shown" };
  if (connection?.state === "needs_reconnect") {
    return { kind: "late", text: "Waiting for you to connect the account again" };
  }
  if (calendar.state === "unavailable") return { kind: "late", text: "Google does not let Errand read it any more" };
  if (calendar.state === "pending") return { kind: "busy", text: readingWords(calendar) };
  const checked = calendar.synced_at ? `, checked ${relativeTime(calendar.synced_at)}` : "";
  return { kind: "good", text: `Up to date${checked}` };
}

/** Every event that is read counts one version further, so that a calendar's first reading is counted by it. */
function readingWords({ version, synced_at: syncedAt }) {
  const isCounted = !syncedAt && version > 0;
  return isCounted ? `Reading… ${number.format(version)} ${version === 1 ? "event" : "events"} so far` : "Reading…";
}

/** All of them in one line: { kind, text, more }; "" where there are none. */
export function summaryOf(calendars, connections) {
  const states = calendars.map((calendar) =>
    ({ calendar, ...stateOf(calendar, connections.get(calendar.connection_id)) }));
  const [late, busy, good] = ["late", "busy", "good"].map((kind) => states.filter((state) => state.kind === kind));
  const one = ([{ calendar, kind, text }]) => ({ kind, text: `${calendar.title}: ${lower(text)}` });
  if (late.length === 1) return one(late);
  if (late.length > 1) return { kind: "late", text: `${late.length} cannot be read` };
  if (busy.length === 1) return one(busy);
  if (busy.length > 1) return { kind: "busy", text: `Reading ${busy.length} calendars…` };
  if (good.length === 0) return { kind: "none", text: calendars.length === 0 ? "" : "No calendar is ticked" };
  const oldest = good.map(({ calendar }) => calendar.synced_at).filter(Boolean).sort()[0];
  return { kind: "good", text: "Up to date", more: oldest ? `, checked ${relativeTime(oldest)}` : "" };
}

const lower = (text) => (text.startsWith("Google") ? text : text.charAt(0).toLowerCase() + text.slice(1));
