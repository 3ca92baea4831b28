// A new event, or changes of one: what is asked, and what of it the server is told.

import { askDialog } from "./ask-dialog.js";
import { WhenField } from "./calendar-when-field.js";
import { element } from "./elements.js";
import { Field } from "./fields.js";

const rules = { daily: ["RRULE:FREQ=DAILY"], weekly: ["RRULE:FREQ=WEEKLY"],
  weekdays: ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"] };
const repeats = [["", "Never"], ["daily", "Every day"], ["weekly", "Every week"], ["weekdays", "Every weekday"]];
const extents = [["one", "Only this one"], ["all", "All of the series"]];
/** Others may have changed it while it was edited. */
const codes = { changed: "Somebody changed it meanwhile. Close this and look at it again." };

const title = (value = "") => new Field({ name: "summary", label: "Title", value, maxlength: "1024",
  autocomplete: "off" });
const place = (value = "") => new Field({ name: "location", label: "Place", value, maxlength: "1024", isOptional: true,
  autocomplete: "off" });
const notes = (value = "") => new Field({ name: "description", label: "Notes", type: "textarea", value, rows: "3",
  maxlength: "8192", isOptional: true });

/** Weekends are no part of a series of weekdays, so that its first day is none. */
class RepeatField extends Field {
  constructor(when, value = "") {
    super({ name: "recurrence", label: "Repeats", type: "select", choices: repeats, value });
    this.when = when;
  }

  check() {
    const isWeekend = [0, 6].includes(this.when.value.from.getDay());
    return this.value === "weekdays" && isWeekend ? "It has to start on a weekday then." : "";
  }
}

/** A field of a Form: a box that is ticked or not. */
class Tick {
  constructor(name, text, isTicked) {
    this.name = name;
    this.input = element("input", { type: "checkbox", name });
    this.input.checked = isTicked;
    this.node = element("label", { class: "check" }, this.input, text);
  }

  get value() { return this.input.checked; }
  say() {}
  check() { return ""; }
  cover() {}
}

/**
 * Asks for a new event. `given`: what is known of it { from, to, isAllDay, values }; `calendars`: those that can be
 * written, the first one is proposed. `save(calendarID, draft, when)` sends it; the dialog closes when it was taken.
 */
export function askForEvent(given, calendars, { save, done }) {
  const { values = {} } = given;
  const when = new WhenField(given);
  const fields = [
    title(values.summary),
    new Field({ name: "calendar_id", label: "Calendar", type: "select", value: values.calendar_id ?? calendars[0].id,
      choices: calendars.map((calendar) => [calendar.id, nameAmong(calendar, calendars)]) }),
    when, new RepeatField(when, values.recurrence), place(values.location), notes(values.description),
  ];
  const form = askDialog({ title: "New event", button: "Save", fields, done, codes, run: async (entered) => {
    const { start, end } = entered.start;
    const texts = Object.fromEntries(["summary", "location", "description"].map((name) => [name, entered[name]])
      .filter(([, text]) => text !== ""));
    const recurrence = rules[entered.recurrence];
    const draft = { ...texts, start, end, ...(recurrence ? { recurrence } : {}) };
    await save(entered.calendar_id, draft, entered);
  } });
  form.node.classList.add("event-form");
  form.field("summary").input.focus();
}

/** Two accounts may each have a calendar of one name. */
const nameAmong = (calendar, calendars) => (calendars.filter(({ title: name }) => name === calendar.title).length > 1
  && calendar.account ? `${calendar.title} (${calendar.account})` : calendar.title);

/** Asks what is to change about an event. `save(change)`: { draft, when: null or its new times, isAll, notify }. */
export function askToChange(event, { save, done }) {
  const when = new WhenField({ ...event, timeZone: event.start?.timeZone });
  const before = when.value;
  const extent = new Field({ name: "extent", label: "What changes?", type: "select", choices: extents, value: "one" });
  extent.input.addEventListener("change", () => { when.hasFixedDays = extent.value === "all"; });
  const fields = [
    event.recurring ? extent : null, title(event.summary), when,
    event.recurring ? null : new RepeatField(when), place(event.location), notes(event.description),
    hasGuests(event) ? new Tick("notify", "Tell the people who are invited", true) : null,
  ].filter(Boolean);
  const form = askDialog({ title: "Edit event", button: "Save", fields, done, codes, run: async (entered) => {
    const draft = changedTexts(entered, event);
    const isMoved = JSON.stringify(entered.start) !== JSON.stringify(before);
    if (isMoved) Object.assign(draft, { start: entered.start.start, end: entered.start.end });
    if (rules[entered.recurrence]) {
      draft.recurrence = rules[entered.recurrence];
      Object.assign(draft, { start: entered.start.start, end: entered.start.end });
    }
    if (Object.keys(draft).length === 0) return;
    const isAll = entered.extent === "all";
    await save({ draft, when: isMoved ? entered.start : null, isAll, notify: entered.notify });
  } });
  form.node.classList.add("event-form");
  form.field("summary").input.focus();
}

/** Only what was changed is sent, so that two people can change different things. */
function changedTexts(entered, event) {
  const names = ["summary", "location", "description"];
  const changed = names.filter((name) => entered[name] !== (event[name] ?? "").trim());
  const draft = Object.fromEntries(changed.filter((name) => entered[name] !== "").map((name) => [name, entered[name]]));
  const cleared = changed.filter((name) => entered[name] === "");
  return cleared.length > 0 ? { ...draft, cleared } : draft;
}

/** Asks before an event is deleted. `run({ isAll, notify })` sends it. */
export function askToDelete(event, name, { run, done }) {
  const fields = [
    event.recurring ? new Field({ name: "extent", label: "What is deleted?", type: "select", choices: extents,
      value: "one" }) : null,
    hasGuests(event) ? new Tick("notify", "Tell the people who are invited", true) : null,
  ].filter(Boolean);
  askDialog({ title: `Delete “${name}”?`, button: "Delete", kind: "danger", fields, done,
    about: "It is deleted at Google too. There it stays in the bin for 30 days.",
    run: (entered) => run({ isAll: entered.extent === "all", notify: entered.notify }) });
}

const hasGuests = (event) => (event.attendees ?? []).some(({ self }) => !self);
