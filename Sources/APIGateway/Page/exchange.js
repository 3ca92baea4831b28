// One exchange of a conversation: a message, the job that answers it, and the answer as far as it is there.

import { cancelJob, getJob } from "./api.js";
import { announce, element, icon, isFinished, setText } from "./elements.js";
import { Problem, words } from "./problem.js";
import { Answer, follow } from "./stream.js";

/** So long after the job list said finished, the stream is no longer waited for. */
const graceMilliseconds = 5_000;
const noAnswer = { partial: "The answer is incomplete.", none: "There is no answer to this message." };

export class Exchange {
  #answer = new Answer();
  #following = null;
  #isConnected = true;
  #isCancelling = false;
  #problem = null;
  #drawing = 0;
  #finishedSince = 0;
  #part = {};
  #thread;
  /** The answer as the server stored it; null until it is known. */
  #stored = null;

  /** `thread` is told about changes: drawn(), settled(), askAgain(text), focusDraft(). */
  constructor(message, thread) {
    this.messageID = message.id;
    this.turn = message.turn;
    this.question = message.content;
    this.jobID = message.job_id ?? null;
    this.jobState = message.job_state ?? null;
    this.#thread = thread;
    this.node = this.#build();
    this.#draw();
  }

  get isSettled() { return this.#stored !== null || this.#answer.job !== null || this.#problem !== null; }
  get isFollowed() { return this.#following !== null; }
  get canStop() { return !this.isSettled && this.jobID !== null && !this.#isCancelling; }
  get isStopping() { return !this.isSettled && this.#isCancelling; }

  /** Takes what the server has stored: the answer's message, or for an answer that never came, its job. */
  async takeStored(message, reply) {
    this.jobID ??= message.job_id ?? reply?.job_id ?? null;
    const state = message.job_state ?? reply?.job_state ?? null;
    if (this.#answer.job && !reply) return;
    if (this.isFollowed) return this.takeState(state ?? "succeeded");
    if (this.jobID !== null && state !== null && !isFinished(state)) return this.takeState(state);
    const mustAsk = this.jobID !== null && !this.#answer.job && (!reply || reply.status === "partial");
    const job = mustAsk ? await this.#askForJob() : this.#answer.job;
    if (job && !isFinished(job.state)) return this.takeState(job.state);
    this.#settle(job, reply ?? null);
  }

  async #askForJob() {
    try {
      return await getJob(this.jobID);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }
  }

  /** The job's state as the job list knows it. A finished job is read where no stream is about to bring its end. */
  takeState(state) {
    if (this.isSettled) return;
    this.jobState = state;
    this.#draw();
    if (!isFinished(state)) return;
    this.#finishedSince ||= Date.now();
    if (this.isFollowed && Date.now() - this.#finishedSince < graceMilliseconds) return;
    this.#askForJob().then((job) => { if (job && isFinished(job.state)) this.#finish(job); }, () => {});
  }

  /** Follows the events of the job until it ends. Does nothing when it is followed or settled already. */
  async follow() {
    if (this.isFollowed || this.isSettled || this.jobID === null) return;
    this.#following = new AbortController();
    const { signal } = this.#following;
    const changed = (isConnected) => {
      this.#isConnected = isConnected;
      if (this.#answer.attempt > 0 && !this.#answer.job) this.jobState = "running";
      this.#drawSoon();
    };
    try {
      await follow(this.jobID, this.#answer, { changed, signal });
      this.#following = null;
      this.#finish(this.#answer.job);
    } catch (error) {
      if (signal.aborted) return;
      this.#following = null;
      this.#problem = error;
      this.#draw();
      this.#thread.settled();
    }
  }

  /** Stops following; the cursor stays, a later follow() goes on from it. */
  pause() {
    this.#following?.abort();
    this.#following = null;
  }

  redraw() { this.#draw(); }

  /** What stopped the following is over, such as the end of the session: it may be followed again. */
  forgive() { this.#problem = null; }

  async stop() {
    this.#isCancelling = true;
    this.#draw();
    try {
      const job = await cancelJob(this.jobID);
      if (isFinished(job.state) && !this.isFollowed) this.#finish(job);
    } catch (error) {
      this.#isCancelling = false;
      announce(words(error));
      this.#draw(words(error));
    }
  }

  #cancel() {
    this.stop();
    this.#thread.focusDraft();
  }

  #finish(job) {
    if (this.#stored) return;
    this.#answer.job = job;
    this.#answer.text = job.result?.text ?? this.#answer.text;
    this.#settle(job, null);
    if (job.state === "succeeded") announce(this.#answer.text);
    else announce(job.state === "cancelled" ? "The answer was stopped." : this.#failureWords(job));
    this.#thread.settled();
  }

  #settle(job, reply) {
    this.jobState = job?.state ?? (reply ? "succeeded" : null);
    this.#answer.job = job;
    this.#stored = reply ?? this.#stored ?? (job ? {} : { status: "none" });
    if (reply) this.#answer.text = reply.content;
    else if (typeof job?.result?.text === "string") this.#answer.text = job.result.text;
    this.pause();
    this.#draw();
  }

  #failureWords(job) {
    return job.failure?.message || "The answer could not be made.";
  }

  #build() {
    const part = this.#part;
    part.text = document.createTextNode("");
    part.answer = element("div", { class: "answer-text" }, part.text, element("span", { class: "caret" }));
    part.mark = element("p", { class: "mark", hidden: true }, icon("again"), element("span"));
    part.status = element("p", { class: "status" });
    part.foot = element("div", { class: "foot" });
    part.article = element("div", { class: "answer" },
      element("h2", { class: "hidden", text: "Answer" }), part.mark, part.answer, part.status, part.foot);
    return element("li", { class: "exchange" },
      element("div", { class: "question" }, element("h2", { class: "hidden", text: "You" }),
        element("p", { text: this.question })),
      part.article);
  }

  #drawSoon() {
    if (this.#drawing !== 0) return;
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = 0;
      this.#draw();
    });
  }

  #draw(complaint = "") {
    const part = this.#part;
    const { text, attempt } = this.#answer;
    const isStreaming = !this.isSettled && this.#isConnected && this.jobState === "running" && text !== "";
    if (text.startsWith(part.text.data)) part.text.appendData(text.slice(part.text.data.length));
    else part.text.data = text;
    part.answer.hidden = text === "";
    part.article.classList.toggle("streaming", isStreaming);
    part.article.setAttribute("aria-busy", String(!this.isSettled));
    part.mark.hidden = this.isSettled || attempt < 2;
    const mark = `Trying again (attempt ${attempt})`;
    if (!part.mark.hidden && part.mark.textContent !== mark) announce(mark);
    setText(part.mark.lastChild, mark);
    this.#drawStatus(complaint);
    this.#drawFoot();
    this.#thread.drawn();
  }

  #drawStatus(complaint) {
    const [name, text, spins] = complaint ? ["alert", complaint] : this.isSettled ? this.#ending() : this.#progress();
    const { status } = this.#part;
    status.hidden = text === "";
    status.classList.toggle("bad", ["failed", "alert"].includes(name));
    if (status.dataset.name === name && status.textContent === text) return;
    status.dataset.name = name;
    status.replaceChildren(icon(name, spins), element("span", { text }));
  }

  #progress() {
    if (this.#isCancelling) return ["running", "Stopping…", true];
    if (!this.#isConnected) return ["running", "Connection lost. Reconnecting…", true];
    if (this.jobState === "scheduled") return ["scheduled", "This attempt did not work out. The next one starts soon."];
    if (!this.isFollowed && this.#thread.isBehind(this)) return ["queued", "Waiting for the answer before this one"];
    if (this.#answer.attempt === 0) return ["queued", "In the queue…"];
    return this.#answer.text === "" ? ["running", "Thinking…", true] : ["running", ""];
  }

  #ending() {
    const job = this.#answer.job;
    if (this.#problem) {
      return ["failed", this.#problem instanceof Problem && this.#problem.status === 404
        ? "This answer can no longer be found." : words(this.#problem)];
    }
    if (job?.state === "failed") return ["failed", this.#failureWords(job)];
    if (job?.state === "cancelled") {
      return ["cancelled", this.#answer.text === "" ? "Stopped before it began" : "Stopped"];
    }
    if (job?.result?.finish_reason === "length") return ["alert", "Cut off at the length limit"];
    return ["cancelled", noAnswer[this.#stored?.status] ?? ""];
  }

  #drawFoot() {
    const { foot } = this.#part;
    const isBehind = this.canStop && this.#thread.isBehind(this);
    const state = this.isSettled ? `done ${this.jobState}` : isBehind ? "behind" : "";
    if (foot.dataset.state === state) return;
    foot.dataset.state = state;
    foot.replaceChildren(...this.#actions(state));
  }

  #actions(state) {
    const action = (name, text, run) =>
      element("button", { type: "button", class: "quiet-button", onclick: run }, icon(name), element("span", { text }));
    if (state === "behind") return [action("close", "Cancel", () => this.#cancel())];
    if (!this.isSettled) return [];
    const isGood = this.jobState === "succeeded";
    return [
      this.#answer.text !== "" && navigator.clipboard ? action("copy", "Copy", (event) => this.#copy(event)) : null,
      isGood ? null : action("again", "Ask again", () => this.#thread.askAgain(this.question)),
      this.#modelName ? element("span", { class: "model", text: this.#modelName }) : null,
    ].filter(Boolean);
  }

  get #modelName() { return this.#stored?.model ?? this.#answer.job?.result?.model ?? ""; }

  async #copy(event) {
    const label = event.currentTarget.lastChild;
    const isDone = await navigator.clipboard.writeText(this.#answer.text).then(() => true, () => false);
    label.textContent = isDone ? "Copied" : "Not copied";
    announce(label.textContent);
    setTimeout(() => { label.textContent = "Copy"; }, 2000);
  }
}
