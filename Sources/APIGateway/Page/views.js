// Which view the address asks for, what it is called, and where the focus goes when it opens.

import { Calendar } from "./calendar.js";
import { byID, setText } from "./elements.js";
import { Settings } from "./settings.js";
import { Tasks } from "./tasks.js";

const sections = ["chat", "jobs", "tasks", "calendar", "settings"];
const links = { chat: "to-chat", jobs: "to-jobs", tasks: "to-tasks", calendar: "to-calendar" };

export class Views {
  /** chat, jobs, tasks, calendar or settings. */
  name = "chat";
  #chat;
  #conversations;
  #jobs;
  #tasks = new Tasks();
  #calendar = new Calendar();
  #settings = new Settings();

  constructor({ chat, conversations, jobs }) {
    this.#chat = chat;
    this.#conversations = conversations;
    this.#jobs = jobs;
  }

  route() {
    const parameters = new URLSearchParams(location.search);
    const view = parameters.get("view") ?? "chat";
    this.name = this.#settings.has(view) ? "settings" : sections.includes(view) ? view : "chat";
    for (const section of sections) byID(section).hidden = section !== this.name;
    for (const [section, link] of Object.entries(links)) {
      byID(link).setAttribute("aria-current", section === this.name ? "page" : "false");
    }
    document.body.classList.toggle("without-drawer", this.name !== "chat");
    this.#jobs.isShown = this.name === "jobs";
    if (this.name === "chat") this.#showChat(parameters.get("conversation"));
    if (this.name === "tasks") this.#tasks.show();
    if (this.name === "calendar") this.#calendar.show();
    else this.#calendar.hide();
    if (this.name === "settings") this.#settings.show(view);
    this.setTitle();
  }

  #showChat(conversation) {
    this.#conversations.open = conversation;
    byID("to-chat").href = location.href;
    this.#chat.show(conversation);
    this.#chat.appear();
  }

  /** After somebody followed a link: the chat takes the focus itself. */
  focus() {
    if (this.name === "settings") this.#settings.focus();
    else if (this.name !== "chat") byID(`${this.name}-title`).focus();
  }

  setTitle() {
    const { conversation } = this.#chat;
    const title = conversation === null ? "New conversation"
      : this.#conversations.titleOf(conversation) ?? "Conversation";
    setText(byID("chat-title"), title);
    const names = { chat: title, jobs: "Jobs", tasks: "Tasks", calendar: "Calendar", settings: this.#settings.title };
    document.title = `${names[this.name]} · Errand`;
  }
}
