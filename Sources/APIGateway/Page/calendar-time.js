// Days, weeks and times of day as the reader's own calendar and clock have them.

const locale = navigator.language || "en";

/** The reader's time zone, by its IANA name. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** 0 for weeks that begin on Sunday, 1 on Monday, 6 on Saturday. */
const firstWeekday = (() => {
  try {
    const about = new Intl.Locale(locale);
    return (about.getWeekInfo?.() ?? about.weekInfo ?? { firstDay: 1 }).firstDay % 7;
  } catch {
    return 1;
  }
})();

/** The page speaks English; whether its clock has twelve hours is the reader's custom. */
const { hourCycle } = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions();
export const hasTwelveHours = hourCycle === "h12" || hourCycle === "h11";
const cycle = hasTwelveHours ? "h12" : "h23";

const format = (options) => {
  const made = new Intl.DateTimeFormat("en-GB", options);
  return (date) => made.format(date).replace(",", "");
};
const clockFormat = new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit", hourCycle: cycle });
const hourFormat = new Intl.DateTimeFormat("en", { hour: "numeric", minute: hasTwelveHours ? undefined : "2-digit",
  hourCycle: cycle });
const monthFormat = new Intl.DateTimeFormat("en", { month: "long" });
const shortMonthFormat = new Intl.DateTimeFormat("en", { month: "short" });

const small = (text) => text.replace(/\s?([AP])M$/, (_, letter) => ` ${letter.toLowerCase()}m`);
/** "09:30", or "9:30 am" where that is the custom. */
export const clock = (date) => small(clockFormat.format(date));
/** "09:00", or "9 am". */
export const hourName = (hour) => small(hourFormat.format(new Date(2026, 0, 15, hour)));
/** "Mon" */
export const weekdayName = format({ weekday: "short" });
/** "Monday 30 November" */
export const dayName = format({ weekday: "long", day: "numeric", month: "long" });
/** "Monday 30 November 2026" */
export const fullDayName = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
/** "Mon 30 Nov" */
export const shortDayName = format({ weekday: "short", day: "numeric", month: "short" });

/** "Nov 2026" */
export const shortMonthTitle = (date) => `${shortMonthFormat.format(date)} ${date.getFullYear()}`;

/** "November 2026", "Nov – Dec 2026", "Dec 2026 – Jan 2027". */
export function monthTitle(first, last) {
  if (first.getFullYear() !== last.getFullYear()) return `${shortMonthTitle(first)} – ${shortMonthTitle(last)}`;
  if (first.getMonth() !== last.getMonth()) return `${shortMonthFormat.format(first)} – ${shortMonthTitle(last)}`;
  return `${monthFormat.format(first)} ${first.getFullYear()}`;
}

/** The midnight that begins a day, so many days later. A day need not have 24 hours. */
export const addDays = (date, count) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + count);
export const startOfDay = (date) => addDays(date, 0);
export const startOfWeek = (date) => addDays(date, -((date.getDay() - firstWeekday + 7) % 7));
export const isSameDay = (one, other) => isoDay(one) === isoDay(other);
/** How many midnights are between two days. */
export const daysBetween = (first, second) => Math.round((startOfDay(second) - startOfDay(first)) / 86_400_000);

/** "2026-11-30" */
export function isoDay(date) {
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}

/** The reader's midnight of "2026-11-30", or its time of "2026-11-30" and "09:30". */
export function localDate(day, time = "00:00") {
  const [year, month, date] = day.split("-").map(Number);
  const [hour, minute] = time.split(":").map(Number);
  return new Date(year, month - 1, date, hour, minute);
}

/** "09:30", as inputs of the type time have it. */
export const clockValue = (date) =>
  `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;

/** Where the hand of the clock is, in minutes; on the days when the clocks change too. */
export const minuteOfDay = (date) => date.getHours() * 60 + date.getMinutes();

/** An instant as the API has it. */
export const instant = (date) => date.toISOString().replace(/\.\d+Z$/, "Z");

/** What the clocks of another zone show at an instant: "2026-11-30 09:30". "" where the zone is not known here. */
export function wallTime(date, timeZone) {
  try {
    return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(date);
  } catch {
    return "";
  }
}
