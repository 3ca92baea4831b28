// Editing a task, and what happens when somebody else did so meanwhile.

import { askDialog } from "./ask-dialog.js";
import { Field } from "./fields.js";
import { session } from "./session.js";

const states = [["open", "Open"], ["in_progress", "In progress"], ["done", "Done"], ["cancelled", "Cancelled"]];

/** `save(body, version)` and `read()` speak with the server; `saved(task)` is told what became of it. */
export function editTask(task, people, { save, read, saved }) {
  let { version } = task;
  const readonly = !session.may("tasks:write");
  const owners = [["", "Nobody"], ...people.map(({ id, name }) => [id, name])];
  if (task.owner_id && !owners.some(([id]) => id === task.owner_id)) owners.push([task.owner_id, "Somebody who left"]);
  const fields = [
    new Field({ name: "title", label: "Task", value: task.title, maxlength: "300", required: true, readonly,
      autocomplete: "off" }),
    new Field({ name: "notes", label: "Notes", type: "textarea", value: task.notes, maxlength: "10000", readonly,
      isOptional: true }),
    new Field({ name: "status", label: "Status", type: "select", choices: states, value: task.status,
      disabled: readonly }),
    new Field({ name: "due_date", label: "Due", type: "date", value: task.due_date ?? "", readonly, isOptional: true }),
    new Field({ name: "owner_id", label: "Who", type: "select", choices: owners, value: task.owner_id ?? "",
      disabled: readonly }),
  ];
  const run = async (values, form) => {
    const changes = differences(values, task);
    if (readonly || Object.keys(changes).length === 0) return;
    try {
      saved(await save(changes, version));
    } catch (error) {
      if (error.code === "changed") version = (await read()).version;
      throw error;
    }
  };
  const form = askDialog({
    title: readonly ? "Task" : "Edit task", button: readonly ? "Close" : "Save", fields, run,
    codes: { changed: "Somebody changed this task while you were editing it. Save again to put yours in its place, or "
      + "cancel and look at theirs." },
  });
  if (readonly) form.actions.lastChild.hidden = true;
  else form.field("title").input.focus();
}

/** Only what was changed is sent, so that two people can change different things. */
function differences(values, task) {
  const known = { title: task.title, notes: task.notes, status: task.status, due_date: task.due_date ?? "",
    owner_id: task.owner_id ?? "" };
  const changed = Object.entries(values).filter(([name, value]) => value !== known[name]);
  return Object.fromEntries(changed.map(([name, value]) =>
    [name, value === "" && ["due_date", "owner_id"].includes(name) ? null : value]));
}
