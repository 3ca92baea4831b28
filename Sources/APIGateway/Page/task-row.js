// One task in the list.

import { element, icon } from "./elements.js";

const words = { in_progress: "In progress", cancelled: "Cancelled", done: "Done" };

/** The parts of a row; `tasks` does what its buttons ask for. */
export function taskRow(task, tasks) {
  if (task.deleted_at) return deletedRow(task, tasks);
  const isDone = task.status === "done";
  const box = element("input", { type: "checkbox", class: "done-box", "aria-label": `Done: ${task.title}`,
    disabled: !tasks.mayWrite, onchange: () => tasks.setStatus(task, box.checked ? "done" : "open") });
  box.checked = isDone;
  const title = element("button", { type: "button", class: `task-title${isDone ? " is-done" : ""}`, text: task.title,
    "aria-label": `Open: ${task.title}`, onclick: () => tasks.edit(task) });
  return [
    box,
    element("div", { class: "row-text" }, title, notes(task), element("p", { class: "row-note task-facts" },
      state(task), due(task), owner(task, tasks))),
    tasks.mayWrite ? action("pencil", `Edit: ${task.title}`, () => tasks.edit(task)) : null,
    tasks.mayWrite ? action("bin", `Delete: ${task.title}`, () => tasks.remove(task)) : null,
  ].filter(Boolean);
}

const action = (picture, label, onclick) => element("button", { type: "button", class: "icon-button",
  "aria-label": label, onclick }, icon(picture));

function deletedRow(task, tasks) {
  return [
    icon("bin"),
    element("div", { class: "row-text" }, element("p", { class: "row-title is-done", text: task.title })),
    tasks.mayWrite ? element("button", { type: "button", class: "button plain small", text: "Restore",
      "aria-label": `Restore: ${task.title}`, onclick: () => tasks.restore(task) }) : null,
  ].filter(Boolean);
}

const notes = (task) => (task.notes ? element("p", { class: "row-note task-notes", text: task.notes }) : null);

const state = (task) => (words[task.status] && task.status !== "done"
  ? element("span", { class: `tag ${task.status === "in_progress" ? "busy" : ""}`, text: words[task.status] }) : null);

const owner = (task, tasks) => (task.owner_id
  ? element("span", { class: "fact" }, icon("person"), tasks.nameOf(task.owner_id)) : null);

function due(task) {
  if (!task.due_date) return null;
  const { text, isLate } = dueWords(task.due_date, new Date());
  const isOpen = task.status === "open" || task.status === "in_progress";
  return element("span", { class: `fact${isLate && isOpen ? " late" : ""}` }, icon("scheduled"),
    element("time", { datetime: task.due_date, text: isLate && isOpen ? `Overdue: ${text}` : text }));
}

/** "today", "tomorrow", "Fri 3 Jan": a day has no time and no zone, so it is read as one of the reader's calendar. */
export function dueWords(iso, now) {
  const [year, month, date] = iso.split("-").map(Number);
  const due = new Date(year, month - 1, date);
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.round((due - today) / 86_400_000);
  const near = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  const format = { weekday: "short", day: "numeric", month: "short" };
  if (due.getFullYear() !== today.getFullYear()) format.year = "numeric";
  return { text: near ?? due.toLocaleDateString("en", format), isLate: days < 0 };
}
