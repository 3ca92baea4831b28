// One event, as it is: when, where, who, and what somebody wrote about it.

import { colorOf, lookOf, lookWords, pendingWords, titleOf, whenOf, whenThere } from "./calendar-events.js";
import { outsideLink, richText } from "./calendar-text.js";
import { element, icon } from "./elements.js";

const answers = { accepted: ["succeeded", "accepted"], declined: ["failed", "declined"],
  tentative: ["waiting", "perhaps"], needsAction: ["queued", "has not answered"] };
const mostPeople = 50;

/**
 * Shows an event. `edit` and `remove` are called after it has closed; null where they may not be. `notice`: why it is
 * shown. `after()`: puts the focus somewhere when the element that had it is gone.
 */
export function showEvent(event, calendar, { edit, remove, notice = "", after }) {
  const from = document.activeElement;
  let next = null;
  const close = (then = null) => {
    next = then;
    dialog.close();
  };
  const title = element("h2", { id: "event-title", tabindex: "-1", text: titleOf(event) });
  const dialog = element("dialog", { class: "dialog event-dialog", "aria-labelledby": "event-title" },
    element("div", { class: "event-dialog-head" }, element("span", { class: "tone", "aria-hidden": "true" }), title,
      element("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => close() },
        icon("close"))),
    notice ? element("p", { class: "notice later", role: "alert", text: notice }) : null,
    element("ul", { class: "event-facts" }, ...facts(event, calendar)),
    description(event),
    element("div", { class: "form-actions" },
      edit ? button("Edit", "pencil", "", () => close(edit)) : null,
      remove ? button("Delete…", "bin", "plain", () => close(remove)) : null,
      event.link ? outsideLink(event.link, "Open in Google", { class: "button plain" }) : null));
  dialog.style.setProperty("--tone", colorOf(event, calendar));
  dialog.addEventListener("click", (click) => { if (click.target === dialog) close(); });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (from?.isConnected) from.focus({ preventScroll: true });
    else after();
    next?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  title.focus();
}

const button = (text, picture, kind, onclick) =>
  element("button", { type: "button", class: `button ${kind}`.trim(), onclick }, icon(picture), text);

function facts(event, calendar) {
  const look = lookWords(lookOf(event));
  const there = whenThere(event);
  const call = event.conference_link ? outsideLink(event.conference_link, "Join the video call") : null;
  return [
    fact("queued", element("span", {}, whenOf(event),
      there ? element("span", { class: "row-note", text: there }) : null)),
    event.recurring ? fact("again", "Part of a series") : null,
    event.location ? fact("place", element("span", {}, ...richText(event.location))) : null,
    call ? fact("video", call) : null,
    look ? fact("eye", look) : null,
    calendar ? fact("scheduled", calendar.title) : null,
    event.pending ? fact("running", pendingWords(event)) : null,
    people(event),
  ].filter(Boolean);
}

const fact = (picture, text) => element("li", {}, icon(picture), text);

function people(event) {
  const guests = (event.attendees ?? []).filter(({ resource }) => !resource);
  const organizer = event.organizer && !event.organizer.self ? nameOf(event.organizer) : "";
  if (guests.length === 0) return organizer ? fact("person", `Organised by ${organizer}`) : null;
  const title = guests.length === 1 ? "1 person" : `${guests.length} people`;
  const more = guests.length - mostPeople;
  return element("li", {}, icon("person"), element("div", {},
    element("p", {}, title, organizer ? element("span", { class: "soft", text: `, organised by ${organizer}` }) : null),
    element("ul", { class: "guests", "aria-label": "People" }, ...guests.slice(0, mostPeople).map(guest)),
    more > 0 ? element("p", { class: "row-note", text: `and ${more} more` }) : null));
}

function guest(person) {
  const [picture, word] = answers[person.responseStatus] ?? answers.needsAction;
  const roles = [person.optional ? "optional" : "", person.organizer ? "organiser" : ""];
  const notes = [word, ...roles].filter(Boolean).join(", ");
  const node = element("li", {}, icon(picture), element("span", {}, person.self ? "You" : nameOf(person),
    element("span", { class: "soft", text: ` ${notes}` })));
  node.dataset.answer = person.responseStatus ?? "needsAction";
  return node;
}

const nameOf = ({ displayName, email }) => displayName || email || "Somebody";

const description = (event) => (event.description?.trim()
  ? element("div", { class: "event-text", role: "group", "aria-label": "Notes" }, ...richText(event.description.trim()))
  : null);
