// Hears of changes: asks for the calendars again and again, and the server answers when one has changed.

import { lost, open } from "./api.js";

const waitSeconds = 25;
/** The server answers in `waitSeconds`; what takes much longer is lost. */
const timeoutMilliseconds = 40_000;
/** Between two answers while one change follows the other: soon at first, then at ease. */
const pausesMilliseconds = [300, 1_000, 2_000, 4_000, 6_000];
const troubleMilliseconds = 5_000;
/** After so many waits without a change the calendars are read all the same: when they were checked is no change. */
const mostQuietWaits = 2;

export class CalendarFeed {
  #told;
  #failed;
  #tag = "";
  #running = null;
  #changes = 0;
  #quietWaits = 0;

  /** `told(calendars)` gets them after every change, `failed(error)` what went wrong; it goes on all the same. */
  constructor({ told, failed }) {
    this.#told = told;
    this.#failed = failed;
  }

  /** Begins, or begins anew: the first answer comes at once. */
  start() {
    this.stop();
    this.#running = new AbortController();
    this.#run(this.#running.signal);
  }

  stop() {
    this.#running?.abort();
    this.#running = null;
  }

  /** Tells again what is known, now. */
  again() {
    this.#tag = "";
    if (this.#running) this.start();
  }

  async #run(signal) {
    while (!signal.aborted) {
      let pause;
      try {
        const calendars = await this.#read(signal);
        if (signal.aborted) return;
        pause = pausesMilliseconds[Math.min(this.#changes, pausesMilliseconds.length - 1)];
        if (calendars) this.#told(calendars);
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
        pause = Math.max(troubleMilliseconds, (error.retryAfterSeconds ?? 0) * 1000);
      }
      await rest(pause, signal);
    }
  }

  /** The calendars; null when nothing has changed in the time. */
  async #read(signal) {
    const isFirst = this.#tag === "" || this.#quietWaits >= mostQuietWaits;
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]);
    const headers = isFirst ? {} : { "If-None-Match": this.#tag };
    const response = await open(`/api/v1/calendars?wait=${isFirst ? 0 : waitSeconds}`, { headers, signal: either });
    this.#quietWaits = response.status === 304 ? this.#quietWaits + 1 : 0;
    this.#changes = response.status === 304 || isFirst ? 0 : this.#changes + 1;
    if (response.status === 304) return null;
    try {
      const { calendars } = await response.json();
      this.#tag = response.headers.get("etag") ?? "";
      return calendars;
    } catch (error) {
      throw lost(error, either);
    }
  }
}

/** Waits so long, or until it is ended. */
function rest(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
