// A company: its name, its members and their roles, who is invited, and its end.

import { drawMenu } from "./account-menu.js";
import { call } from "./api.js";
import { askDialog } from "./ask-dialog.js";
import { element, group } from "./elements.js";
import { Field } from "./fields.js";
import { Form } from "./form.js";
import { invitationsGroup } from "./invitations.js";
import { membersGroup } from "./members.js";
import { companyPath, roleName } from "./roles.js";
import { session } from "./session.js";
import { keepNotice, toast } from "./toast.js";

export function companyPage() {
  const { company } = session;
  if (company === null) return personal();
  const rules = session.may("company:write");
  const members = membersGroup(company);
  const invitations = rules ? invitationsGroup(company) : null;
  return {
    title: company.name,
    about: `Your role here: ${roleName(company.role).toLowerCase()}.`,
    nodes: [
      rules ? group("Name", nameForm(company).node) : null, members.node, invitations?.node ?? null,
      leaving(company), company.role === "owner" ? ending(company) : null,
    ],
    opened: () => {
      members.load();
      invitations?.load();
    },
  };
}

function personal() {
  return {
    title: "Company",
    nodes: [element("p", { class: "soft", text: "You are in your own workspace, where nobody else is." }),
      element("p", {}, element("a", { class: "button", href: "/?view=new-company", text: "New company" }))],
  };
}

function nameForm(company) {
  return new Form({
    about: "Name of the company", button: "Save name", kind: "plain",
    fields: [new Field({ name: "name", label: "Name of the company", maxlength: "200", required: true,
      value: company.name, autocomplete: "organization" })],
    run: async (body) => {
      Object.assign(company, await call(companyPath(company), { method: "PATCH", body }));
      drawMenu();
      toast("The name is saved.");
    },
  });
}

function leaving(company) {
  const leave = async () => {
    await call(`${companyPath(company)}/members/${session.user.id}`, { method: "DELETE" });
    keepNotice(`You have left ${company.name}.`);
    session.moveTo("");
  };
  return group("Leave", element("p", { class: "soft", text: "You lose sight of everything in this company. What you "
    + "made stays here." }), element("button", { type: "button", class: "button plain", text: "Leave the company…",
    onclick: () => askDialog({ title: `Leave ${company.name}?`, button: "Leave", kind: "danger", run: leave,
      about: "You come back only by another invitation." }) }));
}

function ending(company) {
  const name = new Field({ name: "name", label: `Type the name “${company.name}”, to be sure`, required: true,
    autocomplete: "off" });
  name.check = () => (name.value === company.name ? "" : "This is not the name of the company.");
  const remove = async () => {
    await call(companyPath(company), { method: "DELETE" });
    keepNotice(`${company.name} is deleted.`);
    session.moveTo("");
  };
  return group("Delete the company", element("p", { class: "soft", text: "Deletes the company with its conversations, "
    + "jobs, tasks and keys, for all members." }), element("button", { type: "button", class: "button danger",
    text: "Delete the company…",
    onclick: () => askDialog({ title: `Delete ${company.name}?`, about: "Nobody can bring it back.", fields: [name],
      button: "Delete the company", kind: "danger", run: remove }) }));
}
