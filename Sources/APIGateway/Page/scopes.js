// What an API key may do: chosen as a set of boxes, told in words.

import { element, setText } from "./elements.js";
import { session } from "./session.js";

const areas = [
  ["jobs", "Jobs", "see jobs and their results", "start and cancel jobs"],
  ["chat", "Chat", "read conversations", "write messages"],
  ["schedules", "Schedules", "see schedules", "make and change schedules"],
  ["tasks", "Tasks", "read tasks", "make and change tasks"],
  ["connections", "Connections", "see connected accounts", "connect and disconnect accounts"],
  ["calendars", "Calendars", "see calendars and what is in them", "make and change events"],
  ["company", "Company", "see the company and its members", "change members and invitations"],
  ["keys", "API keys", "see keys", "make and revoke keys"],
  ["audit", "Activity", "read the activity log", null],
];
const chosenAtFirst = ["jobs:read", "jobs:write"];

/** A field of a Form: its value is the list of the scopes that are ticked. */
export class ScopeChoice {
  name = "scopes";
  #boxes = [];

  constructor() {
    const rows = areas.filter(([area]) => session.may(`${area}:read`)).map((area) => this.#row(area));
    this.error = element("p", { class: "field-error", id: "scopes-error", hidden: true });
    this.node = element("fieldset", { class: "scopes", "aria-describedby": "scopes-error" },
      element("legend", { text: "What may it do?" }), ...rows, this.error);
    [this.input] = this.#boxes;
    this.node.addEventListener("change", () => this.say(""));
  }

  get value() { return this.#boxes.filter((box) => box.checked).map((box) => box.value); }

  say(text) {
    this.error.hidden = text === "";
    setText(this.error, text);
    for (const box of this.#boxes) box.toggleAttribute("aria-invalid", text !== "");
  }

  check() { return this.value.length === 0 ? "Choose at least one." : ""; }
  cover() {}

  #row([area, title, reads, writes]) {
    return element("div", { class: "scope", role: "group", "aria-label": title }, element("span", { text: title }),
      this.#box(`${area}:read`, "read", reads),
      writes && session.may(`${area}:write`) ? this.#box(`${area}:write`, "change", writes) : null);
  }

  #box(scope, word, words) {
    const box = element("input", { type: "checkbox", value: scope, "aria-label": words });
    box.checked = chosenAtFirst.includes(scope);
    this.#boxes.push(box);
    return element("label", { class: "check", title: words }, box, word);
  }
}

/** "Jobs: read and change · Tasks: read" */
export function scopeWords(scopes) {
  const known = areas.map(([area, title]) => {
    const words = [scopes.includes(`${area}:read`) ? "read" : "", scopes.includes(`${area}:write`) ? "change" : ""];
    const given = words.filter(Boolean).join(" and ");
    return given && `${title}: ${given}`;
  });
  return [...known, scopes.includes("tokens:disclose") ? "Get the tokens of connected accounts" : "",
    scopes.includes("operate") ? "Operate the system" : ""].filter(Boolean).join(" · ");
}
