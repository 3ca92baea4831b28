// API keys: made with what they may do, shown once, revoked.

import { call } from "./api.js";
import { askDialog } from "./ask-dialog.js";
import { copyButton } from "./copy-button.js";
import { byID, element, icon, time } from "./elements.js";
import { Field } from "./fields.js";
import { Listing } from "./listing.js";
import { ScopeChoice, scopeWords } from "./scopes.js";
import { session } from "./session.js";
import { toast, toastError } from "./toast.js";

const path = "/api/v1/keys";
const lives = [["30", "30 days"], ["90", "90 days"], ["365", "One year"], ["", "No end"]];

export function keysPage() {
  const made = element("div", { id: "new-key" });
  const listing = new Listing({
    label: "API keys", empty: "There are no keys yet.", row: (key) => row(key, listing),
    load: async () => ({ items: (await call(path)).keys.toReversed() }),
  });
  const make = element("button", { type: "button", class: "button", onclick: () => askToMake(listing, made) },
    icon("plus"), "New key");
  return {
    title: "API keys",
    about: `Programs use Errand with a key instead of a password. These keys act in ${session.company
      ? `the company ${session.company.name}` : "your own workspace"}.`,
    nodes: [element("p", { class: "bar" }, element("a", { href: "/docs", text: "What programs can ask for" })),
      session.may("keys:write") ? element("div", { class: "bar" }, make) : null,
      made, listing.node],
    opened: () => listing.reload(),
  };
}

function row(key, listing) {
  return [
    icon("key"),
    element("div", { class: "row-text" },
      element("p", { class: "row-title" }, key.name, " ", element("code", { text: `${key.prefix}…` })),
      element("p", { class: "row-note", text: scopeWords(key.scopes) }),
      element("p", { class: "row-note" }, ...dates(key))),
    session.may("keys:write") ? element("button", { type: "button", class: "button plain small", text: "Revoke…",
      "aria-label": `Revoke the key ${key.name}`, onclick: () => askToRevoke(key, listing) }) : null,
  ].filter(Boolean);
}

function dates(key) {
  const isOver = key.expires_at !== null && Date.parse(key.expires_at) < Date.now();
  return [
    "made ", time(key.created_at), " · ",
    ...(key.last_used_at ? ["last used ", time(key.last_used_at)] : ["never used"]),
    ...(key.expires_at ? [isOver ? " · ended " : " · ends ", time(key.expires_at)] : []),
  ];
}

function askToMake(listing, made) {
  const scopes = new ScopeChoice();
  askDialog({
    title: "New API key", button: "Make the key",
    fields: [
      new Field({ name: "name", label: "What is it for?", maxlength: "100", required: true, autocomplete: "off",
        hint: "A name by which you know it again, such as “nightly report”." }),
      new Field({ name: "expires_in_days", label: "Works for", type: "select", choices: lives, value: "90" }),
      scopes,
    ],
    run: async ({ name, expires_in_days: days, scopes: chosen }) => {
      const body = { name, scopes: chosen, ...(days ? { expires_in_days: Number(days) } : {}) };
      const key = await call(path, { method: "POST", body });
      listing.prepend(key);
      showOnce(key, made);
    },
    done: () => byID("made-key").focus(),
  });
}

/** The key itself, this once: neither the server nor this page keeps it. */
function showOnce(key, made) {
  const input = element("input", { id: "made-key", class: "made-key", readonly: true, autocomplete: "off",
    spellcheck: "false" });
  input.value = key.key;
  input.addEventListener("focus", () => input.select());
  const close = element("button", { type: "button", class: "button plain small", text: "I have kept it",
    onclick: () => {
      made.replaceChildren();
      byID("settings-title").focus();
    } });
  made.replaceChildren(element("div", { class: "notice good", role: "status" }, icon("succeeded"),
    element("div", { class: "made" },
      element("p", {}, element("label", { for: "made-key", text: `The key “${key.name}” is made.` }),
        " Copy it now: it is shown this once only."),
      element("div", { class: "made-line" }, input, copyButton("Copy the key", () => key.key)), close)));
}

function askToRevoke(key, listing) {
  askDialog({
    title: "Revoke this key?", button: "Revoke", kind: "danger",
    about: `Programs that use “${key.name}” are refused from now on. It cannot be taken back.`,
    run: async () => {
      try {
        await call(`${path}/${encodeURIComponent(key.id)}`, { method: "DELETE" });
      } catch (error) {
        if (error.status !== 404) return toastError(error);
      }
      listing.remove(key.id, byID("settings-title"));
      toast("The key is revoked.");
    },
    after: () => byID("settings-title").focus(),
  });
}
