// A button that copies a text, and says whether it did.

import { announce, element, icon } from "./elements.js";

const saidMilliseconds = 2_000;

/** `text()` gives what is copied. Without a clipboard, as on plain HTTP, there is no button: null. */
export function copyButton(label, text) {
  if (!navigator.clipboard) return null;
  const word = element("span", { text: "Copy" });
  const copy = async () => {
    const isDone = await navigator.clipboard.writeText(text()).then(() => true, () => false);
    word.textContent = isDone ? "Copied" : "Not copied";
    announce(word.textContent);
    setTimeout(() => { word.textContent = "Copy"; }, saidMilliseconds);
  };
  return element("button", { type: "button", class: "button plain", "aria-label": label, onclick: copy },
    icon("copy"), word);
}
