// Where events stand in a week: which lie side by side, and which days a bar of whole days covers. No elements here.

import { addDays, minuteOfDay } from "./calendar-time.js";

const minutesOfDay = 1_440;
/** What is shorter is drawn this long, so that it can be read and hit. */
const leastMinutes = 24;

/** Whole days, or so long that an hour's place would say nothing. */
export const isBar = (event) => event.isAllDay || event.to - event.from >= 86_400_000;

/** The part of an event in a day, in minutes of its clock: { event, start, end }. null: none of it. */
export function partOfDay(event, day) {
  const next = addDays(day, 1);
  if (event.from >= next || (event.to <= day && !(event.from >= day && event.to <= event.from))) return null;
  const start = event.from <= day ? 0 : minuteOfDay(event.from);
  const end = event.to >= next ? minutesOfDay : minuteOfDay(event.to);
  const shown = Math.max(end, start + leastMinutes);
  return shown > minutesOfDay ? { event, start: minutesOfDay - leastMinutes, end: minutesOfDay }
    : { event, start, end: shown };
}

/**
 * Gives every part of a day its `lane`, the `lanes` there are where it stands, and its `span`: how many lanes to its
 * right are free for all of it. `parts` come in the order of their starts.
 */
export function sideBySide(parts) {
  const placed = [];
  let cluster = [];
  let clusterEnd = -1;
  const close = () => {
    const lanes = Math.max(0, ...cluster.map(({ lane }) => lane)) + 1;
    for (const part of cluster) placed.push({ ...part, lanes, span: freeLanes(part, cluster, lanes) });
    cluster = [];
  };
  for (const part of [...parts].sort((one, other) => one.start - other.start || other.end - one.end)) {
    if (part.start >= clusterEnd) close();
    const taken = new Set(cluster.filter((each) => each.end > part.start).map(({ lane }) => lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    cluster.push({ ...part, lane });
    clusterEnd = Math.max(cluster.length === 1 ? -1 : clusterEnd, part.end);
  }
  close();
  return placed;
}

function freeLanes(part, cluster, lanes) {
  const meets = (other) => other.start < part.end && other.end > part.start && other.lane > part.lane;
  return Math.min(lanes, ...cluster.filter(meets).map(({ lane }) => lane)) - part.lane;
}

/** The bars above the hours: { event, first, last, lane, comes, goes }, days counted from the first of `days`. */
export function bars(events, days) {
  const ends = [];
  const end = addDays(days.at(-1), 1);
  const found = events.filter((event) => isBar(event) && event.from < end && event.to > days[0])
    .map((event) => ({ event, first: days.findLastIndex((day) => day <= event.from),
      last: days.findLastIndex((day) => day < event.to) }))
    .map(({ event, first, last }) => ({ event, first: Math.max(0, first), last, comes: event.from < days[0],
      goes: event.to > end }))
    .sort((one, other) => one.first - other.first || other.last - one.last);
  for (const bar of found) {
    bar.lane = ends.findIndex((last) => last < bar.first);
    if (bar.lane < 0) bar.lane = ends.length;
    ends[bar.lane] = bar.last;
  }
  return found;
}
