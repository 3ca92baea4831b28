// Where somebody is signed in, and signing out from afar.

import { call } from "./api.js";
import { askDialog } from "./ask-dialog.js";
import { byID, element, exactTime, icon, time } from "./elements.js";
import { Listing } from "./listing.js";
import { toast, toastError } from "./toast.js";

const path = "/api/v1/auth/sessions";

export function devicesPage() {
  const listing = new Listing({
    label: "Signed-in devices", empty: "Nothing to see here.", row: (session) => row(session, listing),
    load: async () => ({ items: (await call(path)).sessions.toSorted(currentFirst) }),
  });
  const others = element("p", { class: "bar" }, element("button", { type: "button", class: "button plain",
    text: "Sign out all others…", onclick: () => askToEndOthers(listing) }));
  return {
    title: "Signed-in devices",
    about: "Every browser and program that is signed in to your account. Sign out what you do not know, and change "
      + "your password then.",
    nodes: [listing.node, others],
    opened: () => listing.reload(),
  };
}

const currentFirst = (left, right) =>
  Number(right.is_current) - Number(left.is_current) || right.last_used_at.localeCompare(left.last_used_at);

function row(session, listing) {
  const name = deviceName(session.user_agent);
  return [
    icon("device"),
    element("div", { class: "row-text" },
      element("p", { class: "row-title" }, name, session.is_current
        ? element("span", { class: "tag good", text: "This device" }) : null),
      element("p", { class: "row-note" }, session.address ? `${session.address} · ` : "", "last used ",
        time(session.last_used_at), " · signed in ", time(session.created_at))),
    session.is_current ? null : element("button", { type: "button", class: "button plain small", text: "Sign out",
      "aria-label": `Sign out ${name}, signed in ${exactTime(session.created_at)}`,
      onclick: () => end(session, listing) }),
  ].filter(Boolean);
}

async function end(session, listing) {
  try {
    await call(`${path}/${encodeURIComponent(session.id)}`, { method: "DELETE" });
  } catch (error) {
    if (error.status !== 404) return toastError(error);
  }
  listing.remove(session.id, byID("settings-title"));
  toast("That device is signed out.");
}

function askToEndOthers(listing) {
  askDialog({
    title: "Sign out all other devices?", about: "You stay signed in here only.", button: "Sign out all others",
    run: async () => {
      await call(path, { method: "DELETE" });
      await listing.reload();
      toast("All other devices are signed out.");
    },
  });
}

const browsers = [[/\bEdg\//, "Edge"], [/\bOPR\//, "Opera"], [/\bFirefox\//, "Firefox"],
  [/\b(HeadlessChrome|Chrome|CriOS)\//, "Chrome"], [/\bSafari\//, "Safari"], [/^curl\//, "curl"],
  [/^python/i, "Python"]];
const systems = [[/\bAndroid\b/, "Android"], [/\b(iPhone|iPad)\b/, "iOS"], [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"], [/\bCrOS\b/, "ChromeOS"], [/\bLinux\b/, "Linux"]];

/** "Firefox on Linux", as well as it can be told. */
export function deviceName(userAgent) {
  const find = (names) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const [browser, system] = [find(browsers), find(systems)];
  if (!browser) return userAgent.slice(0, 60) || "Unknown device";
  return system ? `${browser} on ${system}` : browser;
}
