// The calendars: which of them are shown, and how each of them is.

import { open } from "./api.js";
import { colorOf } from "./calendar-events.js";
import { stateOf } from "./calendar-state.js";
import { element, icon, setText } from "./elements.js";
import { toastError } from "./toast.js";

export class CalendarList {
  #rows = new Map();
  #shape = "";
  #select;
  node = element("div", { class: "calendar-list" });

  /** `select(calendar, isSelected)` asks the server; afterwards the box shows what it said. */
  constructor({ select }) { this.#select = select; }

  draw(calendars, connections, mayWrite) {
    const shape = JSON.stringify(calendars.map(({ id, account, connection_id: of }) => [id, account, of]));
    if (shape !== this.#shape) this.#build(calendars);
    this.#shape = shape;
    for (const calendar of calendars) {
      this.#rows.get(calendar.id).draw(calendar, connections.get(calendar.connection_id), mayWrite);
    }
  }

  #build(calendars) {
    const kept = this.#rows;
    this.#rows = new Map(calendars.map(({ id }) => [id, kept.get(id) ?? new Row(this.#select)]));
    const accounts = Map.groupBy(calendars, ({ connection_id: connection }) => connection);
    this.node.replaceChildren(...[...accounts.values()].map((group, place) => this.#account(group, place)));
  }

  #account(calendars, place) {
    const id = `calendar-account-${place}`;
    return element("section", { class: "calendar-account", "aria-labelledby": id },
      element("h2", { id, text: calendars[0].account || "Google" }),
      element("ul", {}, ...calendars.map((calendar) => this.#rows.get(calendar.id).node)));
  }
}

/** One calendar; draw() changes only what differs, so that the focus stays. */
class Row {
  #calendar = null;
  #isAsking = false;
  #box = element("input", { type: "checkbox" });
  #title = element("span", { class: "calendar-name" });
  #state = element("span", { class: "calendar-state" });
  #save = element("button", { type: "button", class: "icon-button", title: "Download as .ics" }, icon("download"));
  node = element("li", { class: "calendar-row" },
    element("label", { class: "calendar-label" }, this.#box, this.#title, this.#state), this.#save);

  constructor(select) {
    this.#box.addEventListener("change", async () => {
      this.#isAsking = true;
      await select(this.#calendar, this.#box.checked);
      this.#isAsking = false;
      this.#box.checked = this.#calendar.selected;
    });
    this.#save.addEventListener("click", () => download(this.#calendar, this.#save));
  }

  draw(calendar, connection, mayWrite) {
    this.#calendar = calendar;
    if (!this.#isAsking) this.#box.checked = calendar.selected;
    this.#box.disabled = !mayWrite;
    this.node.style.setProperty("--tone", colorOf({}, calendar));
    const { kind, text } = stateOf(calendar, connection);
    setText(this.#title, calendar.title);
    setText(this.#state, text);
    this.#state.dataset.kind = kind;
    this.#state.title = kind === "late" && calendar.reason ? `Reason: ${calendar.reason.replaceAll("_", " ")}` : "";
    this.#save.setAttribute("aria-label", `Download ${calendar.title} as .ics`);
    this.#save.hidden = !calendar.selected || calendar.state !== "ready";
  }
}

/** A link could not say which workspace is meant, nor carry a key. */
async function download(calendar, button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    const response = await open(`/api/v1/calendars/${encodeURIComponent(calendar.id)}/export.ics`,
      { headers: { Accept: "text/calendar" } });
    const address = URL.createObjectURL(await response.blob());
    element("a", { href: address, download: `${fileName(calendar.title)}.ics` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    toastError(error);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

const fileName = (title) => title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim().slice(0, 80) || "calendar";
