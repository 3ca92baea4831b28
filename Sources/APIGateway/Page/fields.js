// The fields of forms: a label, a hint, the input, and beside it what is wrong with it.

import { element, icon, setText } from "./elements.js";
import { accounts } from "./session.js";

let count = 0;

/**
 * One field. `type` is that of an input, or textarea, or select with `choices` of [value, text]. What is not named here
 * becomes an attribute of the input.
 */
export class Field {
  #isSecret;

  constructor({ name, label, hint = "", type = "text", choices = [], value, isOptional = false, ...attributes }) {
    this.name = name;
    this.label = label;
    this.#isSecret = type === "password";
    const id = `${name}-${count += 1}`;
    const described = hint ? `${id}-hint ${id}-error` : `${id}-error`;
    this.input = makeInput(type, choices, { id, name, "aria-describedby": described, ...attributes });
    if (value !== undefined) this.input.value = value;
    this.error = element("p", { class: "field-error", id: `${id}-error`, hidden: true });
    this.node = element("div", { class: "entry" },
      element("label", { for: id }, label, isOptional ? element("span", { class: "soft", text: " (optional)" }) : null),
      hint ? element("p", { class: "entry-hint", id: `${id}-hint`, text: hint }) : null,
      this.#isSecret ? withReveal(this.input, label) : this.input, this.error);
    this.input.addEventListener("input", () => this.say(""));
  }

  get value() { return this.#isSecret ? this.input.value : this.input.value.trim(); }
  set value(value) { this.input.value = value; }

  /** Shows what is wrong with the field; "" for nothing. */
  say(text) {
    this.error.hidden = text === "";
    setText(this.error, text);
    if (text === "") this.input.removeAttribute("aria-invalid");
    else this.input.setAttribute("aria-invalid", "true");
  }

  /** What is wrong before anything is sent; "" for nothing. */
  check() {
    const { validity, type, value, required, minLength } = this.input;
    if (validity.badInput) return "This is not complete.";
    if (required && value.trim() === "") return "This is needed.";
    if (type === "email" && validity.typeMismatch) return "This is not an e-mail address.";
    if (minLength > 0 && value !== "" && [...value].length < minLength) return `Use at least ${minLength} characters.`;
    return "";
  }

  /** A password is never left readable. */
  cover() { if (this.#isSecret) this.input.type = "password"; }
}

function makeInput(type, choices, attributes) {
  if (type === "textarea") return element("textarea", { rows: "4", ...attributes });
  if (type !== "select") return element("input", { type, ...attributes });
  return element("select", attributes, ...choices.map(([value, text]) => element("option", { value, text })));
}

/** A password can be looked at: nobody has to type blindly. */
function withReveal(input, label) {
  const button = element("button", {
    type: "button", class: "reveal", "aria-pressed": "false", "aria-controls": input.id,
    "aria-label": `Show: ${label.toLowerCase()}`,
  }, icon("eye"));
  button.addEventListener("click", () => {
    input.type = input.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(input.type === "text"));
  });
  return element("div", { class: "secret" }, input, button);
}

export const emailField = (more = {}) => new Field({
  name: "email", label: "E-mail address", type: "email", autocomplete: "username", inputmode: "email",
  autocapitalize: "off", spellcheck: "false", maxlength: "254", required: true, ...more,
});

export const passwordField = (more = {}) => new Field({
  name: "password", label: "Password", type: "password", autocomplete: "current-password", maxlength: "1024",
  autocapitalize: "off", spellcheck: "false", required: true, ...more,
});

export const newPasswordField = (more = {}) => passwordField({
  autocomplete: "new-password", minlength: String(accounts.minPasswordCharacters),
  hint: `At least ${accounts.minPasswordCharacters} characters. Several unrelated words are good.`, ...more,
});
