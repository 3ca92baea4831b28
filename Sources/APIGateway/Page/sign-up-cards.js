// Making an account, and confirming the address it is made with.

import { call } from "./api.js";
import { element, icon } from "./elements.js";
import { Field, emailField, newPasswordField } from "./fields.js";
import { Form } from "./form.js";
import { backToSignIn, insecureNotice, nothingThere } from "./gate-notices.js";
import { invitedNotice } from "./invitation-card.js";
import { Problem } from "./problem.js";
import { accounts, session } from "./session.js";
import { keepNotice } from "./toast.js";

export function signUpCard(gate) {
  const form = new Form({
    about: "Create your account", button: "Create account",
    fields: [
      new Field({ name: "name", label: "Your name", autocomplete: "name", maxlength: "200", isOptional: true }),
      emailField({ value: gate.email }), newPasswordField(),
    ],
    codes: {
      REGISTER_INVALID_PASSWORD: ["password", ""],
      REGISTER_USER_ALREADY_EXISTS: ["email", "This address has an account. Sign in, or choose a new password."],
    },
    run: async (values) => {
      await call("/api/v1/auth/register", { method: "POST", body: values, isOpen: true });
      gate.email = values.email;
      if (accounts.mustVerify) return gate.showMailSent(values.email);
      await session.signIn(values.email, values.password);
      gate.entered();
    },
  });
  return {
    title: "Create your account",
    focus: () => form.focus(),
    nodes: [invitedNotice(), insecureNotice(), form.node, backToSignIn("Have an account already? ", "Sign in")],
  };
}

/** A mail is on its way. It says the same for an address that has an account: nobody learns who has one. */
export function mailSentCard(gate, email) {
  return {
    title: "Look into your mail",
    nodes: [
      element("p", {}, "We have sent a mail to ", element("strong", { text: email }),
        ". Open the link in it to confirm your address; then you can sign in. The link works for a day."),
      nothingThere(),
      resendForm(email).node,
      backToSignIn("Confirmed already? ", "Sign in"),
    ],
  };
}

function resendForm(email, wantsAddress = false) {
  const form = new Form({
    about: "Send the mail again", button: "Send the mail again", kind: "plain",
    fields: wantsAddress ? [emailField({ value: email })] : [],
    run: async (values) => {
      await call("/api/v1/auth/request-verify-token",
        { method: "POST", body: { email: values.email ?? email }, isOpen: true });
      form.praise("Sent. If this address still waits to be confirmed, a new mail is on its way.");
    },
  });
  return form;
}

/** Follows the link of a mail. */
export function verifyCard(gate, token) {
  verify(gate, token);
  const moment = element("p", { class: "loading" }, icon("running", true), "One moment…");
  return { title: "Confirming your address", nodes: [moment] };
}

async function verify(gate, token) {
  try {
    const user = await call("/api/v1/auth/verify", { method: "POST", body: { token }, isOpen: true });
    confirmed(gate, user.email);
  } catch (error) {
    if (error.code === "VERIFY_USER_ALREADY_VERIFIED") return confirmed(gate, "");
    gate.show(error instanceof Problem && error.status < 500 && error.status !== 429
      ? badLinkCard(gate) : tryAgainCard(gate, token, error));
  }
}

function confirmed(gate, email) {
  gate.email = email || gate.email;
  if (session.isLikely) {
    keepNotice("Your e-mail address is confirmed.");
    return gate.entered();
  }
  gate.go("sign-in", "Your e-mail address is confirmed. You can sign in now.");
}

function badLinkCard(gate) {
  return {
    title: "This link does not work any more",
    nodes: [
      element("p", { text: "It is too old, or not complete. Ask for a new one." }),
      resendForm(gate.email, true).node, backToSignIn("Confirmed already? ", "Sign in"),
    ],
  };
}

function tryAgainCard(gate, token, error) {
  const form = new Form({
    about: "Confirm your address", button: "Try again", fields: [], run: () => gate.show(verifyCard(gate, token)),
  });
  queueMicrotask(() => form.fail(error));
  return { title: "Your address is not confirmed yet", nodes: [form.node] };
}
