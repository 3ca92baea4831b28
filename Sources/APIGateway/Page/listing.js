// Lists that load themselves: they say that they load, that there is nothing, or what went wrong.

import { element, icon, showError } from "./elements.js";

export class Listing {
  #load;
  #row;
  #items = [];
  #cursor = null;
  #reading = null;
  #loading;
  #error = element("div", { class: "notice error", role: "alert", hidden: true });
  #empty;
  #more;

  /** `load(cursor)` gives { items, cursor }, cursor null at the end; `row(item)` the content of an item's <li>. */
  constructor({ load, row, label, empty }) {
    this.#load = load;
    this.#row = row;
    this.list = element("ul", { class: "rows", "aria-label": label });
    this.#loading = element("p", { class: "loading" }, icon("running", true), "Loading…");
    this.#empty = element("p", { class: "empty-note", hidden: true, text: empty });
    this.#more = element("button", { type: "button", class: "button plain more", text: "Show more", hidden: true,
      onclick: () => this.#readOn() });
    this.node = element("div", { class: "listing" }, this.#error, this.#loading, this.#empty, this.list, this.#more);
  }

  get items() { return this.#items; }

  /** Reads the list from its beginning; what is shown stays until the new is there. */
  async reload() {
    this.#loading.hidden = this.#items.length > 0;
    await this.#read(null, (items) => {
      this.#items = items;
      this.list.replaceChildren(...items.map((item) => this.#make(item)));
    });
  }

  /** Puts something new in front. */
  prepend(item) {
    this.#items.unshift(item);
    this.list.prepend(this.#make(item));
    this.#drawEnds();
  }

  /** Draws one again, in its place. */
  replace(item) {
    const place = this.#items.findIndex(({ id }) => id === item.id);
    if (place < 0) return;
    this.#items[place] = item;
    this.list.children[place].replaceWith(this.#make(item));
  }

  /** Takes one out. The focus, if it was in it, goes to its neighbour, else to `fallback`. */
  remove(id, fallback) {
    const place = this.#items.findIndex((item) => item.id === id);
    if (place < 0) return;
    const node = this.list.children[place];
    const hadFocus = node.contains(document.activeElement) || document.activeElement === document.body;
    this.#items.splice(place, 1);
    node.remove();
    this.#drawEnds();
    const next = this.list.children[Math.min(place, this.#items.length - 1)];
    if (hadFocus) (next?.querySelector("button, a, input") ?? fallback)?.focus();
  }

  #make(item) { return element("li", { class: "row" }, ...this.#row(item)); }

  async #readOn() {
    const before = this.#items.length;
    await this.#read(this.#cursor, (items) => {
      this.#items.push(...items);
      this.list.append(...items.map((item) => this.#make(item)));
    });
    this.list.children[before]?.querySelector("button, a, input")?.focus();
  }

  /** The newest reading wins: an older one that is answered later is dropped. */
  async #read(cursor, take) {
    const reading = this.#reading = Symbol("reading");
    try {
      const page = await this.#load(cursor);
      if (reading !== this.#reading) return;
      take(page.items);
      this.#cursor = page.cursor ?? null;
      showError(this.#error, null);
    } catch (error) {
      if (reading !== this.#reading) return;
      showError(this.#error, error, { text: "Try again", run: () => this.reload() });
    }
    this.#loading.hidden = true;
    this.#drawEnds();
  }

  #drawEnds() {
    this.#empty.hidden = this.#items.length > 0 || !this.#error.hidden;
    this.#more.hidden = this.#cursor === null;
  }
}
