// The open conversation: its exchanges, and which of them is followed.

import { allMessages } from "./api.js";
import { Composer } from "./composer.js";
import { byID, showError } from "./elements.js";
import { Exchange } from "./exchange.js";
import { Problem } from "./problem.js";

const closeToEndPixels = 80;

export class Chat {
  conversation = null;
  #exchanges = [];
  #refreshing = null;
  /** Grows with every change of conversation: what was asked for an older one is dropped. */
  #epoch = 0;
  #isAtEnd = true;
  #settling = 0;
  #thread = byID("thread");
  #composer;

  #settled;

  /** `posted(conversation, from)` is told of every accepted message, `settled()` of every answer that ended. */
  constructor({ posted, settled }) {
    this.#settled = settled;
    this.#composer = new Composer({
      stop: () => this.#head?.stop(),
      accepted: (answer, text, from) => {
        if (this.conversation === from) this.#append(answer, text);
        posted(answer.conversation_id, from);
      },
    });
    this.#thread.addEventListener("scroll", () => this.#noteScroll(), { passive: true });
    new ResizeObserver(() => this.#stayAtEnd()).observe(this.#thread);
    byID("latest").addEventListener("click", () => {
      this.#isAtEnd = true;
      this.#stayAtEnd();
      this.#composer.focus();
    });
    byID("ideas").addEventListener("click", (event) => {
      const idea = event.target.closest("button");
      if (idea) this.#composer.propose(idea.textContent);
    });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#pause() : this.refresh()));
  }

  /** Shows a conversation, or with null the start of a new one. */
  async show(conversation) {
    if (conversation === this.conversation && this.#epoch > 0) return this.refresh();
    this.#clear();
    this.conversation = conversation;
    this.#composer.turnTo(conversation);
    this.#update();
    byID("thread-loading").hidden = conversation === null;
    await this.refresh();
  }

  /** The chat came into view. */
  appear() {
    this.#composer.fit();
    this.#stayAtEnd();
    this.#composer.focus();
  }

  /** Says why nothing can be written in this workspace; "" where it can. */
  refuse(reason) {
    byID("ideas").hidden = reason !== "";
    this.#composer.refuse(reason);
  }

  /** Reads the conversation again and brings the exchanges up to date; calls meanwhile share the one reading. */
  refresh() {
    if (this.conversation === null || document.hidden) return Promise.resolve();
    this.#refreshing ??= this.#read(this.#epoch).finally(() => { this.#refreshing = null; });
    return this.#refreshing;
  }

  /** Somebody has signed in again: what stopped for that goes on. */
  goOn() {
    for (const exchange of this.#exchanges) exchange.forgive();
    this.#update();
    return this.refresh();
  }

  /** What the job list says about jobs of this conversation. */
  takeJobs(jobs) {
    const byJob = new Map(jobs.map((job) => [job.id, job]));
    for (const exchange of this.#exchanges) {
      const job = byJob.get(exchange.jobID);
      if (job) exchange.takeState(job.state);
    }
  }

  async #read(epoch) {
    try {
      const messages = await allMessages(this.conversation);
      if (epoch !== this.#epoch) return;
      for (const [question, reply] of pair(messages)) {
        const exchange = this.#exchangeOf(question);
        await exchange.takeStored(question, reply);
        if (epoch !== this.#epoch) return;
      }
      showError(byID("thread-error"), null);
    } catch (error) {
      if (epoch === this.#epoch) this.#failed(error);
    } finally {
      if (epoch === this.#epoch) byID("thread-loading").hidden = true;
    }
    this.#update();
  }

  #failed(error) {
    const isKnown = this.#exchanges.length > 0;
    if (isKnown && !(error instanceof Problem && error.status === 404)) return;
    showError(byID("thread-error"), error,
      error.status === 404 ? null : { text: "Try again", run: () => this.refresh() });
  }

  #exchangeOf(question) {
    const known = this.#exchanges.find((exchange) => exchange.messageID === question.id);
    if (known) return known;
    const exchange = new Exchange(question, this);
    this.#exchanges.push(exchange);
    byID("exchanges").append(exchange.node);
    return exchange;
  }

  #append(job, text) {
    if (this.conversation === null) {
      this.conversation = job.conversation_id;
      this.#composer.moveTo(job.conversation_id);
    }
    this.#exchangeOf({ id: job.message_id, turn: job.turn, content: text, job_id: job.id, job_state: job.state });
    this.#isAtEnd = true;
    this.#update();
    this.#stayAtEnd();
  }

  #clear() {
    this.#epoch += 1;
    this.#refreshing = null;
    this.#pause();
    this.#exchanges = [];
    this.#isAtEnd = true;
    byID("exchanges").replaceChildren();
    showError(byID("thread-error"), null);
    byID("thread-loading").hidden = true;
    byID("latest").hidden = true;
  }

  #pause() {
    for (const exchange of this.#exchanges) exchange.pause();
  }

  /** The exchange whose answer is being made; the server keeps the order, so one stream at a time is enough. */
  get #head() { return this.#exchanges.find((exchange) => !exchange.isSettled); }

  // What an exchange tells.
  isBehind(exchange) { return this.#head !== undefined && this.#head !== exchange; }
  drawn() { this.#settling ||= requestAnimationFrame(() => this.#stayAtEnd()); }
  settled() {
    this.#update();
    this.#settled();
  }

  focusDraft() { this.#composer.focus(); }
  askAgain(text) { this.#composer.propose(text); }

  #update() {
    const head = this.#head;
    if (head && !document.hidden) head.follow();
    for (const exchange of this.#exchanges) exchange.redraw();
    const isLoading = !byID("thread-loading").hidden;
    byID("welcome").hidden = this.#exchanges.length > 0 || isLoading || !byID("thread-error").hidden;
    this.#composer.takeRunning(head);
  }

  #noteScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.#thread;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < closeToEndPixels;
    byID("latest").hidden = this.#isAtEnd;
  }

  #stayAtEnd() {
    this.#settling = 0;
    if (this.#isAtEnd) this.#thread.scrollTop = this.#thread.scrollHeight;
    else this.#noteScroll();
  }
}

/** Messages as [question, reply?]: a reply belongs to its job, else to its turn, else to the first open question. */
function pair(messages) {
  const pairs = messages.filter((message) => message.role === "user").map((question) => [question, undefined]);
  for (const reply of messages.filter((message) => message.role === "assistant")) {
    const open = pairs.filter((found) => found[1] === undefined);
    const found = open.find(([question]) => question.job_id && question.job_id === reply.job_id)
      ?? open.find(([question]) => question.turn === reply.turn) ?? open[0];
    if (found) found[1] = reply;
  }
  return pairs;
}
