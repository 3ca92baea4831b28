// What is said on several cards of the gate.

import { element, icon } from "./elements.js";
import { accounts } from "./session.js";

/** Without https a password could be read on its way, and the browser would not keep the session anyway. */
export function insecureNotice() {
  if (isSecureContext) return null;
  return element("div", { class: "notice later" }, icon("alert"), element("p", { text: "This page was opened without "
    + "https. Signing in needs an address that begins with https://, or localhost." }));
}

export function backToSignIn(question, text) {
  return element("p", { class: "gate-other" }, question, element("a", { href: "/?view=sign-in", text }));
}

export function nothingThere() {
  if (accounts.showsMail) {
    return element("p", { class: "notice later" }, "This server is set up for trying things out: it sends no mail, but "
      + "shows it ", element("a", { href: "/dev/mail", target: "_blank", text: "on a page of its own" }), ".");
  }
  const text = "Nothing there after a few minutes? Look into the folder for unwanted mail.";
  return element("p", { class: "soft", text });
}
