// The week as columns of hours. Drawing again changes only what differs, so that focus and scrolling stay.

import { colorOf, hoursOf, lookOf, spokenWords, titleOf } from "./calendar-events.js";
import { bars, isBar, partOfDay, sideBySide } from "./calendar-layout.js";
import { clock, dayName, hourName, isoDay, isSameDay, minuteOfDay, weekdayName } from "./calendar-time.js";
import { element, icon, setText } from "./elements.js";

const minutesOfDay = 1_440;
const slotMinutes = 30;
/** Where a week is opened: before most people's first meeting. */
const firstHour = 7;
/** With less room than this, in minutes, an event has one line. */
const oneLineMinutes = 45;

const percent = (share) => `${(share * 100).toFixed(3)}%`;

export class CalendarGrid {
  #days = [];
  #columns = [];
  #nodes = new Map();
  #open;
  #add;
  #head = element("div", { class: "week-head" });
  #barLabel = element("span", { class: "bars-label", "aria-hidden": "true", text: "all day" });
  #bars = element("div", { class: "bars", role: "group", "aria-label": "All day" });
  #hours = element("div", { class: "week-hours" });
  #now = element("div", { class: "now", "aria-hidden": "true", hidden: true });
  #slot = element("div", { class: "slot", "aria-hidden": "true", hidden: true });
  #isPlaced = false;

