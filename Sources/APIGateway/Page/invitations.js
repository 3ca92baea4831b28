// Who is invited to a company, and inviting more.

import { call, readAll } from "./api.js";
import { byID, element, group, icon, time } from "./elements.js";
import { Field, emailField } from "./fields.js";
import { Form } from "./form.js";
import { Listing } from "./listing.js";
import { companyPath, givenRoles, roleName } from "./roles.js";
import { toast, toastError } from "./toast.js";

export function invitationsGroup(company) {
  const path = `${companyPath(company)}/invitations`;
  const listing = new Listing({
    label: "Open invitations", empty: "No invitation is open.", row: (each) => row(each, path, listing),
    load: async () => ({ items: await readAll(path, "invitations") }),
  });
  const form = new Form({
    about: "Invite somebody", button: "Send invitation",
    fields: [
      emailField({ autocomplete: "off", label: "E-mail address" }),
      new Field({ name: "role", label: "Role", type: "select", value: "member",
        choices: givenRoles().map(([name, title, about]) => [name, `${title}: ${about}`]) }),
    ],
    codes: { already_member: ["email", "Somebody with this address is a member already."] },
    run: async (body) => {
      await call(path, { method: "POST", body });
      form.clear();
      form.field("role").value = "member";
      await listing.reload();
      form.praise(`${body.email} gets a mail with a link. It works for seven days.`);
      form.focus();
    },
  });
  return { node: group("Invite somebody", form.node, listing.node), load: () => listing.reload() };
}

function row(invitation, path, listing) {
  const withdraw = async () => {
    try {
      await call(`${path}/${encodeURIComponent(invitation.id)}`, { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) return toastError(error);
    }
    listing.remove(invitation.id, byID("settings-title"));
    toast("The invitation is withdrawn.");
  };
  return [
    icon("mail"),
    element("div", { class: "row-text" }, element("p", { class: "row-title", text: invitation.email }),
      element("p", { class: "row-note" }, `as ${roleName(invitation.role).toLowerCase()} · invited `,
        time(invitation.created_at), " · works until ", time(invitation.expires_at))),
    element("button", { type: "button", class: "button plain small", text: "Withdraw",
      "aria-label": `Withdraw the invitation of ${invitation.email}`, onclick: withdraw }),
  ];
}
