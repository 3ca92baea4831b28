// What people do to events: asked for in dialogs, sent, and told when it could not be done.

import { call, newKey } from "./api.js";
import { askForEvent, askToChange, askToDelete } from "./calendar-edit-dialog.js";
import { showEvent } from "./calendar-event-dialog.js";
import { titleOf } from "./calendar-events.js";
import { instant, wallTime, zone } from "./calendar-time.js";
import { CalendarWrites } from "./calendar-writes.js";
import { announce } from "./elements.js";
import { session } from "./session.js";
import { toast } from "./toast.js";

const writers = ["owner", "writer"];
const eventPath = (calendarID, eventID = "") =>
  `/api/v1/calendars/${encodeURIComponent(calendarID)}/events${eventID && `/${encodeURIComponent(eventID)}`}`;

const failures = {
  event_missing: "It is not there any more.",
  calendar_missing: "Its calendar is not there any more.",
  event_refused: "Google did not accept it.",
  calendar_read_only: "Google lets you read this calendar, not change it.",
  forbidden: "Google does not let you change this event.",
  needs_reconnect: "The account has to be connected again first.",
};

export class CalendarChanges {
  #view;
  #last = { body: "", key: "" };

  /**
   * `view`: calendars (by id), redraw(), settle(), whenChanged(write), find(key), goTo(date), isSeen(date),
   * reveal(key), focus().
   */
  constructor(view) {
    this.#view = view;
    this.writes = new CalendarWrites({
      changed: () => view.redraw(), ended: (write, job) => this.#ended(write, job),
    });
  }

  get writable() {
    if (!session.may("calendars:write")) return [];
    return [...this.#view.calendars.values()].filter((calendar) =>
      calendar.selected && calendar.state !== "unavailable" && writers.includes(calendar.access_role));
  }

