// Choosing a new password when the old one is forgotten.

import { call } from "./api.js";
import { element } from "./elements.js";
import { emailField, newPasswordField } from "./fields.js";
import { Form } from "./form.js";
import { backToSignIn, nothingThere } from "./gate-notices.js";

export function forgotCard(gate) {
  const form = new Form({
    about: "Choose a new password", button: "Send me a link", fields: [emailField({ value: gate.email })],
    run: async ({ email }) => {
      await call("/api/v1/auth/forgot-password", { method: "POST", body: { email }, isOpen: true });
      gate.email = email;
      gate.show(linkSentCard(email));
    },
  });
  return {
    title: "Forgot your password?",
    focus: () => form.focus(),
    nodes: [
      element("p", { class: "soft", text: "We send you a link with which you can choose a new one." }),
      form.node, backToSignIn("Remembered it? ", "Sign in"),
    ],
  };
}

function linkSentCard(email) {
  return {
    title: "Look into your mail",
    nodes: [
      element("p", {}, "If ", element("strong", { text: email }),
        " has an account, a mail with a link is on its way. The link works for an hour, and once."),
      nothingThere(),
      element("p", { class: "gate-other" }, element("a", { href: "/?view=forgot", text: "Send another one" }), " or ",
        element("a", { href: "/?view=sign-in", text: "sign in" })),
    ],
  };
}

/** The link of the mail leads here. The name of the account is not known, so there is no field for it to go with. */
export function resetCard(gate, token) {
  const form = new Form({
    about: "Choose a new password", button: "Save the new password",
    fields: [newPasswordField({ label: "New password" })],
    codes: {
      RESET_PASSWORD_INVALID_PASSWORD: ["password", ""],
      RESET_PASSWORD_BAD_TOKEN: "This link was used already, is too old, or is not complete. Ask for a new one.",
    },
    run: async ({ password }) => {
      await call("/api/v1/auth/reset-password", { method: "POST", body: { token, password }, isOpen: true });
      gate.go("sign-in", "Your new password is saved, and you are signed out everywhere. Sign in with it.");
    },
  });
  return {
    title: "Choose a new password",
    focus: () => form.focus(),
    nodes: [form.node, element("p", { class: "gate-other" },
      element("a", { href: "/?view=forgot", text: "Ask for a new link" }), " or ",
      element("a", { href: "/?view=sign-in", text: "sign in" }))],
  };
}
