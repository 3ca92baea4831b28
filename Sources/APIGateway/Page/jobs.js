// The list of jobs with live states. It is also the page's pulse: others learn from it what runs.

import { cancelJob, listJobs, tell } from "./api.js";
import { byID, duration, element, exactTime, icon, isFinished, relativeTime, setText, showError, stateIcon, stateWord }
  from "./elements.js";
import { Problem } from "./problem.js";

// Slow enough that several tabs stay below the server's limit of requests a minute.
const busyMilliseconds = 4_000;
const shownMilliseconds = 5_000;
const quietMilliseconds = 15_000;
const pageSize = 50;
const excerptLength = 200;

export class Jobs {
  #rows = new Map();
  #timer = 0;
  #polling = null;
  #isShown = false;
  #olderCursor = null;
  #hasOlder = false;
  #isReadingOlder = false;
  #state = byID("job-state");
  #told;

  /** `told(jobs)` gets the newest jobs after every poll. */
  constructor({ told }) {
    this.#told = told;
    this.#state.addEventListener("change", () => this.#restart());
    byID("jobs-more").addEventListener("click", () => this.#showOlder());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.poll(); });
  }

  set isShown(isShown) {
    this.#isShown = isShown;
    if (isShown) this.poll();
  }

  /** Asks for the newest jobs now, then again and again until stop(). */
  async poll() {
    clearTimeout(this.#timer);
    if (this.#polling || document.hidden) return;
    const polling = this.#polling = Symbol("poll");
    let wait = this.#isShown ? shownMilliseconds : quietMilliseconds;
    try {
      const newest = await listJobs({ limit: pageSize });
      const state = this.#state.value;
      const page = this.#isShown && state ? await listJobs({ limit: pageSize, state }) : newest;
      if (this.#polling !== polling) return;
      if (newest.jobs.some((job) => !isFinished(job.state))) wait = busyMilliseconds;
      this.#told(newest.jobs);
      if (state === this.#state.value) this.#take(page);
    } catch (error) {
      wait = this.#failed(error);
    }
    if (this.#polling !== polling) return;
    this.#polling = null;
    this.#timer = setTimeout(() => this.poll(), wait);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#polling = null;
  }

  #failed(error) {
    if (error instanceof Problem && error.status >= 500) tell("reach", "trouble");
    if (!(error instanceof Problem)) return busyMilliseconds;
    if (this.#isShown && error.status < 500 && error.status !== 429) showError(byID("jobs-error"), error);
    return Math.max(shownMilliseconds, (error.retryAfterSeconds ?? 0) * 1000);
  }

  #restart() {
    this.stop();
    this.#rows.clear();
    this.#hasOlder = false;
    this.#olderCursor = null;
    byID("job-list").replaceChildren();
    byID("jobs-empty").hidden = true;
    byID("jobs-more").hidden = true;
    byID("jobs-loading").hidden = false;
    showError(byID("jobs-error"), null);
    this.poll();
  }

  #take(page) {
    if (!this.#hasOlder) this.#olderCursor = page.next_cursor;
    const listed = new Set(page.jobs.map((job) => job.id));
    for (const [id, row] of this.#rows) {
      const hasLeft = !listed.has(id) && !(this.#hasOlder && (this.#state.value === "" || isFinished(row.job.state)));
      if (hasLeft) this.#drop(id, row);
    }
    page.jobs.forEach((job, place) => this.#put(job, place));
    showError(byID("jobs-error"), null);
    this.#drawEnds();
  }

  #drop(id, row) {
    if (row.node.contains(document.activeElement)) byID("jobs-title").focus();
    row.node.remove();
    this.#rows.delete(id);
  }

  #put(job, place) {
    const list = byID("job-list");
    let row = this.#rows.get(job.id);
    if (!row) this.#rows.set(job.id, row = new Row(job));
    row.draw(job);
    const there = list.children[place] ?? null;
    if (there !== row.node) list.insertBefore(row.node, there);
  }

  async #showOlder() {
    const state = this.#state.value;
    if (this.#isReadingOlder) return;
    this.#isReadingOlder = true;
    try {
      const page = await listJobs({ limit: pageSize, state, cursor: this.#olderCursor });
      if (state !== this.#state.value) return;
      this.#hasOlder = true;
      this.#olderCursor = page.next_cursor;
      page.jobs.forEach((job) => this.#put(job, this.#rows.size));
    } catch (error) {
      showError(byID("jobs-error"), error);
    } finally {
      this.#isReadingOlder = false;
    }
    this.#drawEnds();
  }

  #drawEnds() {
    const state = this.#state.value;
    byID("jobs-loading").hidden = true;
    byID("jobs-more").hidden = !this.#olderCursor;
    byID("jobs-empty").hidden = this.#rows.size > 0;
    setText(byID("jobs-empty-title"), state ? "Nothing here" : "No jobs yet");
    setText(byID("jobs-empty-text"), state ? `No job is ${stateWord(state).toLowerCase()} right now.`
      : "Send a message in the chat: its answer is a job and shows up here.");
  }
}

/** One job in the list; draw() changes only what differs, so that focus and open details stay. */
class Row {
  job;
  #part = {};
  #problem = null;
  #isCancelling = false;

  constructor(job) {
    const part = this.#part;
    part.state = element("span", { class: "state" });
    part.when = element("time", {});
    part.took = element("span", { class: "took" });
    part.note = element("span", { class: "job-note" });
    part.facts = element("div", { class: "facts" });
    part.details = element("details", { ontoggle: () => this.draw(this.job) },
      element("summary", {}, part.note, element("span", { class: "hidden", text: ` Details of job ${job.id}` })),
      part.facts);
    part.cancel = element("button", { type: "button", class: "button plain small", onclick: () => this.#cancel() },
      icon("close"), element("span", { text: "Cancel" }), element("span", { class: "hidden", text: ` job ${job.id}` }));
    part.error = element("div", { class: "notice error", role: "alert", hidden: true });
    this.node = element("li", { class: "job" },
      element("div", { class: "job-line" }, part.state,
        element("span", { class: "kind", text: job.kind }), part.took, part.when, part.cancel),
      part.error, part.details);
  }

  draw(job) {
    this.job = job;
    const part = this.#part;
    if (part.state.dataset.state !== job.state) {
      part.state.dataset.state = job.state;
      part.state.replaceChildren(stateIcon(job.state), element("span", { text: stateWord(job.state) }));
    }
    part.when.dateTime = job.created_at;
    part.when.title = exactTime(job.created_at);
    setText(part.when, relativeTime(job.created_at));
    setText(part.took, this.#took());
    setText(part.note, this.#note());
    part.note.classList.toggle("bad", job.state === "failed");
    const isAsked = this.#isCancelling || job.cancel_requested;
    part.cancel.hidden = isFinished(job.state);
    part.cancel.disabled = isAsked;
    setText(part.cancel.children[1], isAsked ? "Cancelling…" : "Cancel");
    if (part.details.open) this.#drawFacts();
  }

  #took() {
    const { started_at: start, finished_at: end } = this.job;
    if (!start) return "";
    return duration((end ? Date.parse(end) : Date.now()) - Date.parse(start));
  }

  #note() {
    const { job } = this;
    if (job.state === "failed") return job.failure?.message || "The job failed without a message.";
    if (job.state === "scheduled" && Date.parse(job.run_at) > Date.now()) {
      return `${job.attempt > 0 ? "Trying again" : "Starts"} ${relativeTime(job.run_at)}`;
    }
    if (job.attempt > 1 && !isFinished(job.state)) return `Attempt ${job.attempt}`;
    const text = job.result?.text?.slice(0, excerptLength).trim();
    return text || "Details";
  }

  #drawFacts() {
    const { job } = this;
    const spent = Math.max(job.attempts_spent ?? 0, 0);
    const facts = [
      ["Job", job.id], ["Queue", job.queue], ["Attempts", `${spent} of ${job.max_attempts} used`],
      ["Created", exactTime(job.created_at)], ["Started", exactTime(job.started_at)],
      ["Finished", exactTime(job.finished_at)],
      ["Failure", job.failure ? `${job.failure.code} (${job.failure.kind})` : ""],
      ["Model", job.result?.model ?? ""], ["Tokens", tokens(job.result?.usage)],
      ["Result", job.result ? job.result.text ?? JSON.stringify(job.result, null, 2) : ""],
    ].filter(([, value]) => value);
    const state = JSON.stringify(facts);
    const { facts: node } = this.#part;
    if (node.dataset.state === state) return;
    node.dataset.state = state;
    node.replaceChildren(element("dl", {}, ...facts.flatMap(([name, value]) =>
      [element("dt", { text: name }), element("dd", { text: value })])));
    const conversation = job.result?.conversation_id;
    if (conversation) {
      const href = `/?conversation=${encodeURIComponent(conversation)}`;
      node.append(element("a", { href, text: "Open the conversation" }));
    }
  }

  async #cancel() {
    this.#isCancelling = true;
    this.#part.details.firstChild.focus();
    this.draw(this.job);
    showError(this.#part.error, null);
    try {
      this.draw(await cancelJob(this.job.id));
    } catch (error) {
      showError(this.#part.error, error);
    }
    this.#isCancelling = false;
    this.draw(this.job);
  }
}

function tokens(usage) {
  if (!usage) return "";
  return `${usage.estimated ? "about " : ""}${usage.input_tokens} in, ${usage.output_tokens} out`;
}
