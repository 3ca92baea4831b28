// Coming into a company: founding one, or accepting an invitation.

import { call } from "./api.js";
import { element, icon, showError } from "./elements.js";
import { Field } from "./fields.js";
import { Form } from "./form.js";
import { invitationWords, isOver, readInvitation } from "./invitation-card.js";
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

/** Opens when somebody with an invitation has signed in: it says whom they would join, and then lets them. */
export function invitationPage() {
  const body = element("div", { class: "invited", role: "status" });
  return { title: "You are invited", nodes: [body], opened: () => showInvitation(body) };
}

async function showInvitation(body) {
  body.replaceChildren(element("p", { class: "loading" }, icon("running", true), "Loading…"));
  try {
    const preview = await readInvitation();
    body.replaceChildren(...invitationWords(preview), element("p", { class: "soft", text: "The others there will see "
      + `your name and e-mail address (${session.user.email}).` }), joinForm(preview.company).node);
  } catch (error) {
    const notice = element("div", { class: "notice error" });
    showError(notice, error, isOver(error) ? null : { text: "Try again", run: () => showInvitation(body) });
    body.replaceChildren(notice, element("p", {}, refusal("Go on without it")));
    if (isOver(error)) invitation.clear();
  }
}

function joinForm({ name }) {
  const form = new Form({
    about: "Invitation", button: `Join ${name}`, fields: [],
    run: async () => {
      const company = await call("/api/v1/invitations/accept", { method: "POST", body: { token: invitation.get() } });
      invitation.clear();
      enter(company, `Welcome to ${company.name}.`);
    },
  });
  form.actions.append(refusal("Not now"));
  return form;
}

const refusal = (text) => element("a", { class: "button plain", href: "/", text, onclick: () => invitation.clear() });

function enter(company, notice) {
  session.companies.push(company);
  keepNotice(notice);
  session.moveTo(company.id);
}