  /** Opens an event, as it is. */
  show(event, notice = "") {
    const mayWrite = !event.pending && this.writable.some(({ id }) => id === event.calendar_id);
    const newest = () => this.#view.find(event.key) ?? event;
    showEvent(event, this.#view.calendars.get(event.calendar_id), {
      notice, after: () => this.#view.focus(),
      edit: mayWrite ? () => this.#change(newest()) : null,
      remove: mayWrite ? () => this.#remove(newest()) : null,
    });
  }

  /** Begins a new event. `given`: { from, to, isAllDay, values }. */
  add(given) {
    const { writable } = this;
    if (writable.length === 0) return;
    askForEvent(given, writable, { save: async (calendarID, draft, entered) => {
      const key = `new ${newKey()}`;
      const { from, to, isAllDay } = entered.start;
      await this.#send(calendarID, "POST", eventPath(calendarID), draft, "", {
        title: titleOf(draft), start: from, again: () => this.add({ from, to, isAllDay, values: entered }),
        added: { ...draft, id: key, key, calendar_id: calendarID, status: "confirmed", recurring: "recurrence" in draft,
          from, to, isAllDay, pending: "saving" },
      });
      if (this.#view.isSeen(from)) this.#view.reveal(key);
    } });
  }

  #change(event) {
    askToChange(event, { save: async ({ draft, when, isAll, notify }) => {
      const series = event.series_id ?? event.event_id;
      let [id, tag, sent] = [event.id, event.etag, draft];
      if (isAll) {
        const master = await call(eventPath(event.calendar_id, series));
        [id, tag] = [series, master.etag];
        if (when) sent = { ...draft, ...shifted(master, when.from - event.from, when.to - when.from) };
      }
      const body = notify ? { ...sent, notify: "all" } : sent;
      await this.#send(event.calendar_id, "PATCH", eventPath(event.calendar_id, id), body, tag, {
        title: titleOf(event), start: when?.from ?? event.from, key: event.key, tag: event.etag,
        change: (each) => (each.key === event.key ? changed(each, draft, when)
          : isAll && isOf(each, event, series) ? changed(each, draft, along(each, event, when)) : null),
      });
    } });
  }

  #remove(event) {
    askToDelete(event, titleOf(event), { done: () => this.#view.focus(), run: async ({ isAll, notify }) => {
      const series = event.series_id ?? event.event_id;
      const path = eventPath(event.calendar_id, isAll ? series : event.id);
      const tag = isAll ? "" : event.etag;
      await this.#send(event.calendar_id, "DELETE", notify ? `${path}?notify=all` : path, undefined, tag, {
        title: titleOf(event), start: event.from, key: event.key,
        change: (each) => (each.key === event.key || (isAll && isOf(each, event, series))
          ? { ...each, pending: "deleting" } : null),
      });
    } });
  }

  /** The same change again, after an answer that got lost, is one change. */
  async #send(calendarID, method, path, body, tag, write) {
    const whole = JSON.stringify([method, path, body]);
    if (whole !== this.#last.body) this.#last = { body: whole, key: newKey() };
    const headers = { "Idempotency-Key": this.#last.key, ...(tag ? { "If-Match": tag } : {}) };
    const version = this.#view.calendars.get(calendarID)?.version;
    await this.writes.send({ path, method, body, headers }, { ...write, calendarID, version, method });
    this.#last = { body: "", key: "" };
  }

  async #ended(write, job) {
    const { title } = write;
    this.#view.settle();
    if (job?.state === "succeeded") return this.#tellDone(write);
    if (job?.failure?.code === "event_changed") return this.#tellChanged(write);
    const text = job === null ? "takes longer than usual. It goes on by itself; look again later."
      : job.state === "waiting" ? "waits for you to connect the account again."
      : `was not ${write.method === "DELETE" ? "deleted" : "saved"}. ${reason(job)}`;
    toast(`“${title}” ${text}`, job && write.again ? { text: "Try again", run: write.again } : null, true);
  }

  #tellDone({ method, title, start, added }) {
    const said = method === "DELETE" ? `Deleted: ${title}` : `Saved: ${title}`;
    if (added && !this.#view.isSeen(start)) {
      toast(said, { text: "Show it", run: () => this.#view.goTo(start) });
    } else announce(said);
  }

  /** The event as it is now is what somebody needs to see, when nothing else is open. */
  async #tellChanged(write) {
    const path = `/api/v1/calendars/${encodeURIComponent(write.calendarID)}/sync`;
    await call(path, { method: "POST", body: {} }).catch(() => null);
    await this.#view.whenChanged(write);
    const event = this.#view.find(write.key);
    if (!event) return toast(`“${write.title}” was not saved: somebody changed or moved it meanwhile.`, null, true);
    const show = () => this.show(event, "Somebody changed it meanwhile; here is how it is now. Yours was not saved.");
    if (document.querySelector("dialog[open]") === null) return show();
    toast(`“${write.title}” was not saved: somebody changed it meanwhile.`, { text: "Show it", run: show }, true);
  }
}

const reason = ({ failure, state }) => (state === "cancelled" ? "It was cancelled."
  : failures[failure?.code] ?? failure?.message ?? "Google did not take it.");

const isOf = (each, event, series) =>
  each.calendar_id === event.calendar_id && (each.series_id ?? each.event_id) === series && each.recurring;

/** How an event will look when its change is made. */
function changed(event, draft, when) {
  const { cleared = [], start: _, end: __, ...texts } = draft;
  const emptied = Object.fromEntries(cleared.map((name) => [name, ""]));
  const times = when ? { from: when.from, to: when.to, isAllDay: when.isAllDay } : {};
  return { ...event, ...texts, ...emptied, ...times, pending: "saving" };
}

/** The times of another occurrence, when the one that was edited moves. */
function along(each, event, when) {
  if (!when) return null;
  const from = new Date(each.from.getTime() + (when.from - event.from));
  return { isAllDay: false, from, to: new Date(from.getTime() + (when.to - when.from)) };
}

/** The times of a series, later by so many milliseconds of its own clock, which may have changed over between. */
function shifted(master, by, lasting) {
  const old = new Date(master.start.dateTime);
  const timeZone = master.start.timeZone ?? zone;
  const wall = (date) => Date.parse(`${wallTime(date, timeZone).replace(" ", "T")}Z`);
  const moved = new Date(old.getTime() + by);
  const off = wall(moved) - wall(old) - by;
  const from = Number.isNaN(off) ? moved : new Date(moved.getTime() - off);
  const moment = (date) => ({ dateTime: instant(date), timeZone });
  return { start: moment(from), end: moment(new Date(from.getTime() + lasting)) };
}
