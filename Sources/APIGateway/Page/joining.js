// Coming into a company: founding one, or accepting an invitation.

import { call } from "./api.js";
import { element } from "./elements.js";
import { Field } from "./fields.js";
import { Form } from "./form.js";
import { invitation } from "./links.js";
import { session } from "./session.js";
import { keepNotice } from "./toast.js";

export function newCompanyPage() {
  const form = new Form({
    about: "New company", button: "Make the company",
    fields: [new Field({ name: "name", label: "Name of the company", maxlength: "200", required: true,
      autocomplete: "organization" })],
    run: async (body) => {
      const company = await call("/api/v1/companies", { method: "POST", body });
      enter(company, `${company.name} is made. Invite the others under “Company”.`);
    },
  });
  return {
    title: "New company",
    about: "A company is a workspace that several people share: its tasks, conversations and jobs. You become its "
      + "owner, and invite others.",
    nodes: [form.node],
    opened: () => form.focus(),
  };
}

/** Opens when somebody with an invitation has signed in. */
export function invitationPage() {
  const form = new Form({
    about: "Invitation", button: "Join the company", fields: [],
    run: async () => {
      const company = await call("/api/v1/invitations/accept", { method: "POST", body: { token: invitation.get() } });
      invitation.clear();
      enter(company, `Welcome to ${company.name}.`);
    },
  });
  form.actions.append(element("a", { class: "button plain", href: "/", text: "Not now",
    onclick: () => invitation.clear() }));
  return {
    title: "You are invited",
    about: "Somebody invited you to work in their company on Errand. The others there will see your name and e-mail "
      + `address (${session.user.email}).`,
    nodes: [form.node],
  };
}

function enter(company, notice) {
  session.companies.push(company);
  keepNotice(notice);
  session.moveTo(company.id);
}
