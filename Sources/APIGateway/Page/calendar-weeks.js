// The events of the weeks that were looked at: shown at once from memory, and read again when they may have changed.

import { call, query } from "./api.js";
import { shownEvent } from "./calendar-events.js";
import { addDays, instant, isoDay, zone } from "./calendar-time.js";

const mostEvents = 2_500;
const mostWeeks = 12;
/** Between the beginnings of two readings, however fast somebody leafs. */
const betweenMilliseconds = 500;

export class CalendarWeeks {
  #weeks = new Map();
  #wanted = null;
  #told;
  #failed;
  #timer = 0;
  #isReading = false;
  #lastBegan = 0;
  /** Grows with every change at the server: what was read before is stale. */
  #edition = 0;

  /** `told()` is called when what is known of the wanted week has changed, `failed(error)` when it cannot be read. */
  constructor({ told, failed }) {
    this.#told = told;
    this.#failed = failed;
  }

  /** The wanted week: { events, isComplete, edition }; null while nothing is known of it. */
  get week() { return this.#wanted ? this.#weeks.get(isoDay(this.#wanted)) ?? null : null; }
  get isFresh() { return this.week?.edition === this.#edition; }

  /** The week to be shown, by its first day. */
  want(first) {
    this.#wanted = first;
    if (!this.isFresh) this.#readSoon();
  }

  /** Something has changed. */
  spoil() {
    this.#edition += 1;
    if (this.#wanted) this.#readSoon();
  }

  /** Forgets everything; the next want() begins anew. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#wanted = null;
  }

  #readSoon(least = 0) {
    if (this.#timer !== 0 || this.#isReading) return;
    const wait = Math.max(least, this.#lastBegan + betweenMilliseconds - Date.now());
    this.#timer = setTimeout(() => this.#read(), wait);
  }

  async #read() {
    this.#timer = 0;
    const first = this.#wanted;
    if (!first || this.isFresh) return;
    const edition = this.#edition;
    let least = 0;
    this.#isReading = true;
    this.#lastBegan = Date.now();
    try {
      const answer = await call(`/api/v1/events?${query({ from: instant(first), to: instant(addDays(first, 7)), zone,
        limit: mostEvents })}`);
      this.#keep(isoDay(first), { events: answer.events.map(shownEvent), isComplete: answer.complete, edition });
      if (first === this.#wanted) this.#told();
    } catch (error) {
      least = Math.max(5, error.retryAfterSeconds ?? 0) * 1000;
      if (first === this.#wanted) this.#failed(error);
    }
    this.#isReading = false;
    if (this.#wanted && !this.isFresh) this.#readSoon(least);
  }

  #keep(day, week) {
    this.#weeks.delete(day);
    this.#weeks.set(day, week);
    if (this.#weeks.size > mostWeeks) this.#weeks.delete(this.#weeks.keys().next().value);
  }
}
