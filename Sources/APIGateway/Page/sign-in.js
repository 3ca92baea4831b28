// Signing in: the form, used on the gate and in the dialog when a session has ended.

import { emailField, passwordField } from "./fields.js";
import { Form } from "./form.js";
import { Problem } from "./problem.js";
import { CookieRefused, accounts, session } from "./session.js";

const noCookie = "E-mail address and password are right, but this browser did not keep the session. That needs an "
  + "address that begins with https://, or localhost, and cookies that are allowed.";
const wrong = accounts.mustVerify
  ? "E-mail address and password do not belong together, or the address is not confirmed yet. Look for our mail with "
    + "the link."
  : "E-mail address and password do not belong together.";

/** `done()` is called when somebody has signed in. */
export function signInForm({ done, email = "", button = "Sign in", after = [] }) {
  const form = new Form({
    about: "Sign in", button, after,
    fields: [emailField({ value: email, readonly: email !== "" }), passwordField()],
    codes: { LOGIN_BAD_CREDENTIALS: wrong, LOGIN_USER_NOT_VERIFIED: wrong },
    run: async ({ email: address, password }) => {
      try {
        await session.signIn(address, password);
      } catch (error) {
        if (error instanceof CookieRefused) return form.say(noCookie);
        const isWrong = error instanceof Problem && error.code.startsWith("LOGIN_");
        if (isWrong) form.field("password").value = "";
        throw error;
      }
      done();
    },
  });
  return form;
}
