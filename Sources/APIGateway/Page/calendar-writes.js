// Changes of events on their way to the provider: shown as if they were made already, until they are or have failed.

import { call } from "./api.js";
import { isFinished } from "./elements.js";
import { Problem } from "./problem.js";

const waitSeconds = 15;
/** A job that needs longer goes on without being watched. */
const followMilliseconds = 600_000;
const troubleMilliseconds = 3_000;
/** Between two questions, should they be answered at once. */
const leastMilliseconds = 1_000;
/** A change that is made comes back with the next reading of its calendar; it is shown no longer than this without. */
const settleMilliseconds = 30_000;

const rest = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

export class CalendarWrites {
  #writes = new Set();
  #changed;
  #ended;

  /** `changed()`: draw again. `ended(write, job)`: it has ended or waits for a person; job is null: it takes long. */
  constructor({ changed, ended }) {
    this.#changed = changed;
    this.#ended = ended;
  }

  /**
   * Sends a change. `request`: { path, method, body, headers }. `write`: { method, calendarID, key and tag of the event
   * as it was, added: a new event, change(event): what becomes of an event of the week, null for what is not meant },
   * and what `ended` wants to know. Throws Problem, Unreachable: it was not taken.
   */
  async send(request, write) {
    const job = await call(request.path, request);
    const kept = { ...write, isMade: false };
    this.#writes.add(kept);
    this.#changed();
    this.#follow(job, kept);
  }

  /** The events of a week with what is under way laid over them. */
  apply(events) {
    let shown = events;
    for (const write of this.#writes) {
      shown = shown.map((event) => write.change?.(event) ?? event);
      if (write.added) shown = [...shown, write.added];
    }
    return shown;
  }

  /** Takes away what the events of a week, as they were read, have by themselves. */
  settle(events) {
    for (const write of this.#writes) if (write.isMade && isIn(events, write)) this.#writes.delete(write);
  }

  async #follow(job, write) {
    const end = await outcome(job.id);
    if (end?.state === "succeeded") {
      Object.assign(write, { isMade: true, eventID: end.result?.event_id, newTag: end.result?.event?.etag });
      setTimeout(() => this.#drop(write), settleMilliseconds);
    } else {
      this.#writes.delete(write);
    }
    this.#ended(write, end);
  }

  #drop(write) {
    if (this.#writes.delete(write)) this.#changed();
  }
}

/** Whether a change that was made at the provider can be seen in the events that were read. */
function isIn(events, write) {
  if (write.method === "POST") {
    return events.some((event) => event.event_id === write.eventID && event.calendar_id === write.calendarID);
  }
  const event = events.find(({ key }) => key === write.key);
  if (write.method === "DELETE") return !event;
  return !event || event.etag !== write.tag || write.newTag === write.tag;
}

/** The job when it has ended or waits for a person; null when it takes too long to be watched. */
async function outcome(id) {
  const end = Date.now() + followMilliseconds;
  while (Date.now() < end) {
    try {
      const job = await call(`/api/v1/jobs/${encodeURIComponent(id)}?wait=${waitSeconds}`);
      if (isFinished(job.state) || job.state === "waiting") return job;
      await rest(leastMilliseconds);
    } catch (error) {
      if (error instanceof Problem && error.status < 500 && error.status !== 429) return null;
      await rest(Math.max(troubleMilliseconds, (error.retryAfterSeconds ?? 0) * 1000));
    }
  }
  return null;
}
