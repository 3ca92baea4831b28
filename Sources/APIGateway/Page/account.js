// The account: name, e-mail address, password, and its end.

import { drawMenu } from "./account-menu.js";
import { call } from "./api.js";
import { askDialog } from "./ask-dialog.js";
import { element, group } from "./elements.js";
import { Field, emailField, newPasswordField, passwordField } from "./fields.js";
import { Form } from "./form.js";
import { session } from "./session.js";
import { toast } from "./toast.js";

const path = "/api/v1/auth/me";
const currentPassword = (more = {}) => passwordField({ name: "current_password", label: "Current password", ...more });

export function accountPage() {
  return {
    title: "Account",
    nodes: [
      group("Name", nameForm().node),
      group("E-mail address", emailForm().node),
      group("Password", passwordForm().node),
      group("Delete the account", element("p", { class: "soft", text: "Deletes your account and everything in your own "
        + "workspace: conversations, jobs, tasks and keys. What you wrote in companies stays with them." }),
      element("button", { type: "button", class: "button danger", text: "Delete my account…", onclick: askToDelete })),
    ],
  };
}

async function change(body) {
  session.user = await call(path, { method: "PATCH", body });
  drawMenu();
}

function nameForm() {
  return new Form({
    about: "Name", button: "Save name", kind: "plain",
    fields: [new Field({ name: "name", label: "Your name", autocomplete: "name", maxlength: "200",
      value: session.user.name, hint: "Members of your companies see it." })],
    run: async ({ name }) => {
      await change({ name });
      toast("Your name is saved.");
    },
  });
}

function emailForm() {
  const now = element("p", {}, "Now ", element("strong", { text: session.user.email }));
  const form = new Form({
    about: "E-mail address", button: "Change address", kind: "plain", before: [now],
    fields: [emailField({ label: "New e-mail address", autocomplete: "email" }), currentPassword()],
    codes: {
      wrong_password: ["current_password", "This is not your current password."],
      UPDATE_USER_EMAIL_ALREADY_EXISTS: ["email", "This address cannot be used. Choose another one."],
    },
    run: async (body) => {
      await change(body);
      form.clear();
      if (session.user.email === body.email.toLowerCase()) return form.praise("Your e-mail address is changed.");
      form.praise(`We have sent a mail to ${body.email}. The address changes when you open the link in it; until then `
        + "you sign in with the old one.");
    },
  });
  return form;
}

function passwordForm() {
  const form = new Form({
    about: "Password", button: "Change password", kind: "plain",
    // Hidden, for the browser's password store: it learns whose password changes.
    before: [element("input", { class: "hidden", type: "email", autocomplete: "username", value: session.user.email,
      readonly: true, tabindex: "-1", "aria-hidden": "true" })],
    fields: [currentPassword(), newPasswordField({ name: "new_password", label: "New password" })],
    codes: {
      wrong_password: ["current_password", "This is not your current password."],
      UPDATE_USER_INVALID_PASSWORD: ["new_password", ""],
    },
    run: async (body) => {
      await call("/api/v1/auth/change-password", { method: "POST", body });
      form.clear();
      form.praise("Your password is changed. All other devices are signed out.");
    },
  });
  return form;
}

function askToDelete() {
  askDialog({
    title: "Delete your account?",
    about: `The account ${session.user.email} and everything in its own workspace will be deleted. Nobody can bring it `
      + "back.",
    fields: [currentPassword({ label: "Your password, to be sure" })],
    button: "Delete my account", kind: "danger",
    codes: { wrong_password: ["current_password", "This is not your password."] },
    run: async (body) => {
      await call(path, { method: "DELETE", body });
      session.forget();
      location.replace("/");
    },
  });
}
