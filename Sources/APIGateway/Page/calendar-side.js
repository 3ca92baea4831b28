// Beside the week, or over it where there is no room: the calendars, and looking at once whether they have changed.

import { call } from "./api.js";
import { CalendarList } from "./calendar-list.js";
import { element, icon, isFinished, setText } from "./elements.js";
import { toast, toastError } from "./toast.js";

const wide = matchMedia("(min-width: 64rem)");
const waitSeconds = 10;
/** More calendars than this are looked at when their turn comes. */
const mostAtOnce = 8;

export class CalendarSide {
  #calendars = [];
  #list;
  #word = element("span", { text: "Sync now" });
  #sync = element("button", { type: "button", class: "button plain small" }, icon("again"), this.#word);
  #content;
  #sheet;
  #synced;
  node = element("aside", { class: "calendar-side", "aria-label": "Calendars" });

  /** `select(calendar, isSelected)` as for CalendarList; `synced()` when all was looked at. */
  constructor({ select, synced }) {
    this.#synced = synced;
    this.#list = new CalendarList({ select });
    this.#sync.addEventListener("click", () => this.#syncNow());
    this.#content = element("div", { class: "calendar-side-content" }, this.#list.node, this.#sync, key());
    this.#sheet = element("dialog", { class: "dialog calendar-sheet", "aria-label": "Calendars" },
      element("div", { class: "calendar-sheet-head" }, element("h2", { text: "Calendars" }),
        element("button", { type: "button", class: "icon-button", "aria-label": "Close",
          onclick: () => this.#sheet.close() }, icon("close"))));
    this.#sheet.addEventListener("click", (event) => { if (event.target === this.#sheet) this.#sheet.close(); });
    document.body.append(this.#sheet);
    wide.addEventListener("change", () => this.#place());
    this.#place();
  }

  draw(calendars, connections, mayWrite) {
    this.#calendars = calendars;
    this.node.hidden = calendars.length === 0;
    this.#sync.hidden = !mayWrite;
    this.#list.draw(calendars, connections, mayWrite);
  }

  /** As a sheet over the week. */
  open() { this.#sheet.showModal(); }

  #place() {
    if (this.#sheet.open) this.#sheet.close();
    (wide.matches ? this.node : this.#sheet).append(this.#content);
  }

  /** The list of calendars, and what is in those that are shown. */
  async #syncNow() {
    if (this.#sync.getAttribute("aria-disabled") === "true") return;
    this.#isSyncing(true);
    try {
      const chosen = this.#calendars.filter(({ selected, state }) => selected && state !== "unavailable");
      const { jobs } = await call("/api/v1/calendars/sync", { method: "POST" });
      const more = await Promise.all(chosen.slice(0, mostAtOnce).map(({ id }) =>
        call(`/api/v1/calendars/${encodeURIComponent(id)}/sync`, { method: "POST", body: {} })));
      const last = [...jobs, ...more].at(-1);
      const job = last ? await call(`/api/v1/jobs/${encodeURIComponent(last.id)}?wait=${waitSeconds}`) : null;
      if (job && !isFinished(job.state)) toast("This takes longer than usual. It goes on by itself.");
      this.#synced();
    } catch (error) {
      toastError(error);
    }
    this.#isSyncing(false);
  }

  #isSyncing(isSyncing) {
    this.#sync.setAttribute("aria-disabled", String(isSyncing));
    this.#sync.firstChild.classList.toggle("spin", isSyncing);
    setText(this.#word, isSyncing ? "Syncing…" : "Sync now");
  }
}

/** What the looks of events mean. */
function key() {
  const looks = [["busy", "Busy"], ["free", "Free"], ["maybe", "Not certain"], ["asked", "Not answered"],
    ["declined", "Declined"]];
  return element("ul", { class: "look-key", "aria-label": "How events look" }, ...looks.map(([look, text]) => {
    const sample = element("span", { class: "sample event", "aria-hidden": "true" });
    sample.dataset.look = look;
    return element("li", {}, sample, element("span", { class: "look-word", text }));
  }));
}
