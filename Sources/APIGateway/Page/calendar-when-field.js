// When an event is: its first and last day, and the times, unless it is all day.

import { addDays, clockValue, daysBetween, instant, isoDay, localDate, zone } from "./calendar-time.js";
import { element, setText } from "./elements.js";

const input = (type, name, label) => element("input", { type, name, required: true, "aria-label": label,
  "aria-describedby": "when-error" });

/** A field of a Form. `value`: { isAllDay, from, to, start, end }, start and end as the API has them, to exclusive. */
export class WhenField {
  name = "start";
  #day = input("date", "day", "First day");
  #start = input("time", "start", "Start");
  #lastDay = input("date", "end_day", "Last day");
  #end = input("time", "end", "End");
  #allDay = element("input", { type: "checkbox", name: "all_day" });
  #zone;
  #before;

  /** `timeZone`: the zone the event is meant in. */
  constructor({ isAllDay, from, to, timeZone }) {
    this.#zone = timeZone ?? zone;
    this.input = this.#day;
    this.error = element("p", { class: "field-error", id: "when-error", hidden: true });
    this.node = element("fieldset", { class: "when" }, element("legend", { text: "When" }),
      this.#line("Starts", this.#day, this.#start), this.#line("Ends", this.#lastDay, this.#end),
      element("label", { class: "check" }, this.#allDay, "All day"), this.error);
    this.#allDay.checked = isAllDay;
    this.#fill(from, isAllDay ? addDays(to, -1) : to, isAllDay);
    this.#before = this.#shown;
    this.#cover();
    this.#allDay.addEventListener("change", () => this.#cover());
    for (const node of [this.#day, this.#start]) node.addEventListener("change", () => this.#follow());
    this.node.addEventListener("input", () => this.say(""));
  }

  #line(word, ...inputs) {
    return element("div", { class: "when-line" }, element("span", { "aria-hidden": "true", text: word }), ...inputs);
  }

  /** What the inputs say, as two instants of the reader's clock. */
  get #shown() {
    const time = (node) => (this.#allDay.checked ? "00:00" : node.value);
    return { from: localDate(this.#day.value, time(this.#start)), to: localDate(this.#lastDay.value, time(this.#end)) };
  }

  get value() {
    const isAllDay = this.#allDay.checked;
    const { from, to: last } = this.#shown;
    const to = isAllDay ? addDays(last, 1) : last;
    const moment = (date) => (isAllDay ? { date: isoDay(date) } : { dateTime: instant(date), timeZone: this.#zone });
    return { isAllDay, from, to, start: moment(from), end: moment(to) };
  }

  /** The days stay as they are: of a series, only its times of day can be changed at once. */
  set hasFixedDays(isFixed) {
    for (const node of [this.#day, this.#lastDay]) node.readOnly = isFixed;
    this.#allDay.disabled = isFixed;
  }

  say(text) {
    this.error.hidden = text === "";
    setText(this.error, text);
    for (const node of [this.#day, this.#lastDay, this.#start, this.#end]) {
      if (text === "") node.removeAttribute("aria-invalid");
      else node.setAttribute("aria-invalid", "true");
    }
  }

  check() {
    const times = this.#allDay.checked ? [] : [this.#start, this.#end];
    if ([this.#day, this.#lastDay, ...times].some((node) => node.value === "")) return "This is not complete.";
    const { from, to } = this.#shown;
    if (this.#allDay.checked ? to < from : to <= from) return "It has to end after it starts.";
    return "";
  }

  cover() {}

  #fill(from, to, isAllDay) {
    this.#day.value = isoDay(from);
    this.#lastDay.value = isoDay(to);
    if (isAllDay) [this.#start.value, this.#end.value] = ["09:00", "10:00"];
    else [this.#start.value, this.#end.value] = [clockValue(from), clockValue(to)];
  }

  #cover() {
    for (const node of [this.#start, this.#end]) node.hidden = this.#allDay.checked;
  }

  /** When the start moves, the end goes along, so that it lasts as long as before. */
  #follow() {
    const before = this.#before;
    const { from, to } = this.#shown;
    if (Number.isNaN(from.getTime()) || this.#day.value === "") return;
    if (!Number.isNaN(before.from.getTime()) && to.getTime() === before.to.getTime()) {
      const moved = this.#allDay.checked ? addDays(to, daysBetween(before.from, from))
        : new Date(to.getTime() + (from - before.from));
      this.#lastDay.value = isoDay(moved);
      if (!this.#allDay.checked) this.#end.value = clockValue(moved);
    }
    this.#before = this.#shown;
  }
}
