// The list of conversations on a narrow screen: it slides over the page.

import { byID } from "./elements.js";

const drawer = byID("drawer");

function setDrawer(isOpen) {
  drawer.classList.toggle("open", isOpen);
  byID("shade").hidden = !isOpen;
  byID("main").inert = isOpen;
  byID("top").inert = isOpen;
  byID("drawer-open").setAttribute("aria-expanded", String(isOpen));
}

export function closeDrawer() {
  if (!drawer.classList.contains("open")) return;
  setDrawer(false);
  byID("drawer-open").focus();
}

byID("drawer-open").addEventListener("click", () => {
  setDrawer(true);
  byID("drawer-close").focus();
});
byID("drawer-close").addEventListener("click", closeDrawer);
byID("shade").addEventListener("click", closeDrawer);
addEventListener("keydown", (event) => { if (event.key === "Escape") closeDrawer(); });
matchMedia("(min-width: 50rem)").addEventListener("change", () => setDrawer(false));
