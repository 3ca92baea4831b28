// The tasks of the workspace: a line to add one, filters, and the list.

import { call, query } from "./api.js";
import { announce, byID, element, icon } from "./elements.js";
import { Field } from "./fields.js";
import { Form } from "./form.js";
import { Listing } from "./listing.js";
import { people } from "./people.js";
import { session } from "./session.js";
import { editTask } from "./task-dialog.js";
import { taskRow } from "./task-row.js";
import { toast, toastError } from "./toast.js";

const path = "/api/v1/tasks";
const taskPath = (task) => `${path}/${encodeURIComponent(task.id)}`;
const pageSize = 50;
const typingMilliseconds = 300;

const unfinished = ["open", "in_progress"];
const states = [["unfinished", "Not finished"], ["", "All"], ["open", "Open"], ["in_progress", "In progress"],
  ["done", "Done"], ["cancelled", "Cancelled"], ["deleted", "Deleted"]];
const dues = [["", "Any day"], ["overdue", "Overdue"], ["today", "Today"], ["week", "Next seven days"]];

export class Tasks {
  #people = [];
  #built = null;
  #filters = {};
  #form;
  #listing = new Listing({
    label: "Tasks", empty: "No task is here.", row: (task) => taskRow(task, this), load: (cursor) => this.#load(cursor),
  });

  async show() {
    await (this.#built ??= this.#build());
    this.#listing.reload();
  }

  async #build() {
    this.#people = await people();
    const owners = this.#people.map(({ id, name }) => [id, name]);
    const select = (name, label, choices) => {
      const field = new Field({ name, label, type: "select", choices });
      field.input.addEventListener("change", () => this.#listing.reload());
      return field;
    };
    this.#filters = {
      status: select("status", "Show", states), due: select("due", "Due", dues),
      owner: select("owner", "Whose", [["", "Everybody’s"], ...owners]),
      q: new Field({ name: "q", label: "Search", type: "search", maxlength: "200", autocomplete: "off" }),
    };
    let timer = 0;
    this.#filters.q.input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#listing.reload(), typingMilliseconds);
    });
    this.#filters.owner.node.hidden = owners.length < 2;
    byID("tasks-body").replaceChildren(
      this.#addingPart(owners),
      element("div", { class: "filters", role: "search", "aria-label": "Tasks" },
        ...Object.values(this.#filters).map((field) => field.node)),
      this.#listing.node);
  }

  #addingPart(owners) {
    if (!session.may("tasks:write")) {
      return element("div", { class: "notice good" }, icon("eye"),
        element("p", { text: "Your role here is viewer: you can read tasks, not change them." }));
    }
    const owner = new Field({ name: "owner_id", label: "Who", type: "select", choices: [["", "Nobody"], ...owners] });
    owner.node.hidden = owners.length < 2;
    this.#form = new Form({
      about: "New task", button: "Add",
      fields: [
        new Field({ name: "title", label: "New task", maxlength: "300", required: true, autocomplete: "off" }),
        new Field({ name: "due_date", label: "Due", type: "date" }), owner,
      ],
      run: (values) => this.#add(values),
    });
    this.#form.node.classList.add("adding");
    return this.#form.node;
  }

  async #add(values) {
    const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
    const task = await call(path, { method: "POST", body });
    this.#form.clear();
    this.#listing.prepend(task);
    announce(`Added: ${task.title}`);
    this.#form.field("title").input.focus();
  }

  async #load(cursor) {
    const { status, due, owner, q } = this.#filters;
    const statuses = wantedStatuses(status.value, due.value);
    if (statuses?.length === 0) return { items: [], cursor: null };
    const page = await call(`${path}?${query({
      status: statuses?.join() ?? "", deleted: status.value === "deleted" ? "true" : "", owner_id: owner.value,
      q: q.value, ...dueRange(due.value), limit: pageSize, cursor,
    })}`);
    return { items: page.tasks, cursor: page.next_cursor };
  }

  // What a row asks for.

  get mayWrite() { return session.may("tasks:write"); }
  nameOf(id) { return id === null ? "" : this.#people.find((person) => person.id === id)?.name ?? "Somebody who left"; }

  async setStatus(task, status) {
    const said = { done: "Done", open: "Open again" }[status];
    try {
      const changed = await call(taskPath(task), { method: "PATCH", body: { status } });
      this.#listing.replace(changed);
      const undo = { text: "Undo", run: () => this.setStatus(changed, task.status) };
      toast(`${said}: ${task.title}`, status === "done" ? undo : null);
    } catch (error) {
      this.#listing.replace(task);
      this.#failed(error);
    }
  }

  edit(task) {
    editTask(task, this.#people, {
      save: (body, version) =>
        call(taskPath(task), { method: "PATCH", body, headers: { "If-Match": `"v${version}"` } }),
      read: () => call(taskPath(task)),
      saved: (changed) => {
        this.#listing.replace(changed);
        toast("The task is saved.");
      },
    });
  }

  async remove(task) {
    try {
      await call(taskPath(task), { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) return this.#failed(error);
    }
    this.#listing.remove(task.id, byID("tasks-title"));
    toast(`Deleted: ${task.title}`, { text: "Undo", run: () => this.restore(task) });
  }

  async restore(task) {
    try {
      await call(`${taskPath(task)}/restore`, { method: "POST" });
    } catch (error) {
      return this.#failed(error);
    }
    await this.#listing.reload();
    byID("tasks-title").focus();
    toast(`Restored: ${task.title}`);
  }

  #failed(error) {
    toastError(error);
    if (error.status === 404) this.#listing.reload();
  }
}

/** The statuses that two choices mean; null: any. What is finished is not overdue. */
function wantedStatuses(state, due) {
  const chosen = { unfinished, "": null, deleted: null }[state];
  const statuses = chosen === undefined ? [state] : chosen;
  if (due !== "overdue") return statuses;
  return statuses?.filter((status) => unfinished.includes(status)) ?? unfinished;
}

/** The days a choice means, by the reader's calendar. The bounds themselves are not in it. */
function dueRange(due) {
  if (due === "overdue") return { due_before: day(0) };
  if (due === "today") return { due_before: day(1), due_after: day(-1) };
  if (due === "week") return { due_before: day(7), due_after: day(-1) };
  return {};
}

/** The day so many days from today, as 2026-01-31. */
export function day(distance) {
  const date = new Date();
  date.setDate(date.getDate() + distance);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}
