// The session ended while the page was in use: signing in again happens above it, and nothing typed is lost.

import { byID, element } from "./elements.js";
import { speakOfKeys } from "./problem.js";
import { session } from "./session.js";
import { signInForm } from "./sign-in.js";

const dialog = byID("ended-dialog");

/** Asks for the password of who was here; `done()` when they are signed in again. */
export function signInAgain(done) {
  if (dialog.open) return;
  const { email, id } = session.user;
  const form = signInForm({
    email, button: "Sign in again",
    done: () => {
      if (session.user.id !== id) return location.replace("/");
      dialog.close();
      done();
    },
  });
  form.actions.append(element("button", { type: "button", class: "button plain", text: "Somebody else", onclick: () => {
    session.forget();
    location.replace("/");
  } }));
  speakOfKeys(false);
  dialog.replaceChildren(element("h2", { id: "ended-title", text: "Your session has ended" }),
    element("p", { id: "ended-about", class: "soft", text: "Sign in again to go on where you were. What you typed is "
      + "still here." }), form.node);
  dialog.showModal();
  form.focus();
}

dialog.addEventListener("cancel", (event) => event.preventDefault());
