// What somebody sees who has not signed in: one card at a time, with one thing to do on each.

import { byID, element, icon } from "./elements.js";
import { insecureNotice } from "./gate-notices.js";
import { invitedNotice } from "./invitation-card.js";
import { hasLink, takeLink } from "./links.js";
import { forgotCard, resetCard } from "./password-cards.js";
import { signInForm } from "./sign-in.js";
import { mailSentCard, signUpCard, verifyCard } from "./sign-up-cards.js";

const cards = { "sign-in": signInCard, "sign-up": signUpCard, forgot: forgotCard };

export class Gate {
  #isOpen = false;
  #wanted = "/";
  #note = null;
  #entered;
  #askForKey;

  /** `entered(address)`: somebody signed in and wanted this; `askForKey()`: they would rather use an API key. */
  constructor({ entered, askForKey }) {
    this.#entered = entered;
    this.#askForKey = askForKey;
  }

  get isOpen() { return this.#isOpen; }
  get hasLink() { return hasLink(); }
  /** The address that was typed last: the next card has it already. */
  email = "";

  /** Opens where the address says, or at what a mail's link asks for. */
  open() {
    this.#isOpen = true;
    document.body.classList.add("at-gate");
    document.body.classList.remove("starting");
    byID("gate").hidden = false;
    if (!(this.#view in cards)) this.#wanted = location.pathname + location.search;
    this.route();
  }

  close() {
    this.#isOpen = false;
    document.body.classList.remove("at-gate");
    byID("gate").hidden = true;
    byID("gate-card").replaceChildren();
  }

  /** The card of the address, or of a mail's link, which goes first. */
  route() {
    const link = takeLink();
    if (link?.name === "verify") return this.show(verifyCard(this, link.secret));
    if (link?.name === "reset") return this.show(resetCard(this, link.secret));
    this.show((cards[this.#view] ?? signInCard)(this));
  }

  /** Goes to a card with an address of its own; `note` is said on it. */
  go(view, note = "") {
    this.#note = note;
    const address = view === "sign-in" ? "/" : `/?view=${view}`;
    if (location.pathname + location.search !== address) history.pushState(null, "", address);
    this.route();
  }

  showMailSent(email) { this.show(mailSentCard(this, email)); }
  askForKey() { this.#askForKey(); }

  entered() {
    this.close();
    history.replaceState(null, "", this.#wanted);
    this.#entered();
  }

  /** A card is { title, nodes, focus? }. The focus goes to what is to be done, and the title is read with it. */
  show({ title, nodes, focus }) {
    const heading = element("h1", { id: "gate-title", tabindex: "-1", text: title });
    const note = this.#note && element("div", { class: "notice good", role: "status" }, icon("succeeded"),
      element("p", { text: this.#note }));
    this.#note = null;
    byID("gate-card").replaceChildren(...[heading, note, ...nodes].filter(Boolean));
    document.title = `${title} · Errand`;
    if (focus) focus();
    else heading.focus();
  }

  get #view() { return new URLSearchParams(location.search).get("view") ?? ""; }
}

function signInCard(gate) {
  const form = signInForm({ done: () => gate.entered() });
  if (gate.email) form.field("email").value = gate.email;
  const invited = invitedNotice();
  return {
    title: invited ? "You are invited" : "Sign in",
    focus: () => form.focus(),
    nodes: [
      invited,
      invited ? element("p", { class: "soft", text: "Sign in with the e-mail address the invitation was sent to, or "
        + "create an account with it. Then you can join." }) : null,
      insecureNotice(),
      form.node,
      element("p", { class: "gate-links" }, element("a", { href: "/?view=forgot", text: "Forgot your password?" })),
      element("p", { class: "gate-other" }, "New here? ",
        element("a", { href: "/?view=sign-up", text: "Create an account" })),
      element("p", { class: "gate-other" }, element("button", {
        type: "button", class: "link-button", id: "use-key", text: "Use an API key instead",
        onclick: () => gate.askForKey(),
      })),
    ],
  };
}
