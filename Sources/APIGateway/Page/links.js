// The secrets that links carry behind their #: taken out of the address at once, kept until they are used.

import { apiKey } from "./api.js";

const keepMilliseconds = 24 * 3_600_000;
const linkName = "errand.link";
const invitationName = "errand.invitation";

/**
 * Takes `#key=…`, `#verify=…`, `#reset=…` or `#invitation=…` out of the address bar and keeps what it holds; false
 * where there is none. A key is used from then on; the others wait for takeLink() and invitation.
 */
export function takeFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  const name = ["key", "verify", "reset", "invitation"].find((each) => given.has(each));
  if (!name) return false;
  history.replaceState(history.state, "", location.pathname + location.search);
  const secret = given.get(name).trim();
  if (!apiKey.isPossible(secret)) return false;
  if (name === "key") apiKey.set(secret);
  else if (name === "invitation") invitation.set(secret);
  else sessionStorage.setItem(linkName, JSON.stringify({ name, secret }));
  return true;
}

export const hasLink = () => sessionStorage.getItem(linkName) !== null;

/** The link of a mail that this tab was opened with: { name: "verify" or "reset", secret }, once. */
export function takeLink() {
  const kept = sessionStorage.getItem(linkName);
  sessionStorage.removeItem(linkName);
  return kept ? JSON.parse(kept) : null;
}

/** The invitation somebody followed. It outlives the tab: who is new here comes back by another mail's link. */
export const invitation = {
  get() {
    const kept = JSON.parse(localStorage.getItem(invitationName) ?? "null");
    return kept && Date.now() - kept.since < keepMilliseconds ? kept.secret : "";
  },
  set: (secret) => localStorage.setItem(invitationName, JSON.stringify({ secret, since: Date.now() })),
  clear: () => localStorage.removeItem(invitationName),
};
