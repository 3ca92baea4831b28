// The list of conversations beside the chat.

import { listConversations } from "./api.js";
import { byID, element, relativeTime, setText } from "./elements.js";

export class Conversations {
  #entries = new Map();
  #olderCursor = null;
  #hasOlder = false;
  #open = null;
  #changed;

  /** `changed(conversation)`: the open conversation is listed for the first time, or was changed since. */
  constructor({ changed }) {
    this.#changed = changed;
    byID("conversations-more").addEventListener("click", () => this.#showOlder());
  }

  /** Marks the open one; null marks none. */
  set open(id) {
    this.#open = id;
    for (const [key, entry] of this.#entries) mark(entry.link, key === id);
  }

  titleOf(id) { return this.#entries.get(id)?.link.firstChild.textContent ?? null; }

  /** Reads the newest again. An error is left to the caller's next round: the list stays as it was. */
  async refresh() {
    const page = await listConversations().catch(() => null);
    if (!page) return;
    if (!this.#hasOlder) this.#olderCursor = page.next_cursor;
    page.conversations.forEach((conversation, place) => this.#put(conversation, place));
    this.#drawEnds();
  }

  #put(conversation, place) {
    const list = byID("conversations");
    const entry = this.#entries.get(conversation.id) ?? this.#add(conversation.id);
    const version = `${conversation.updated_at} ${conversation.turns}`;
    const isChanged = entry.version !== version;
    entry.version = version;
    setText(entry.link.firstChild, conversation.title || "Untitled conversation");
    setText(entry.link.lastChild, relativeTime(conversation.updated_at));
    if (list.children[place] !== entry.node) list.insertBefore(entry.node, list.children[place] ?? null);
    if (isChanged && conversation.id === this.#open) this.#changed(conversation);
  }

  #add(id) {
    const link = element("a", { href: `/?conversation=${encodeURIComponent(id)}` },
      element("span", { class: "title" }), element("span", { class: "when" }));
    const entry = { link, node: element("li", {}, link), version: "" };
    mark(link, id === this.#open);
    this.#entries.set(id, entry);
    return entry;
  }

  async #showOlder() {
    const page = await listConversations(this.#olderCursor).catch(() => null);
    if (!page) return;
    this.#hasOlder = true;
    this.#olderCursor = page.next_cursor;
    for (const conversation of page.conversations) this.#put(conversation, this.#entries.size);
    this.#drawEnds();
  }

  #drawEnds() {
    byID("conversations-empty").hidden = this.#entries.size > 0;
    byID("conversations-more").hidden = !this.#olderCursor;
  }
}

function mark(link, isOpen) {
  if (isOpen) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}
