// Who uses the page: somebody who signed in, or an API key; in which workspace, and what they may do there.

import { apiKey, call, company, csrfToken, readAll, tell } from "./api.js";

const wroteName = "errand.writer";
const settings = document.documentElement.dataset;

/** What the server says about itself, in the page's first line. */
export const accounts = {
  areOn: settings.accounts === "on",
  mustVerify: settings.verification === "required",
  /** The server sends no mail, but shows it: somebody is trying Errand out. */
  showsMail: settings.mail === "shown",
  minPasswordCharacters: Number(settings.minPassword ?? 8),
};

const writing = ["jobs:write", "chat:write", "schedules:write", "tasks:write", "connections:write",
  "calendars:write"];
const ruling = ["company:write", "keys:read", "keys:write", "audit:read"];
const roleScopes = { viewer: [], member: writing, admin: [...writing, ...ruling], owner: [...writing, ...ruling] };

/** Fires nothing: who cares reads it again when page.js says that it changed. */
export const session = {
  /** The account; null with an API key, and before anybody signed in. */
  user: null,
  /** The companies of the account, each with the role in it. */
  companies: [],

  /** There is a cookie of a session, which may have ended. */
  get isLikely() { return csrfToken() !== ""; },
  get hasKey() { return apiKey.get() !== ""; },
  /** The company the page works in; null in one's own workspace. */
  get company() { return this.companies.find(({ id }) => id === company.get()) ?? null; },
  get workspaceName() { return this.company?.name ?? "Personal"; },

  /** Reading is open to every role. What a key may, only the server knows. */
  may(scope) {
    const role = this.company?.role;
    return this.user === null || !role || scope.endsWith(":read") && !ruling.includes(scope)
      || (roleScopes[role] ?? []).includes(scope);
  },

  /** Asks who is signed in. Throws Problem (401: nobody), Unreachable. */
  async load() {
    this.user = await call("/api/v1/auth/me");
    await this.loadCompanies();
    forgetOthers(this.user.id);
  },

  async loadCompanies() {
    this.companies = await readAll("/api/v1/companies", "companies");
    if (company.get() !== "" && this.company === null) company.set("");
  },

  /** Throws Problem, Unreachable, CookieRefused. */
  async signIn(email, password) {
    await call("/api/v1/auth/jwt/login", { method: "POST", body: { email, password, cookie: true }, isOpen: true });
    if (!this.isLikely) throw new CookieRefused();
    await this.load();
    tellOtherTabs("signed in");
  },

  /** Ends the session, or forgets the key. Throws Problem, Unreachable where the session may still live. */
  async signOut() {
    if (this.hasKey) apiKey.clear();
    else await call("/api/v1/auth/jwt/logout", { method: "POST" });
    this.forget();
    tellOtherTabs("signed out");
  },

  /** Removes what this browser keeps of the person. */
  forget() {
    sessionStorage.clear();
    localStorage.clear();
  },

  /** Works in another workspace from now on; "" is one's own. The page starts anew: everything in it belongs to one. */
  moveTo(companyID) {
    company.set(companyID);
    location.assign("/");
  },
};

/** The browser did not keep the cookies of the session. */
export class CookieRefused extends Error {}

/** Drafts in this tab are for the eyes of who wrote them. */
function forgetOthers(user) {
  const writer = sessionStorage.getItem(wroteName);
  if (writer !== null && writer !== user) sessionStorage.clear();
  sessionStorage.setItem(wroteName, user);
}

const otherTabs = new BroadcastChannel("errand.session");

const tellOtherTabs = (what) => otherTabs.postMessage(what);

otherTabs.addEventListener("message", ({ data }) => tell("elsewhere", data));
