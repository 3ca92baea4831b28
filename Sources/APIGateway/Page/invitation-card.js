// What an invitation is to, for whoever holds its link: said before they join, and before they have an account.

import { call } from "./api.js";
import { element } from "./elements.js";
import { invitation } from "./links.js";
import { Problem, words } from "./problem.js";
import { roles } from "./roles.js";

let asked = { secret: "", answer: null };

/** { company, role, invited_by } of the invitation this browser keeps, asked for once. Throws Problem, Unreachable. */
export function readInvitation() {
  const secret = invitation.get();
  if (asked.secret === secret) return asked.answer;
  const answer = call("/api/v1/invitations/preview", { method: "POST", body: { token: secret }, isOpen: true });
  asked = { secret, answer };
  answer.catch(() => { asked = { secret: "", answer: null }; });
  return answer;
}

/** It was used, withdrawn, or is too old: nothing is to be had from asking again. */
export const isOver = (error) => error instanceof Problem && error.code === "invitation_bad_token";

/** Who invites to what, and as what. */
export function invitationWords({ company, role, invited_by: inviter }) {
  const [, title, about] = roles.find(([name]) => name === role) ?? [role, role, ""];
  return [
    element("p", {}, ...person(inviter), " to join ", element("strong", { text: company.name }), "."),
    element("p", {}, "Your role there: ", element("strong", { text: title }), about ? ` (${about}).` : "."),
  ];
}

function person(inviter) {
  if (inviter === null) return ["You are invited"];
  const name = element("strong", { text: inviter.name || inviter.email });
  return [name, inviter.name ? ` (${inviter.email})` : "", " invites you"];
}

/** On a card of the gate: null when nobody was invited. */
export function invitedNotice() {
  if (invitation.get() === "") return null;
  const notice = element("div", { class: "invited", role: "status" });
  readInvitation().then((preview) => notice.append(...invitationWords(preview)), (error) => {
    notice.append(element("p", { class: "notice later", text: words(error) }));
    if (isOver(error)) invitation.clear();
  });
  return notice;
}
