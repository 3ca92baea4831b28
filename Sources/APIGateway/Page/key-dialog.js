// Entering an API key. Where there are accounts it is one way in of two and can be left; else it is the only one.

import { apiKey, listJobs } from "./api.js";
import { byID, setText } from "./elements.js";
import { Problem, speakOfKeys, words } from "./problem.js";
import { accounts } from "./session.js";

const dialog = byID("key-dialog");
const input = byID("key-input");
let accepted = () => {};
let isTaken = false;

/** Asks, with `error` said above the field; `done()` is called when a key was accepted and kept. */
export function askForKey({ error = "", done }) {
  accepted = done;
  setText(byID("key-error"), error);
  if (dialog.open) return;
  isTaken = false;
  input.value = "";
  byID("key-cancel").hidden = !accounts.areOn;
  dialog.showModal();
  input.focus();
}

/** Returns what is wrong with the key; "" when it was taken. */
async function takeKey() {
  const key = input.value.trim();
  if (key === "") return "Enter your API key.";
  if (!apiKey.isPossible(key)) return "This cannot be an API key: it holds spaces or special characters.";
  speakOfKeys(true);
  try {
    await listJobs({ limit: 1, key });
  } catch (error) {
    const isRefused = error instanceof Problem && error.status === 401;
    // A key that may not read jobs is a key all the same.
    if (!(error instanceof Problem && error.status === 403)) {
      return isRefused ? "This key was not accepted. Check that it is complete." : words(error);
    }
  }
  apiKey.set(key);
  isTaken = true;
  dialog.close();
  accepted();
  return "";
}

byID("key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  byID("key-submit").disabled = true;
  const error = await takeKey();
  byID("key-submit").disabled = false;
  setText(byID("key-error"), error);
  input.setAttribute("aria-invalid", String(error !== ""));
  if (error !== "") input.focus();
});
byID("key-show").addEventListener("change", (event) => { input.type = event.target.checked ? "text" : "password"; });
byID("key-cancel").addEventListener("click", () => dialog.close());
dialog.addEventListener("cancel", (event) => { if (!accounts.areOn) event.preventDefault(); });
dialog.addEventListener("close", () => {
  speakOfKeys(apiKey.get() !== "");
  if (isTaken) return;
  if (!accounts.areOn) return askForKey({ done: accepted });
  apiKey.clear();
  if (!document.body.classList.contains("at-gate")) location.replace("/");
});
