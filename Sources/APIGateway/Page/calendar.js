// The calendar: a week of events, read from the mirror of connected calendars and following it as it changes.

import { call } from "./api.js";
import { CalendarAccounts } from "./calendar-accounts.js";
import { CalendarChanges } from "./calendar-changes.js";
import { CalendarEmpty } from "./calendar-empty.js";
import { CalendarFeed } from "./calendar-feed.js";
import { CalendarGrid } from "./calendar-grid.js";
import { CalendarHead } from "./calendar-head.js";
import { CalendarSide } from "./calendar-side.js";
import { summaryOf } from "./calendar-state.js";
import { addDays, dayName, isoDay, startOfDay, startOfWeek } from "./calendar-time.js";
import { CalendarWeeks } from "./calendar-weeks.js";
import { announce, byID, element, setText, showError } from "./elements.js";
import { Problem } from "./problem.js";
import { session } from "./session.js";
import { toastError } from "./toast.js";

const tickMilliseconds = 10_000;
const changeMilliseconds = 8_000;
const narrow = matchMedia("(max-width: 49.99rem)");

export class Calendar {
  /** By their ids; null until they are known. */
  #known = null;
  #seen = "";
  #day = startOfDay(new Date());
  #isShown = false;
  #timer = 0;
  #waiting = new Set();
  #accounts = new CalendarAccounts();
  #empty = new CalendarEmpty();
  #error = element("div", { class: "notice error", role: "alert", hidden: true });
  #note = element("p", { class: "week-note", hidden: true });
  #changes = new CalendarChanges(this);
  #weeks = new CalendarWeeks({ told: () => this.#read(), failed: (error) => this.#fail(error) });
  #feed = new CalendarFeed({ told: (calendars) => this.#take(calendars), failed: (error) => this.#fail(error) });
  #grid = new CalendarGrid({ open: (event) => this.#changes.show(event), add: (start) => this.#add(start) });
  #side = new CalendarSide({ select: (calendar, isSelected) => this.#select(calendar, isSelected),
    synced: () => this.#feed.again() });
  #head = new CalendarHead({ step: (count) => this.#step(count * 7), today: () => this.#today(), add: () => this.#add(),
    openList: () => this.#side.open(), choose: (day) => this.goTo(day) });

