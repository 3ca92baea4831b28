// Dialogs that ask before something is done, with a form where more than a yes is needed.

import { element } from "./elements.js";
import { Form } from "./form.js";

let count = 0;

/**
 * Opens a dialog with a form: `run(values)` does the work, and the dialog closes when it has. Then the focus goes where
 * `done()` puts it, else back to where it was, else, if that is gone, where `after()` puts it.
 */
export function askDialog({ title, about = "", fields = [], button, kind = "", codes = {}, run, done, after }) {
  const from = document.activeElement;
  const id = `dialog-${count += 1}`;
  const close = () => dialog.close();
  let isDone = false;
  const form = new Form({ fields, button, kind, codes, run: async (values) => {
    await run(values, form);
    isDone = true;
    close();
  } });
  form.actions.append(element("button", { type: "button", class: "button plain", text: "Cancel", onclick: close }));
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": `${id}-title`,
    "aria-describedby": about ? `${id}-about` : null },
    element("h2", { id: `${id}-title`, text: title }),
    about ? element("p", { class: "soft", id: `${id}-about`, text: about }) : null, form.node);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (isDone && done) done();
    else if (from?.isConnected) from.focus();
    else after?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  if (fields.length > 0) form.focus();
  else form.actions.lastChild.focus();
  return form;
}
