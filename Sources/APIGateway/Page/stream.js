// Follows the events of one job over fetch (EventSource cannot send the Authorization header) and applies them.

import { lost, open } from "./api.js";
import { Problem, Unreachable } from "./problem.js";

const firstDelayMilliseconds = 500;
const longestDelayMilliseconds = 10_000;
/** The server sends a keep-alive every 15 s; twice that and more without a byte means the connection is dead. */
const silenceMilliseconds = 40_000;

/**
 * Server-sent events, chunk by chunk. Unlike EventSource an event carries only the id it came with ("" without one).
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class EventParser {
  #rest = "";
  #skipLineFeed = false;
  #name = "";
  #data = [];
  #id = "";
  /** Milliseconds the server asked to wait before a reconnect, or null. */
  retryMilliseconds = null;

  /** Takes decoded text, returns the events completed by it: [{ name, data, id }]. */
  feed(chunk) {
    if (chunk === "") return [];
    const text = this.#skipLineFeed && chunk[0] === "\n" ? chunk.slice(1) : chunk;
    this.#skipLineFeed = chunk.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop();
    return lines.map((line) => this.#take(line)).filter((event) => event !== null);
  }

  #take(line) {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retryMilliseconds = Number(value);
    return null;
  }

  #dispatch() {
    const event = { name: this.#name || "message", data: this.#data.join("\n"), id: this.#id };
    const isEmpty = this.#data.length === 0;
    this.#name = "";
    this.#data = [];
    this.#id = "";
    return isEmpty ? null : event;
  }
}

/** The text of an answer as its events make it, and the cursor (attempt, sequence) of the last one applied. */
export class Answer {
  text = "";
  attempt = 0;
  /** The terminal job, once the end event is here. */
  job = null;
  lastEventID = "";
  #sequence = -1;

  /** Applies one event; false where it was applied before or belongs to an attempt that is over. */
  apply({ name, data, id }) {
    const value = JSON.parse(data);
    if (name === "end") {
      this.job = value;
      this.text = value.result?.text ?? this.text;
      return true;
    }
    if (!["attempt", "delta", "snapshot"].includes(name)) return false;
    if (!this.#moveTo(id, name === "snapshot")) return false;
    if (name === "attempt") this.#begin(value.attempt);
    else this.text = name === "delta" ? this.text + value.text : value.text;
    return true;
  }

  #moveTo(id, allowsSame) {
    const cursor = /^(\d+)-(\d+)$/.exec(id);
    if (!cursor) return true;
    const [attempt, sequence] = [Number(cursor[1]), Number(cursor[2])];
    if (attempt < this.attempt) return false;
    if (attempt > this.attempt) this.#begin(attempt);
    else if (sequence < this.#sequence || (sequence === this.#sequence && !allowsSame)) return false;
    this.#sequence = sequence;
    this.lastEventID = id;
    return true;
  }

  #begin(attempt) {
    if (attempt === this.attempt) return;
    this.attempt = attempt;
    this.text = "";
    this.#sequence = -1;
  }
}

/**
 * Reads a job's events into `answer` until its end event; reconnects with Last-Event-ID and a growing delay.
 * `changed(isConnected)` is called after every change. Throws Problem where retrying is pointless, or AbortError.
 */
export async function follow(jobID, answer, { changed, signal }) {
  let failures = 0;
  while (!answer.job) {
    const before = answer.lastEventID;
    let wished = null;
    try {
      wished = await read(jobID, answer, changed, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof Problem && error.status < 500 && ![408, 429].includes(error.status)) throw error;
      wished = (error.retryAfterSeconds ?? 0) * 1000;
    }
    if (answer.job) return;
    changed(false);
    failures = answer.lastEventID === before ? failures + 1 : 0;
    await pause(Math.max(wished ?? 0, delayMilliseconds(failures)), signal);
  }
}

function delayMilliseconds(failures) {
  const delay = Math.min(longestDelayMilliseconds, firstDelayMilliseconds * 2 ** Math.min(failures, 10));
  return delay * (0.75 + Math.random() / 2);
}

/** One connection, until it closes. Returns the server's `retry:` wish in milliseconds, or null. */
async function read(jobID, answer, changed, signal) {
  const dead = new AbortController();
  const both = AbortSignal.any([signal, dead.signal]);
  let timer = 0;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dead.abort(new DOMException("silent", "TimeoutError")), silenceMilliseconds);
  };
  alive();
  try {
    const headers = { Accept: "text/event-stream" };
    if (answer.lastEventID) headers["Last-Event-ID"] = answer.lastEventID;
    const response = await open(`/api/v1/jobs/${encodeURIComponent(jobID)}/events`, { headers, signal: both });
    changed(true);
    const parser = new EventParser();
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      alive();
      for (const event of parser.feed(decoder.decode(chunk.value, { stream: true }))) {
        if (answer.apply(event)) changed(true);
        if (answer.job) return null;
      }
    }
    return parser.retryMilliseconds;
  } catch (error) {
    throw error instanceof Problem || error instanceof Unreachable || error instanceof SyntaxError
      ? error : lost(error, both);
  } finally {
    clearTimeout(timer);
    dead.abort();
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const end = (settle) => () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      signal.removeEventListener("abort", stop);
      settle(signal.reason);
    };
    const wake = end(resolve);
    const stop = end(reject);
    const timer = setTimeout(wake, milliseconds);
    addEventListener("online", wake);
    signal.addEventListener("abort", stop);
  });
}
