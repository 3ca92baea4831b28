// The page as a whole: who uses it, which view is shown, the banner, and what the parts tell each other.

import { drawMenu } from "./account-menu.js";
import { apiKey, signals } from "./api.js";
import { Chat } from "./chat.js";
import { Conversations } from "./conversations.js";
import { closeDrawer } from "./drawer.js";
import { byID, isFinished, setText } from "./elements.js";
import { signInAgain } from "./ended-dialog.js";
import { Gate } from "./gate.js";
import { Jobs } from "./jobs.js";
import { askForKey } from "./key-dialog.js";
import { invitation, takeFragment } from "./links.js";
import { Problem, speakOfKeys, words } from "./problem.js";
import { accounts, session } from "./session.js";
import { keepNotice, takeNotice, toast } from "./toast.js";
import { Views } from "./views.js";

const listMilliseconds = 20_000;
/** Between two readings of the conversations, however much happens. */
const betweenListsMilliseconds = 4_000;
const otherTabs = new BroadcastChannel("errand");
let isStarted = false;
let lastSeen = "";
let lastListed = 0;
let listTimer = 0;

const conversations = new Conversations({
  changed: (conversation) => {
    views.setTitle();
    if (conversation.id === chat.conversation) chat.refresh();
  },
});

const chat = new Chat({
  posted: (conversation, from) => {
    if (from === null && chat.conversation === conversation) {
      byID("to-chat").href = `/?conversation=${encodeURIComponent(conversation)}`;
      if (views.name === "chat") history.replaceState(null, "", byID("to-chat").href);
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

const views = new Views({ chat, conversations, jobs });

/** Soon, and once for all that ask meanwhile; not while another view is open, which has its requests to make. */
function listConversationsAgain() {
  if (listTimer !== 0) return;
  const wait = Math.max(0, lastListed + betweenListsMilliseconds - Date.now());
  listTimer = setTimeout(async () => {
    listTimer = 0;
    if (views.name !== "chat") return;
    lastListed = Date.now();
    await conversations.refresh();
    views.setTitle();
  }, wait);
}

otherTabs.addEventListener("message", ({ data }) => {
  if (!isStarted) return;
  jobs.poll();
  if (data.conversation === chat.conversation) chat.refresh();
});

// Where one is

function route() {
  if (gate.isOpen) gate.route();
  else if (isStarted) {
    views.route();
    if (Date.now() - lastListed > listMilliseconds) listConversationsAgain();
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const wantsNewTab = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (!link || link.origin !== location.origin || link.pathname !== "/" || link.id === "skip" || wantsNewTab) return;
  event.preventDefault();
  closeDrawer();
  link.closest("[popover]")?.hidePopover();
  if (link.href !== location.href) history.pushState(null, "", link.href);
  route();
  if (isStarted) views.focus();
});
addEventListener("popstate", route);
byID("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byID("main").focus();
});

// Who one is

const gate = new Gate({
  entered: enter,
  askForKey: () => askForKey({ done: () => gate.entered() }),
});

/** Begins with whoever the browser says uses the page, or at the gate. */
function begin() {
  const isKey = session.hasKey;
  speakOfKeys(isKey);
  if (gate.hasLink) return gate.open();
  if (isKey || (accounts.areOn && session.isLikely)) return enter();
  if (accounts.areOn) return gate.open();
  document.body.classList.remove("starting");
  askForKey({ done: start });
}

/** Starts the page, after a look at who has signed in. */
async function enter() {
  if (session.hasKey) return start();
  try {
    if (session.user === null) await session.load();
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return gate.open();
    return noteTrouble(error);
  }
  start();
}

/** Who uses the page is not known yet: nothing can be shown, but it is tried again. */
function noteTrouble(error) {
  signals.dispatchEvent(new CustomEvent("reach", { detail: error instanceof Problem ? "trouble" : "unreachable" }));
  setText(byID("banner-text"), words(error));
  setTimeout(enter, Math.max(5, error.retryAfterSeconds ?? 0) * 1000);
}

function start() {
  if (isStarted) return location.reload();
  isStarted = true;
  document.body.classList.remove("starting");
  speakOfKeys(session.hasKey);
  drawMenu();
  chat.refuse(session.may("chat:write") ? "" : "Your role here is viewer: you can read, not write.");
  if (session.user && invitation.get() !== "") history.replaceState(null, "", "/?view=invitation");
  views.route();
  listConversationsAgain();
  jobs.poll();
  const notice = takeNotice();
  if (notice) toast(notice);
}

async function signOut() {
  try {
    await session.signOut();
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) return toast(`You are still signed in. ${words(error)}`);
    session.forget();
  }
  location.replace("/");
}

byID("sign-out").addEventListener("click", signOut);
byID("menu-sign-out").addEventListener("click", signOut);

signals.addEventListener("rejected", () => {
  jobs.stop();
  if (session.hasKey) {
    return askForKey({ error: "The key of this browser is no longer accepted. Enter another one.", done: start });
  }
  if (isStarted && session.user) signInAgain(goOn);
});

function goOn() {
  toast("You are signed in again.");
  jobs.poll();
  chat.goOn();
  views.route();
}

signals.addEventListener("removed", () => {
  keepNotice("You are not a member of that company any more. You are in your own workspace now.");
  session.moveTo("");
});
signals.addEventListener("elsewhere", ({ detail }) => {
  if (detail === "signed out") location.replace("/");
  else if (!isStarted) location.reload();
});
addEventListener("storage", (event) => { if (apiKey.isStorageEvent(event)) location.reload(); });
addEventListener("hashchange", () => { if (takeFragment()) location.reload(); });

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
  if (!isStarted) return enter();
  jobs.poll();
  chat.refresh();
});

takeFragment();
begin();
