// The draft of the next message and its buttons.

import { newKey, postMessage } from "./api.js";
import { announce, byID, showError } from "./elements.js";
import { Problem, words } from "./problem.js";

const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;

/** The draft and its idempotency key outlive a failed post and a reload of this tab. */
export class Composer {
  #conversation = null;
  #isSending = false;
  #running = undefined;
  /** Why nothing can be written here; "" where it can. */
  #refusal = "";
  #draft = byID("draft");
  #parts;

  constructor(parts) {
    this.#parts = parts;
    byID("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    byID("stop").addEventListener("click", () => {
      parts.stop();
      this.takeRunning(this.#running);
      this.focus();
    });
    this.#draft.addEventListener("input", () => this.#changed());
    this.#draft.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || !hasKeyboard) return;
      event.preventDefault();
      byID("composer").requestSubmit();
    });
  }

  /** Puts the cursor into the draft, but where that would bring up an on-screen keyboard. */
  focus() { if (hasKeyboard) this.#draft.focus({ preventScroll: true }); }

  turnTo(conversation) {
    this.#conversation = conversation;
    this.#draft.value = this.#kept.text ?? "";
    showError(byID("post-error"), null);
    this.fit();
  }

  /** The new conversation got its id: what was typed meanwhile moves along. */
  moveTo(conversation) {
    sessionStorage.removeItem(this.#slot);
    this.#conversation = conversation;
    this.#changed();
  }

  /** Closes the field for whoever may only read. */
  refuse(reason) {
    this.#refusal = reason;
    this.#draft.disabled = reason !== "";
    this.#hint();
    this.fit();
  }

  propose(text) {
    if (this.#draft.value.trim() === "") this.#draft.value = text;
    this.#changed();
    this.focus();
  }

  takeRunning(running) {
    this.#running = running;
    const isRunning = running !== undefined && running.jobID !== null;
    byID("stop").hidden = !isRunning;
    byID("stop").disabled = !isRunning || !running.canStop;
    this.#hint();
  }

  get #slot() { return `errand.draft.${this.#conversation ?? "new"}`; }
  get #kept() { return JSON.parse(sessionStorage.getItem(this.#slot) ?? "{}"); }

  #changed() {
    const text = this.#draft.value;
    const { text: keptText, key } = this.#kept;
    if (text === "") sessionStorage.removeItem(this.#slot);
    else sessionStorage.setItem(this.#slot, JSON.stringify({ text, key: text === keptText ? key : undefined }));
    this.fit();
  }

  async #send() {
    const text = this.#draft.value.trim();
    if (text === "" || this.#isSending) return;
    this.#isSending = true;
    const from = this.#conversation;
    const slot = this.#slot;
    const key = this.#kept.key ?? newKey();
    sessionStorage.setItem(slot, JSON.stringify({ text: this.#draft.value, key }));
    showError(byID("post-error"), null);
    this.fit();
    try {
      const answer = await postMessage(text, from, key);
      sessionStorage.removeItem(slot);
      if (this.#conversation === from) this.#draft.value = "";
      this.#parts.accepted(answer, text, from);
    } catch (error) {
      this.#refused(error, slot, from);
    } finally {
      this.#isSending = false;
      this.fit();
      this.#hint();
      if (document.activeElement === document.body) this.focus();
    }
  }

  /** A refusal for good gives the next try a new key; after anything else the same key makes the retry safe. */
  #refused(error, slot, from) {
    const isFinal = error instanceof Problem && error.status < 500 && ![401, 408, 409, 429].includes(error.status);
    if (isFinal) sessionStorage.setItem(slot, JSON.stringify({ text: JSON.parse(sessionStorage.getItem(slot)).text }));
    if (this.#conversation !== from) return announce(`A message was not sent. ${words(error)}`);
    showError(byID("post-error"), error, { text: "Send again", run: () => this.#send() });
    this.focus();
  }

  #hint() {
    const hint = this.#refusal ? this.#refusal
      : this.#isSending ? "Sending…"
      : this.#running ? "You can write on: the next message waits for this answer."
      : hasKeyboard ? "Enter sends, Shift + Enter makes a new line." : "";
    if (byID("hint-text").textContent !== hint) byID("hint-text").textContent = hint;
  }

  /** The buttons as the draft allows, the field as high as its text. */
  fit() {
    this.#draft.readOnly = this.#isSending;
    byID("send").disabled = this.#isSending || this.#draft.value.trim() === "";
    if (this.#draft.offsetParent === null) return;
    this.#draft.style.height = "auto";
    this.#draft.style.height = `${this.#draft.scrollHeight}px`;
  }
}
