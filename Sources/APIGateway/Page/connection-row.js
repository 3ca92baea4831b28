// One connection in the list.

import { element, icon, time } from "./elements.js";

const tags = { needs_reconnect: ["Needs you", "late"], disconnecting: ["Ending", "busy"] };
/** A renewal this soon is the connecting itself. */
const sameMilliseconds = 60_000;

/** The parts of a row; `connections` does what its buttons ask for. */
export function connectionRow(connection, connections) {
  const provider = connections.providerOf(connection);
  const name = `${provider?.title ?? connection.provider}${connection.host ? ` (${connection.host})` : ""}`;
  const [word, kind] = tags[connection.state] ?? ["", ""];
  return [
    icon("link"),
    element("div", { class: "row-text" },
      element("p", { class: "row-title" }, name, word ? element("span", { class: `tag ${kind}`, text: word }) : null),
      element("p", { class: "connection-state", text: connection.message }),
      allowed(connection, provider),
      element("p", { class: "row-note" }, "Connected ", time(connection.created_at), ...renewal(connection))),
    connections.mayWrite && connection.state !== "disconnecting"
      ? element("div", { class: "row-buttons" }, ...buttons(connection, connections, provider, name)) : null,
  ].filter(Boolean);
}

function renewal({ created_at: made, renewed_at: renewed }) {
  return renewed && Date.parse(renewed) - Date.parse(made) > sameMilliseconds ? [" · renewed ", time(renewed)] : [];
}

function allowed(connection, provider) {
  if (connection.state !== "active") return null;
  const features = (provider?.features ?? []).filter(({ name }) => connection.features.includes(name));
  const text = features.map(({ title }) => title).join(" · ");
  return element("p", { class: "row-note", text: text ? `It may: ${text}`
    : "Not all that is needed was allowed: reconnect, and leave everything ticked." });
}

function buttons(connection, connections, provider, name) {
  const account = connection.account_name || name;
  const needsPerson = connection.state === "needs_reconnect";
  const check = element("button", { type: "button", class: "button plain small", text: "Check",
    id: `check-${connection.id}`, "aria-label": `Check ${name}: ${account}`, onclick: () => {
      if (check.getAttribute("aria-disabled") !== "true") connections.check(connection, check);
    } });
  return [
    provider ? element("button", { type: "button", class: `button small${needsPerson ? "" : " plain"}`,
      text: "Reconnect", "aria-label": `Reconnect ${name}: ${account}`,
      onclick: () => connections.reconnect(connection) }) : null,
    needsPerson ? null : check,
    element("button", { type: "button", class: "button plain small", text: "Disconnect…",
      "aria-label": `Disconnect ${name}: ${account}`, onclick: () => connections.disconnect(connection) }),
  ].filter(Boolean);
}
