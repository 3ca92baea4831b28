// Elements, icons and times: how the page's parts are written. Text is only ever inserted as text nodes.

import { Problem, words } from "./problem.js";

export const byID = (id) => document.getElementById(id);

/** An element with properties (`text`, `on…` listeners, attributes) and children; null children are left out. */
export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") node.textContent = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name, spins = false) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("aria-hidden", "true");
  if (spins) svg.classList.add("spin");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A part of a page with a heading of its own. */
export function group(title, ...nodes) {
  return element("section", { class: "group" }, element("h2", { text: title }), ...nodes);
}

/** Sets text only where it differs, so that screen readers and selections are left alone. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Says something once to screen readers. */
export function announce(text) {
  const region = byID("announce");
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 50);
}

/** Fills an error notice with plain words, the request id, and an action; null hides it. */
export function showError(notice, error, action = null) {
  notice.replaceChildren();
  notice.hidden = error === null;
  if (error === null) return;
  const requestID = error instanceof Problem ? error.requestID : "";
  notice.append(
    icon("alert"),
    element("p", {}, words(error), requestID === "" ? null : element("span", { class: "request" },
      "Request ", element("code", { text: requestID }))),
  );
  if (!action) return;
  const { text, run } = action;
  notice.append(element("button", { type: "button", class: "link-button", text, onclick: run }));
}

const stateWords = {
  queued: "Queued", scheduled: "Scheduled", running: "Running", waiting: "Waiting",
  succeeded: "Succeeded", failed: "Failed", cancelled: "Cancelled",
};
export const isFinished = (state) => ["succeeded", "failed", "cancelled"].includes(state);
export const stateWord = (state) => stateWords[state] ?? state;
export const stateIcon = (state) => icon(stateWords[state] ? state : "queued", state === "running");

/** "3m ago", "in 5s", "just now"; older than six days the date. */
export function relativeTime(iso, now = Date.now()) {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (!Number.isFinite(seconds)) return "";
  if (seconds <= 0 && seconds > -10) return "just now";
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
  const steps = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  if (unit === "day" && seconds < -6 * 86_400) {
    return new Date(iso).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
  }
  return format.format(Math.round(seconds / size), unit);
}

export function exactTime(iso) {
  return iso ? new Date(iso).toLocaleString("en", { dateStyle: "medium", timeStyle: "medium" }) : "";
}

/** A time as its distance from now, with the exact one as its tooltip. */
export const time = (iso) => element("time", { datetime: iso, title: exactTime(iso), text: relativeTime(iso) });

/** "420 ms", "3.2 s", "4 min 10 s". */
export function duration(milliseconds) {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