  constructor() {
    byID("calendar").append(this.#side.node, element("div", { class: "calendar-main" }, this.#head.node, this.#error,
      element("div", { class: "week-frame" }, this.#grid.node, this.#empty.node, this.#note)));
    narrow.addEventListener("change", () => this.redraw());
    document.addEventListener("visibilitychange", () => this.#attend());
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  show() {
    this.#isShown = true;
    this.#attend();
    this.#want();
    this.redraw();
    this.#grid.place();
  }

  hide() {
    this.#isShown = false;
    this.#weeks.stop();
    this.#attend();
  }

  /** Follows what happens while somebody looks. */
  #attend() {
    clearInterval(this.#timer);
    this.#feed.stop();
    if (!this.#isShown || document.hidden) return;
    this.#feed.start();
    this.#refreshAccounts(false);
    this.#timer = setInterval(() => this.#tick(), tickMilliseconds);
    this.#tick();
  }

  #tick() {
    this.#refreshAccounts(false);
    this.#grid.tick();
    this.#drawStates();
  }

  async #refreshAccounts(isChanged) {
    await this.#accounts.refresh(isChanged);
    if (this.#isShown) this.redraw();
  }

  // What is known

  get calendars() { return this.#known ?? new Map(); }
  get #list() { return [...this.calendars.values()]; }
  get #events() { return this.#changes.writes.apply(this.#weeks.week?.events ?? []); }
  get #days() {
    const first = startOfWeek(this.#day);
    return Array.from({ length: 7 }, (_, place) => addDays(first, place));
  }

  find(key) { return this.#weeks.week?.events.find((event) => event.key === key) ?? null; }
  isSeen(date) {
    const unit = narrow.matches ? isoDay : (day) => isoDay(startOfWeek(day));
    return unit(date) === unit(this.#day);
  }
  reveal(key) { this.#grid.nodeOf(key)?.scrollIntoView({ block: "nearest" }); }
  focus() { this.#grid.focus(); }

  #take(calendars) {
    showError(this.#error, null);
    const seen = calendars.map(({ id, version, selected, state }) => `${id} ${version} ${selected} ${state}`).join();
    this.#known = new Map(calendars.map((calendar) => [calendar.id, calendar]));
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#weeks.spoil();
      this.#want();
    }
    this.#refreshAccounts(true);
    this.redraw();
  }

  #read() {
    showError(this.#error, null);
    this.settle();
    for (const check of this.#waiting) check();
  }

  #fail(error) {
    if (error.code === "connections_off") {
      this.#accounts.state = "off";
      this.#feed.stop();
      return this.redraw();
    }
    if (!(error instanceof Problem) || error.status >= 500 || error.status === 401) return;
    showError(this.#error, error, error.status === 403 ? null : { text: "Try again", run: () => this.#weeks.spoil() });
    if (error.status === 403) this.#feed.stop();
  }

  /** Takes away what was under way and is there now. */
  settle() {
    if (this.#weeks.week) this.#changes.writes.settle(this.#weeks.week.events);
    this.redraw();
  }

  /** Comes back when the calendar of a write has changed and was read again, or when that takes too long. */
  whenChanged({ calendarID, version }) {
    return new Promise((resolve) => {
      const end = () => {
        this.#waiting.delete(check);
        clearTimeout(timer);
        resolve();
      };
      const check = () => {
        if (this.#weeks.isFresh && this.calendars.get(calendarID)?.version !== version) end();
      };
      const timer = setTimeout(end, changeMilliseconds);
      this.#waiting.add(check);
      check();
    });
  }

  // Drawing

  redraw() {
    if (!this.#isShown) return;
    const days = this.#days;
    const shown = narrow.matches ? [this.#day] : days;
    const events = this.#events;
    const isEmpty = this.#known === null || this.#list.length === 0;
    const kind = this.#accounts.state;
    const mayAdd = this.#changes.writable.length > 0;
    this.#empty.show(isEmpty ? (this.#known === null && kind !== "off" ? "" : kind) : null,
      session.may("connections:write"));
    this.#grid.node.hidden = isEmpty;
    this.#grid.draw(shown, events, this.calendars, mayAdd);
    if (isEmpty && this.#known !== null) this.#head.drawBare();
    else this.#head.draw(days, narrow.matches ? this.#day : null, busyDays(days, events), mayAdd);
    this.#drawNote(shown, events, isEmpty);
    this.#drawStates();
    this.#grid.place();
  }

  #drawNote(shown, events, isEmpty) {
    const text = isEmpty ? "" : this.#noteOn(shown, events);
    this.#note.hidden = text === "";
    setText(this.#note, text);
  }

  /** What there is to say about a week that is not full of events, or too full. */
  #noteOn(shown, events) {
    const { week, isFresh } = this.#weeks;
    if (week && !week.isComplete) return "There is more in this week than can be shown.";
    const end = addDays(shown.at(-1), 1);
    const isFree = !events.some((event) => event.from < end && event.to > shown[0]);
    const isReading = this.#list.some(({ selected, state }) => selected && state === "pending");
    if (!isFree || !isFresh || isReading) return "";
    return shown.length === 1 ? "Nothing on this day" : "Nothing this week";
  }

  #drawStates() {
    const connections = this.#accounts.all;
    this.#side.draw(this.#list, connections, session.may("calendars:write"));
    this.#head.tell(summaryOf(this.#list, connections));
  }

  // What people ask for

  /** The week and the day of a date. */
  goTo(date) {
    this.#day = startOfDay(date);
    this.#want();
    this.redraw();
    announce(narrow.matches ? dayName(this.#day) : `Week of ${dayName(startOfWeek(this.#day))}`);
  }

  /** What is in a week is asked for when the calendars are known. */
  #want() { if (this.#known) this.#weeks.want(startOfWeek(this.#day)); }
  #step(days) { this.goTo(addDays(this.#day, days)); }
  #today() { this.goTo(new Date()); }

  /** At `start`; without, at the next full hour of what is looked at. */
  #add(start = null) {
    const now = new Date();
    const isNow = this.isSeen(now);
    const day = isNow ? now : this.#day;
    const hour = isNow ? now.getHours() + 1 : 9;
    const from = start ?? new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour);
    this.#changes.add({ from, to: new Date(from.getTime() + 3_600_000), isAllDay: false });
  }

  async #select(calendar, isSelected) {
    try {
      const path = `/api/v1/calendars/${encodeURIComponent(calendar.id)}`;
      const changed = await call(path, { method: "PATCH", body: { selected: isSelected } });
      this.#known.set(changed.id, changed);
      this.redraw();
    } catch (error) {
      toastError(error);
    }
  }

  #press(event) {
    const isTyping = event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog, [popover]");
    if (!this.#isShown || isTyping || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = narrow.matches ? 1 : 7;
    const act = { ArrowLeft: () => this.#step(-step), ArrowRight: () => this.#step(step), t: () => this.#today(),
      n: () => this.#add() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

/** The days that have events, as "2026-11-30". */
function busyDays(days, events) {
  return new Set(days.filter((day) => {
    const end = addDays(day, 1);
    return events.some((event) => event.from < end && event.to > day);
  }).map(isoDay));
}
