// The members of a company and their roles.

import { call, readAll } from "./api.js";
import { askDialog } from "./ask-dialog.js";
import { byID, element, group, icon, time } from "./elements.js";
import { Listing } from "./listing.js";
import { companyPath, givenRoles, roleName } from "./roles.js";
import { session } from "./session.js";
import { toast, toastError } from "./toast.js";

/** All members of a company, 1,000 at most. */
export const readMembers = (company) => readAll(`${companyPath(company)}/members`, "members");

export function membersGroup(company) {
  const listing = new Listing({
    label: "Members", empty: "Nobody is here.", row: (member) => row(member, company, listing),
    load: async () => ({ items: (await readMembers(company)).map((member) => ({ ...member, id: member.user_id })) }),
  });
  return { node: group("Members", listing.node), load: () => listing.reload() };
}

function row(member, company, listing) {
  const isMe = member.user_id === session.user.id;
  const name = member.name || member.email;
  const mayChange = session.may("company:write") && !isMe && (member.role !== "owner" || company.role === "owner");
  return [
    icon("person"),
    element("div", { class: "row-text" },
      element("p", { class: "row-title" }, name, isMe ? element("span", { class: "tag good", text: "You" }) : null),
      element("p", { class: "row-note" }, member.name ? `${member.email} · ` : "", "joined ", time(member.created_at))),
    mayChange ? roleChoice(member, name, company, listing)
      : element("span", { class: "tag", text: roleName(member.role) }),
    mayChange ? element("button", { type: "button", class: "button plain small", text: "Remove…",
      "aria-label": `Remove ${name}`, onclick: () => askToRemove(member, name, company, listing) }) : null,
  ].filter(Boolean);
}

function roleChoice(member, name, company, listing) {
  const choice = element("select", { "aria-label": `Role of ${name}` },
    ...givenRoles().map(([value, text]) => element("option", { value, text })));
  choice.value = member.role;
  choice.addEventListener("change", async () => {
    try {
      await call(memberPath(company, member), { method: "PATCH", body: { role: choice.value } });
      member.role = choice.value;
      toast(`${name} is ${roleName(member.role).toLowerCase()} now.`);
    } catch (error) {
      choice.value = member.role;
      toastError(error);
      if (error.status === 404) listing.reload();
    }
  });
  return element("span", { class: "select" }, choice);
}

const memberPath = (company, member) => `${companyPath(company)}/members/${encodeURIComponent(member.user_id)}`;

function askToRemove(member, name, company, listing) {
  askDialog({
    title: `Remove ${name}?`, about: `${name} loses sight of everything in ${company.name} at once.`, button: "Remove",
    kind: "danger",
    run: async () => {
      await call(memberPath(company, member), { method: "DELETE" });
      listing.remove(member.id, byID("settings-title"));
      toast(`${name} is not a member any more.`);
    },
    after: () => byID("settings-title").focus(),
  });
}
