// The menu of the account: in which workspace the page works, the settings, and the way out.

import { byID, element, icon } from "./elements.js";
import { session } from "./session.js";
import { keepNotice } from "./toast.js";

/** Draws it for whoever uses the page. With an API key there is no account: the button to sign out is all there is. */
export function drawMenu() {
  const { user } = session;
  byID("sign-out").hidden = user !== null;
  byID("account-open").hidden = user === null;
  if (user === null) return;
  byID("account-initial").textContent = [...(user.name || user.email)][0].toUpperCase();
  byID("account-workspace").textContent = session.workspaceName;
  byID("account-open").setAttribute("aria-label", `Account and workspace: ${session.workspaceName}`);
  byID("menu-name").textContent = user.name || user.email;
  byID("menu-email").textContent = user.name ? user.email : "";
  byID("menu-workspaces").replaceChildren(
    workspace("", "Personal", "only you"),
    ...session.companies.map(({ id, name, role }) => workspace(id, name, role)));
  byID("menu-links").replaceChildren(...menuLinks().map(([href, name, text]) =>
    element("li", {}, element("a", { class: "menu-item", href }, icon(name), text))));
}

function workspace(id, name, role) {
  const isOpen = (session.company?.id ?? "") === id;
  const button = element("button", {
    type: "button", class: "menu-item", "aria-current": isOpen ? "true" : null,
    onclick: () => (isOpen ? byID("account-menu").hidePopover() : move(id, name)),
  }, icon(id === "" ? "person" : "company"), element("span", { class: "menu-text", text: name }),
  element("span", { class: "soft", text: role }), isOpen ? icon("check") : null);
  return element("li", {}, button);
}

function move(id, name) {
  keepNotice(id === "" ? "You are in your own workspace now." : `You are in ${name} now.`);
  session.moveTo(id);
}

function menuLinks() {
  return [
    ["/?view=new-company", "plus", "New company"],
    session.company ? ["/?view=company", "company", "Company and members"] : null,
    ["/?view=connections", "link", "Connections"],
    ["/?view=account", "person", "Account"],
    ["/?view=devices", "device", "Signed-in devices"],
    session.may("keys:read") ? ["/?view=keys", "key", "API keys"] : null,
    session.may("audit:read") ? ["/?view=activity", "list", "Activity"] : null,
  ].filter(Boolean);
}