  /** `open(event)` shows an event, `add(start)` begins a new one; null where nothing can be added. */
  constructor({ open, add }) {
    this.#open = open;
    this.#add = add;
    const gutter = element("div", { class: "gutter", "aria-hidden": "true" },
      ...Array.from({ length: 23 }, (_, hour) => element("span", { text: hourName(hour + 1) })));
    [...gutter.children].forEach((label, hour) => label.style.setProperty("top", percent((hour + 1) / 24)));
    this.#hours.append(gutter);
    this.node = element("div", { class: "week", role: "region", "aria-label": "Week", tabindex: "0" },
      element("div", { class: "week-top" }, this.#head,
        element("div", { class: "bars-row" }, this.#barLabel, this.#bars)),
      this.#hours);
  }

  /** Shows these days; `calendars`: by their ids. */
  draw(days, events, calendars, mayAdd) {
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    if (days.map(isoDay).join() !== this.#days.map(isoDay).join()) this.#setDays(days);
    this.node.classList.toggle("may-add", mayAdd);
    const long = bars(events, days);
    const columns = days.map((day) => partsOf(day, events));
    this.#removeAllBut(long, columns);
    this.#drawBars(long, calendars);
    days.forEach((day, place) => this.#drawDay(day, this.#columns[place], columns[place], calendars));
    this.tick();
    this.#refocus(focused);
  }

  /** The line of the present, and which day is today. */
  tick(now = new Date()) {
    this.#days.forEach((day, place) => {
      const isToday = isSameDay(day, now);
      this.#head.children[place]?.setAttribute("aria-current", isToday ? "date" : "false");
      this.#columns[place].classList.toggle("today", isToday);
      if (isToday && this.#now.parentNode !== this.#columns[place]) this.#columns[place].append(this.#now);
    });
    this.#now.hidden = !this.#days.some((day) => isSameDay(day, now));
    this.#now.style.setProperty("top", percent(minuteOfDay(now) / minutesOfDay));
  }

  /** Once, when it is first seen: to the morning, or to where today is. */
  place() {
    if (this.#isPlaced || this.node.clientHeight === 0) return;
    this.#isPlaced = true;
    const now = new Date();
    const isNow = this.#days.some((day) => isSameDay(day, now));
    const hour = isNow ? Math.min(firstHour, Math.max(0, now.getHours() - 1), 24) : firstHour;
    const later = isNow && now.getHours() > firstHour + 8 ? now.getHours() - 6 : hour;
    this.node.scrollTop = (later / 24) * this.#hours.clientHeight;
  }

  focus() { this.node.focus({ preventScroll: true }); }

  /** The element of an event, by its key; null when none is shown. */
  nodeOf(key) { return this.node.querySelector(`[data-key="${CSS.escape(key)}"]`); }

  #setDays(days) {
    this.#days = days;
    this.node.style.setProperty("--days", days.length);
    this.#head.replaceChildren(...days.map((day) => element("div", { class: "day-name" },
      element("span", { class: "weekday", text: weekdayName(day) }),
      element("span", { class: "date", text: day.getDate() }))));
    for (const column of this.#columns) column.remove();
    this.#nodes.clear();
    this.#bars.replaceChildren();
    this.#columns = days.map((day) => this.#makeColumn(day));
    this.#hours.append(...this.#columns);
  }

  #makeColumn(day) {
    const column = element("div", { class: `day${[0, 6].includes(day.getDay()) ? " weekend" : ""}`, role: "group" });
    const startAt = (event) => {
      const { top, height } = column.getBoundingClientRect();
      const minutes = ((event.clientY - top) / height) * minutesOfDay;
      const start = Math.max(0, Math.min(minutesOfDay - slotMinutes, Math.floor(minutes / slotMinutes) * slotMinutes));
      return new Date(day.getFullYear(), day.getMonth(), day.getDate(), 0, start);
    };
    const isFree = (event) => event.target === column || event.target === this.#slot;
    column.addEventListener("click", (event) => {
      if (isFree(event) && this.node.classList.contains("may-add")) this.#add(startAt(event));
    });
    column.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && isFree(event)) this.#showSlot(column, startAt(event));
      else this.#slot.hidden = true;
    });
    column.addEventListener("pointerleave", () => { this.#slot.hidden = true; });
    return column;
  }

  #showSlot(column, start) {
    this.#slot.hidden = !this.node.classList.contains("may-add");
    if (this.#slot.parentNode !== column) column.append(this.#slot);
    this.#slot.style.setProperty("top", percent(minuteOfDay(start) / minutesOfDay));
    setText(this.#slot, clock(start));
  }

  /** First, so that nothing else has to change its place, which would take the focus from it. */
  #removeAllBut(long, columns) {
    const kept = new Set([...long.map(barID), ...this.#days.flatMap((day, place) => columns[place].map(partID(day)))]);
    for (const [id, node] of this.#nodes) {
      if (kept.has(id)) continue;
      node.remove();
      this.#nodes.delete(id);
    }
  }

  #drawBars(found, calendars) {
    const lanes = Math.max(0, ...found.map(({ lane }) => lane + 1));
    this.node.style.setProperty("--lanes", lanes);
    this.node.classList.toggle("has-bars", lanes > 0);
    found.forEach((bar, order) => {
      const { event, first, last, lane, comes, goes } = bar;
      const node = this.#draw(barID(bar), event, calendars, this.#bars, order);
      node.classList.add("bar");
      node.classList.toggle("comes", comes);
      node.classList.toggle("goes", goes);
      node.style.setProperty("grid-area", `${lane + 1} / ${first + 1} / ${lane + 2} / ${last + 2}`);
    });
  }

  #drawDay(day, column, parts, calendars) {
    const words = parts.length === 1 ? "1 event" : `${parts.length} events`;
    column.setAttribute("aria-label", `${dayName(day)}, ${parts.length === 0 ? "no events" : words}`);
    parts.forEach((part, order) => {
      const { event, start, end, lane, lanes, span } = part;
      const isShort = end - start < oneLineMinutes;
      const node = this.#draw(partID(day)(part), event, calendars, column, order, isShort);
      node.classList.toggle("one-line", isShort);
      const { style } = node;
      style.setProperty("top", percent(start / minutesOfDay));
      style.setProperty("--minutes", end - start);
      style.setProperty("height", percent((end - start) / minutesOfDay));
      style.setProperty("--left", lane / lanes);
      style.setProperty("--share", span / lanes);
    });
  }

  /** One element of an event, in its place among its siblings. */
  #draw(id, event, calendars, parent, order, isShort = false) {
    const calendar = calendars.get(event.calendar_id);
    const node = this.#nodes.get(id) ?? this.#make(id);
    node.shown = event;
    if (parent.children[order] !== node) parent.insertBefore(node, parent.children[order] ?? null);
    const state = JSON.stringify([event, colorOf(event, calendar), calendar?.title, isShort]);
    if (node.dataset.key === event.key && node.drawnAs === state) return node;
    node.drawnAs = state;
    node.dataset.key = event.key;
    node.dataset.look = lookOf(event);
    node.classList.toggle("pending", event.pending === "saving");
    node.classList.toggle("leaving", event.pending === "deleting");
    node.style.setProperty("--tone", colorOf(event, calendar));
    node.setAttribute("aria-label", spokenWords(event, calendar));
    node.title = [titleOf(event), event.isAllDay ? "" : hoursOf(event), event.location].filter(Boolean).join("\n");
    node.replaceChildren(...content(event, isShort));
    return node;
  }

  #make(id) {
    const node = element("button", { type: "button", class: "event", onclick: () => this.#open(node.shown) });
    this.#nodes.set(id, node);
    return node;
  }

  /** An event that was moved has another element: the focus follows it, else it stays in the week. */
  #refocus(key) {
    if (key === undefined || this.node.contains(document.activeElement)) return;
    (this.nodeOf(key) ?? this.node).focus({ preventScroll: true });
  }
}

const barID = ({ event }) => `bar ${event.key}`;
const partID = (day) => ({ event }) => `${isoDay(day)} ${event.key}`;

const partsOf = (day, events) =>
  sideBySide(events.filter((event) => !isBar(event)).map((event) => partOfDay(event, day)).filter(Boolean));

function content(event, isShort) {
  return [
    event.pending === "saving" ? icon("running", true) : null,
    element("span", { class: "event-title", text: titleOf(event) }),
    event.isAllDay ? null
      : element("span", { class: "event-time", text: isShort ? clock(event.from) : hoursOf(event) }),
    event.location ? element("span", { class: "event-place", text: event.location }) : null,
  ].filter(Boolean);
}
