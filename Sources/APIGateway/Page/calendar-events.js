// An event as it is shown: what the API says, read by the reader's clock, and in words.

import { addDays, clock, dayName, fullDayName, hasTwelveHours, isoDay, isSameDay, localDate, shortDayName, wallTime,
  zone } from "./calendar-time.js";

/** Google's own colours of single events, by their ids. */
const eventColors = { 1: "#7986cb", 2: "#33b679", 3: "#8e24aa", 4: "#e67c73", 5: "#f6bf26", 6: "#f4511e", 7: "#039be5",
  8: "#616161", 9: "#3f51b5", 10: "#0b8043", 11: "#d50000" };
const plainColor = "#4285a5";

/** A taking place of the API's answer, with `key`, `from` and `to` (exclusive) of the reader's clock. */
export function shownEvent(occurrence) {
  const isAllDay = Boolean(occurrence.start?.date ?? occurrence.all_day);
  const from = isAllDay ? localDate(occurrence.start.date) : new Date(occurrence.start_at);
  const to = isAllDay ? localDate(occurrence.end.date) : new Date(occurrence.end_at);
  return { ...occurrence, key: `${occurrence.calendar_id} ${occurrence.id}`, isAllDay, from,
    to: isAllDay && to <= from ? addDays(from, 1) : to };
}

export const colorOf = (event, calendar) => eventColors[event.color] ?? calendar?.color ?? plainColor;
export const titleOf = (event) => event.summary?.trim() || "(No title)";

const ownAnswer = (event) => event.attendees?.find((person) => person.self)?.responseStatus ?? "";

/** How an event is drawn: declined, maybe, asked, free or busy. */
export function lookOf(event) {
  const answer = ownAnswer(event);
  if (answer === "declined") return "declined";
  if (answer === "tentative" || event.status === "tentative") return "maybe";
  if (answer === "needsAction") return "asked";
  return event.transparency === "transparent" ? "free" : "busy";
}

/** What its look means; "" for nothing worth a word. */
export const lookWords = (look) => ({ declined: "You declined", maybe: "Not certain", asked: "Waits for your answer",
  free: "Does not make you busy" })[look] ?? "";

/** "10:00 – 11:00", by the clock alone; with twelve hours "10 – 11:30 am". */
export function hoursOf(event) {
  if (event.to <= event.from) return clock(event.from);
  if (!hasTwelveHours) return `${clock(event.from)} – ${clock(event.to)}`;
  const [from, to] = [event.from, event.to].map((date) => clock(date).replace(":00", ""));
  return `${from.slice(-2) === to.slice(-2) ? from.slice(0, -3) : from} – ${to}`;
}

/** All of when it is: "Monday 30 November 2026, 10:00 – 11:00". */
export function whenOf(event) {
  if (event.isAllDay) {
    const last = addDays(event.to, -1);
    return isSameDay(event.from, last) ? `${fullDayName(event.from)}, all day`
      : `${shortDayName(event.from)} – ${shortDayName(last)} ${last.getFullYear()}, all day`;
  }
  if (isSameDay(event.from, event.to) || event.to <= event.from) return `${fullDayName(event.from)}, ${hoursOf(event)}`;
  return `${shortDayName(event.from)}, ${clock(event.from)} – ${shortDayName(event.to)}, ${clock(event.to)}`;
}

/** The same in the zone it is meant in, where clocks differ: "15:00 – 16:00 in Europe/London". "": they do not. */
export function whenThere(event) {
  const there = event.start?.timeZone;
  if (event.isAllDay || !there || there === zone) return "";
  const [from, to] = [wallTime(event.from, there), wallTime(event.to, there)];
  if (from === "" || from === wallTime(event.from, zone)) return "";
  const days = from.slice(0, 10) === isoDay(event.from) ? "" : ` on ${from.slice(0, 10)}`;
  return `${from.slice(11)} – ${to.slice(11)}${days} in ${there.replaceAll("_", " ")}`;
}

/** What a screen reader says of an event in the grid. It begins with what can be seen. */
export function spokenWords(event, calendar) {
  const time = event.isAllDay ? "all day" : hoursOf(event).replace(" – ", " to ");
  return [titleOf(event), time, dayName(event.from), event.location, calendar?.title,
    event.recurring ? "repeats" : "", lookWords(lookOf(event)), pendingWords(event)].filter(Boolean).join(", ");
}

/** What is under way with an event that somebody has just changed. */
export const pendingWords = (event) => ({ saving: "Being saved", deleting: "Being deleted" })[event.pending] ?? "";
