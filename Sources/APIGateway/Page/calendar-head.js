// Above the week: which one it is, the ways to others, and on a phone its days.

import { dayName, isoDay, isSameDay, monthTitle, shortMonthTitle, weekdayName } from "./calendar-time.js";
import { byID, element, icon, setText } from "./elements.js";

export class CalendarHead {
  #days;
  #words = document.createTextNode("");
  #more = element("span", {});
  #status = element("p", { class: "calendar-status" }, this.#words, this.#more);
  #list;
  #today;
  #add;
  #strip = element("ul", { class: "strip", "aria-label": "Days" });

  /** `actions`: step(weeks), today(), add(), openList(), choose(day). */
  constructor(actions) {
    this.#today = element("button", { type: "button", class: "button plain today-button", text: "Today",
      onclick: () => actions.today() });
    this.#add = element("button", { type: "button", class: "button add-button", onclick: () => actions.add() },
      icon("plus"), element("span", { class: "wide-text", text: "New event" }));
    this.#add.setAttribute("aria-label", "New event");
    this.#list = element("button", { type: "button", class: "button plain list-button", "aria-haspopup": "dialog",
      onclick: () => actions.openList() }, icon("list"), element("span", { text: "Calendars" }));
    const step = (picture, label, weeks) => element("button", { type: "button", class: "icon-button", title: label,
      "aria-label": label, onclick: () => actions.step(weeks) }, icon(picture));
    this.node = element("header", { class: "calendar-head" },
      element("div", { class: "calendar-titles" }, byID("calendar-title"), this.#status),
      element("div", { class: "calendar-tools" },
        this.#list, this.#today, this.#add),
      element("div", { class: "calendar-steps" }, step("left", "Previous week", -1), this.#strip,
        step("right", "Next week", 1)));
    this.#days = Array.from({ length: 7 }, () => this.#makeDay(actions));
    this.#strip.append(...this.#days.map(({ node }) => node));
  }

  #makeDay(actions) {
    const day = { weekday: element("span", { class: "weekday" }), date: element("span", { class: "date" }) };
    day.button = element("button", { type: "button", onclick: () => actions.choose(day.of) }, day.weekday, day.date);
    day.node = element("li", {}, day.button);
    return day;
  }

  /** `chosen`: the day that is shown alone; null when all of `days` are. `busy`: the days that have events. */
  draw(days, chosen, busy, mayAdd, now = new Date()) {
    this.node.classList.remove("is-bare");
    setText(byID("calendar-title"), chosen ? shortMonthTitle(chosen) : monthTitle(days[0], days.at(-1)));
    this.#add.hidden = !mayAdd;
    const isNow = days.some((day) => isSameDay(day, now)) && isSameDay(chosen ?? now, now);
    this.#today.setAttribute("aria-disabled", String(isNow));
    days.forEach((day, place) => {
      const part = this.#days[place];
      part.of = day;
      setText(part.weekday, weekdayName(day).slice(0, 2));
      setText(part.date, String(day.getDate()));
      part.button.setAttribute("aria-label", dayName(day));
      part.button.setAttribute("aria-pressed", String(chosen !== null && isSameDay(day, chosen)));
      part.button.setAttribute("aria-current", isSameDay(day, now) ? "date" : "false");
      part.button.classList.toggle("has-events", busy.has(isoDay(day)));
    });
  }

  /** Where there is no week to show. */
  drawBare() {
    this.node.classList.add("is-bare");
    setText(byID("calendar-title"), "Calendar");
  }

  /** How the calendars are, in one line: `more` where there is room. */
  tell({ kind, text, more = "" }) {
    this.#status.dataset.kind = kind;
    this.#list.dataset.kind = kind;
    this.#status.title = text + more;
    if (this.#words.data !== text) this.#words.data = text;
    setText(this.#more, more);
  }
}
