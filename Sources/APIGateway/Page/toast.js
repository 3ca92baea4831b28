// What was done, said in passing, with a way back where there is one.

import { byID, element, icon } from "./elements.js";
import { words } from "./problem.js";

const shownMilliseconds = 7_000;
const undoMilliseconds = 12_000;
let timer = 0;

/** Says it at the lower edge, and to screen readers. `action`: { text, run() } to take it back. */
export function toast(text, action = null, isError = false) {
  const box = byID("toast");
  box.classList.toggle("bad", isError);
  box.replaceChildren(icon(isError ? "alert" : "succeeded"), element("p", { text }));
  if (action) {
    box.append(element("button", { type: "button", class: "link-button", text: action.text, onclick: () => {
      hideToast();
      action.run();
    } }));
  }
  box.append(element("button", { type: "button", class: "icon-button", "aria-label": "Close this message",
    onclick: hideToast }, icon("close")));
  box.classList.add("shown");
  leaveLater(action ? undoMilliseconds : shownMilliseconds);
}

/** Says that something did not work, and why. */
export function toastError(error, action = null) {
  toast(words(error), action, true);
  leaveLater(undoMilliseconds);
}

export function hideToast() {
  clearTimeout(timer);
  const box = byID("toast");
  if (box.contains(document.activeElement)) byID("main").focus();
  box.classList.remove("shown");
  box.replaceChildren();
}

function leaveLater(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const box = byID("toast");
    if (box.matches(":hover, :focus-within")) leaveLater(milliseconds);
    else hideToast();
  }, milliseconds);
}

const noticeName = "errand.notice";

/** A text that is to be said after the page has been loaded again. */
export const keepNotice = (text) => sessionStorage.setItem(noticeName, text);

export function takeNotice() {
  const text = sessionStorage.getItem(noticeName);
  sessionStorage.removeItem(noticeName);
  return text;
}
