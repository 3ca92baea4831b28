// The page as a whole: which view is shown, the key, the banner, and what the parts tell each other.

import { Problem, apiKey, listJobs, signals, takeKeyFromFragment, words } from "./api.js";
import { Chat } from "./chat.js";
import { Conversations } from "./conversations.js";
import { byID, isFinished, setText } from "./elements.js";
import { Jobs } from "./jobs.js";

const listMilliseconds = 20_000;
const otherTabs = new BroadcastChannel("errand");
let isStarted = false;
let lastSeen = "";
let lastListed = 0;

const conversations = new Conversations({
  changed: (conversation) => {
    setTitle();
    if (conversation.id === chat.conversation) chat.refresh();
  },
});

const chat = new Chat({
  posted: (conversation, from) => {
    if (from === null && chat.conversation === conversation) {
      byID("to-chat").href = `/?conversation=${encodeURIComponent(conversation)}`;
      if (byID("jobs").hidden) history.replaceState(null, "", byID("to-chat").href);
      conversations.open = conversation;
    }
    otherTabs.postMessage({ conversation });
    listConversationsAgain();
    jobs.poll();
  },
  settled: () => jobs.poll(),
});

const jobs = new Jobs({
  told: (newest) => {
    chat.takeJobs(newest);
    const active = newest.filter((job) => !isFinished(job.state)).length;
    byID("job-count").hidden = active === 0;
    setText(byID("job-count"), active === 0 ? "" : String(active));
    byID("to-jobs").setAttribute("aria-label", active === 0 ? "Jobs" : `Jobs, ${active} not finished`);
    const seen = newest.map((job) => `${job.id} ${job.state}`).join();
    if (seen !== lastSeen || Date.now() - lastListed > listMilliseconds) listConversationsAgain();
    lastSeen = seen;
  },
});

function listConversationsAgain() {
  lastListed = Date.now();
  return conversations.refresh().then(setTitle);
}

otherTabs.addEventListener("message", ({ data }) => {
  if (!isStarted) return;
  jobs.poll();
  if (data.conversation === chat.conversation) chat.refresh();
});

// Views

function route() {
  const parameters = new URLSearchParams(location.search);
  const isJobs = parameters.get("view") === "jobs";
  byID("chat").hidden = isJobs;
  byID("jobs").hidden = !isJobs;
  byID("to-chat").setAttribute("aria-current", isJobs ? "false" : "page");
  byID("to-jobs").setAttribute("aria-current", isJobs ? "page" : "false");
  document.body.classList.toggle("on-jobs", isJobs);
  jobs.isShown = isJobs;
  if (!isJobs) {
    const conversation = parameters.get("conversation");
    conversations.open = conversation;
    byID("to-chat").href = location.href;
    chat.show(conversation);
    chat.appear();
  }
  setTitle();
}

function setTitle() {
  const { conversation } = chat;
  const title = conversation === null ? "New conversation" : conversations.titleOf(conversation) ?? "Conversation";
  setText(byID("chat-title"), title);
  document.title = `${byID("jobs").hidden ? title : "Jobs"} · Errand`;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const wantsNewTab = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (!link || link.origin !== location.origin || link.id === "skip" || wantsNewTab) return;
  event.preventDefault();
  closeDrawer();
  if (link.href !== location.href) history.pushState(null, "", link.href);
  route();
  if (!byID("jobs").hidden) byID("jobs-title").focus();
});
addEventListener("popstate", () => { if (isStarted) route(); });
byID("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byID("main").focus();
});

// The list of conversations on a narrow screen

const drawer = byID("drawer");

function setDrawer(isOpen) {
  drawer.classList.toggle("open", isOpen);
  byID("shade").hidden = !isOpen;
  byID("main").inert = isOpen;
  byID("top").inert = isOpen;
  byID("drawer-open").setAttribute("aria-expanded", String(isOpen));
}

function closeDrawer() {
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

// The key

const dialog = byID("key-dialog");

function askForKey(error = "") {
  setText(byID("key-error"), error);
  if (dialog.open) return;
  byID("key-input").value = "";
  dialog.showModal();
  byID("key-input").focus();
}

async function takeKey() {
  const key = byID("key-input").value.trim();
  if (key === "") return "Enter your API key.";
  if (!apiKey.isPossible(key)) return "This cannot be an API key: it holds spaces or special characters.";
  try {
    await listJobs({ limit: 1, key });
  } catch (error) {
    const isRefused = error instanceof Problem && error.status === 401;
    return isRefused ? "This key was not accepted. Check that it is complete." : words(error);
  }
  apiKey.set(key);
  dialog.close();
  start();
  return "";
}

byID("key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  byID("key-submit").disabled = true;
  const error = await takeKey();
  byID("key-submit").disabled = false;
  setText(byID("key-error"), error);
  byID("key-input").setAttribute("aria-invalid", String(error !== ""));
  if (error !== "") byID("key-input").focus();
});
byID("key-show").addEventListener("change", (event) => {
  byID("key-input").type = event.target.checked ? "text" : "password";
});
dialog.addEventListener("cancel", (event) => event.preventDefault());
dialog.addEventListener("close", () => { if (apiKey.get() === "") askForKey(); });

byID("sign-out").addEventListener("click", () => {
  apiKey.clear();
  sessionStorage.clear();
  location.replace("/");
});
signals.addEventListener("rejected", () => {
  jobs.stop();
  askForKey("The key of this browser is no longer accepted. Enter another one.");
});
addEventListener("storage", (event) => { if (apiKey.isStorageEvent(event)) location.reload(); });
addEventListener("hashchange", () => { if (takeKeyFromFragment()) location.reload(); });

// The banner

const bannerTexts = {
  unreachable: "Errand cannot be reached. Trying again…",
  trouble: "Errand's server reports a problem. Trying again…",
};
signals.addEventListener("reach", ({ detail }) => {
  const text = bannerTexts[detail] ?? "";
  byID("banner").hidden = text === "";
  setText(byID("banner-text"), text);
});
addEventListener("offline", () => signals.dispatchEvent(new CustomEvent("reach", { detail: "unreachable" })));
addEventListener("online", () => { if (isStarted) jobs.poll(); });
byID("banner-retry").addEventListener("click", () => {
  jobs.poll();
  chat.refresh();
});

function start() {
  if (isStarted) return location.reload();
  isStarted = true;
  listConversationsAgain();
  route();
  jobs.poll();
}

takeKeyFromFragment();
if (apiKey.get() === "") askForKey();
else start();
