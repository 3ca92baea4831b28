// Forms: one request at a time, and what the server says against it beside the field it is about.

import { element, icon, setText } from "./elements.js";
import { Problem, waitingTime, words } from "./problem.js";

/**
 * A form that sends itself. `run(values)` does the work and may throw; `button` names it. `codes` gives problem codes
 * words of their own: { CODE: "text" } or { CODE: ["field", "text"] }, text "" for the problem's reason.
 */
export class Form {
  #submit;
  #label;
  #run;
  #codes;
  #timer = 0;
  #isBusy = false;

  constructor({ fields, button, run, codes = {}, kind = "", before = [], after = [], about = "" }) {
    this.fields = fields;
    this.#label = element("span", { text: button });
    this.#submit = element("button", { class: `button ${kind}`.trim(), type: "submit" }, this.#label);
    this.#run = run;
    this.#codes = codes;
    this.notice = element("div", { class: "notice error", role: "alert", hidden: true });
    this.actions = element("div", { class: "form-actions" }, this.#submit);
    this.node = element("form", { class: "form", novalidate: true, "aria-label": about || null },
      ...before, this.notice, ...fields.map((field) => field.node), this.actions, ...after);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  get values() { return Object.fromEntries(this.fields.map((field) => [field.name, field.value])); }
  field(name) { return this.fields.find((field) => field.name === name); }
  focus() { (this.fields.find((field) => field.input.value === "") ?? this.fields[0])?.input.focus(); }

  /** As it was when it was made, passwords forgotten. */
  clear() {
    this.node.reset();
    for (const field of this.fields) {
      field.say("");
      field.cover();
    }
    this.#tell("");
  }

  async #send() {
    if (this.#isBusy || this.#timer !== 0) return;
    this.#tell("");
    const wrong = this.fields.filter((field) => {
      field.say(field.check());
      return field.input.hasAttribute("aria-invalid");
    });
    if (wrong.length > 0) return wrong[0].input.focus();
    this.#busy(true);
    try {
      await this.#run(this.values);
    } catch (error) {
      this.fail(error);
    } finally {
      this.#busy(false);
    }
  }

  /** Says what went wrong: beside the field it is about where there is one, else above the form. */
  fail(error) {
    this.#busy(false);
    const wrong = error instanceof Problem ? this.#fieldErrors(error) : [];
    for (const [field, text] of wrong) field.say(text);
    if (wrong.length > 0) return wrong[0][0].input.focus();
    const known = this.#codes[error.code];
    this.#tell(typeof known === "string" ? known : words(error), error.status >= 500 ? error.requestID : "");
    if (error.status === 429 && error.retryAfterSeconds) this.#wait(Math.ceil(error.retryAfterSeconds));
    this.#submit.focus();
  }

  #fieldErrors(error) {
    const known = this.#codes[error.code];
    if (Array.isArray(known)) return [[this.field(known[0]), known[1] || sentence(error.reason || error.title)]];
    return error.fields.map(({ field, message }) => [this.field(field), sentence(message)]).filter(([field]) => field);
  }

  /** Says that it is done, where the form stays. */
  praise(text) { this.#tell(text, "", "good"); }

  /** Says what is wrong where no problem of the server says it. */
  say(text) { this.#tell(text); }

  #tell(text, requestID = "", kind = "error") {
    this.notice.hidden = text === "";
    this.notice.className = `notice ${kind}`;
    this.notice.replaceChildren();
    if (text === "") return;
    const request = requestID ? element("span", { class: "request" }, "Request ", element("code", { text: requestID }))
      : null;
    this.notice.append(icon(kind === "good" ? "succeeded" : "alert"), element("p", {}, text, request));
  }

  #busy(isBusy) {
    this.#isBusy = isBusy;
    this.node.setAttribute("aria-busy", String(isBusy));
    this.#submit.classList.toggle("busy", isBusy);
  }

  /** Counts down on the button until the server takes another try. */
  #wait(seconds) {
    const text = this.#label.textContent;
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) return setText(this.#label, `Wait ${waitingTime(left)}`);
      clearInterval(this.#timer);
      this.#timer = 0;
      setText(this.#label, text);
      this.#submit.removeAttribute("aria-disabled");
      this.#tell("");
    };
    this.#submit.setAttribute("aria-disabled", "true");
    this.#timer = setInterval(tick, 1000);
    tick();
  }
}

/** "must be shorter" as a sentence of its own. */
function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
