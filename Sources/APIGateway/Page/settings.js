// The settings: pages about the account and the company, each made anew when it opens.

import { accountPage } from "./account.js";
import { activityPage } from "./activity.js";
import { companyPage } from "./company.js";
import { connectionsPage } from "./connections.js";
import { devicesPage } from "./devices.js";
import { byID, element, icon } from "./elements.js";
import { invitationPage, newCompanyPage } from "./joining.js";
import { keysPage } from "./keys.js";
import { session } from "./session.js";

const pages = {
  connections: connectionsPage, account: accountPage, devices: devicesPage, keys: keysPage, company: companyPage,
  activity: activityPage, "new-company": newCompanyPage, invitation: invitationPage,
};

/** What one must be allowed to, to see a page. */
const scopes = { connections: "connections:read", keys: "keys:read", activity: "audit:read" };

export class Settings {
  title = "Settings";
  #view = "";

  has(view) { return view in pages; }

  /** Opens a page. One that is open stays as it is, with what was typed into it. */
  show(view) {
    this.#drawLinks(view);
    if (view === this.#view && !byID("settings").hidden && byID("settings-page").hasChildNodes()) return;
    this.#view = view;
    const page = this.#choose(view)();
    this.title = page.title;
    byID("settings-page").replaceChildren(
      element("h1", { id: "settings-title", tabindex: "-1", text: page.title }),
      ...[page.about ? element("p", { class: "soft lead", text: page.about }) : null, ...page.nodes].filter(Boolean));
    page.opened?.();
  }

  /** After somebody came here by a link. */
  focus() { byID("settings-title")?.focus(); }

  #choose(view) {
    if (scopes[view]) return session.may(scopes[view]) ? pages[view] : roleNeeded;
    return session.user === null ? accountNeeded : pages[view];
  }

  #drawLinks(view) {
    byID("settings-links").replaceChildren(...links().map(([name, iconName, text]) => element("li", {},
      element("a", { href: `/?view=${name}`, "aria-current": name === view ? "page" : null }, icon(iconName), text))));
    byID("settings-links").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }
}

function links() {
  const isPerson = session.user !== null;
  return [
    session.may(scopes.connections) ? ["connections", "link", "Connections"] : null,
    isPerson ? ["account", "person", "Account"] : null,
    isPerson ? ["devices", "device", "Devices"] : null,
    session.company ? ["company", "company", "Company"] : null,
    session.may(scopes.keys) ? ["keys", "key", "API keys"] : null,
    session.may(scopes.activity) ? ["activity", "list", "Activity"] : null,
  ].filter(Boolean);
}

function roleNeeded() {
  return {
    title: "Not for your role",
    nodes: [element("p", { class: "soft", text: "Owners and admins of this company see this page. Ask one of them if "
      + "you need something of it." })],
  };
}

function accountNeeded() {
  return {
    title: "For people with an account",
    nodes: [element("p", { class: "soft", text: "You use Errand with an API key. Sign out and sign in with an e-mail "
      + "address to see this." })],
  };
}
