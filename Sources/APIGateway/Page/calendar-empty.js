// What stands in the place of the week while there is none to show, and what can be done about it.

import { element, icon } from "./elements.js";

const connections = "/?view=connections";
const texts = {
  off: { title: "No calendar here", text: "This server connects no accounts. Whoever runs it finds in its README what "
    + "to set." },
  none: { title: "Your week, in here", text: "Connect your Google account, and its calendars appear here. What changes "
    + "there changes here, a moment later.", button: "Connect an account" },
  unallowed: { title: "One permission is missing", text: "Your Google account is connected, but Errand may not see its "
    + "calendars yet. Reconnect it, and tick the calendars too.", button: "Allow the calendar" },
  broken: { title: "Google wants you to sign in again", text: "Your account was connected, but does not let Errand in "
    + "any more. Connect it again, and the calendars come back.", button: "Connect it again" },
  good: { title: "Reading your calendars…", text: "They fill in as they are read. You can go on with something else "
    + "meanwhile.", isBusy: true },
  "": { title: "", text: "Loading…", isBusy: true },
};

export class CalendarEmpty {
  #shown = null;
  node = element("div", { class: "empty calendar-empty", hidden: true });

  /** `kind`: a state of CalendarAccounts; null hides it. */
  show(kind, mayConnect) {
    this.node.hidden = kind === null;
    const state = `${kind} ${mayConnect}`;
    if (kind === null || state === this.#shown) return;
    this.#shown = state;
    const { title, text, button, isBusy } = texts[kind];
    this.node.replaceChildren(...[
      icon(isBusy ? "running" : "scheduled", isBusy),
      title ? element("h2", { text: title }) : null,
      element("p", { text }),
      button && mayConnect ? element("a", { class: "button", href: connections, text: button }) : null,
    ].filter(Boolean));
  }
}
