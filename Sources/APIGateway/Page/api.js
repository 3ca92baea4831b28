// Requests to Errand's HTTP API: who asks, problem+json as errors, and whether the server can be reached.

import { Problem, Unreachable } from "./problem.js";

const keyName = "errand.key";
const companyName = "errand.company";
const csrfCookie = "__Host-errand-csrf=";
const requestTimeoutMilliseconds = 20_000;

/**
 * Fires "reach" (detail: "ok", "unreachable" or "trouble"), "rejected" (key or session are not accepted) and "removed"
 * (the company is not the reader's any more).
 */
export const signals = new EventTarget();

export const tell = (name, detail) => signals.dispatchEvent(new CustomEvent(name, { detail }));

export const apiKey = {
  get: () => localStorage.getItem(keyName) ?? "",
  set: (key) => localStorage.setItem(keyName, key),
  clear: () => localStorage.removeItem(keyName),
  isStorageEvent: (event) => event.key === keyName || event.key === null,
  /** A header can carry visible ASCII only; anything else would fail before it is sent. */
  isPossible: (key) => /^[\x21-\x7e]+$/.test(key),
};

/** The company this tab works in; "" for one's own workspace. A new tab begins where the last one worked. */
export const company = {
  get: () => sessionStorage.getItem(companyName) ?? localStorage.getItem(companyName) ?? "",
  set: (id) => {
    sessionStorage.setItem(companyName, id);
    localStorage.setItem(companyName, id);
  },
};

/** The token that goes with the session's cookie, which scripts cannot read; "" when nobody has signed in. */
export function csrfToken() {
  const cookie = document.cookie.split("; ").find((text) => text.startsWith(csrfCookie));
  return cookie?.slice(csrfCookie.length) ?? "";
}

/** What somebody has and does in no workspace: these addresses name the company they mean. */
const personal = /^\/api\/v1\/(auth|companies|invitations)\b/;

/** What says who asks: the key, or beside the session's cookie the company and, where something changes, the token. */
async function credentials(path, method, key) {
  if (key !== "") return { Authorization: `Bearer ${key}` };
  const headers = company.get() === "" || personal.test(path) ? {} : { "X-Company-Id": company.get() };
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken() || await newCSRFToken();
  return headers;
}

/** The readable cookie was lost, the session perhaps not. */
async function newCSRFToken() {
  const response = await fetch("/api/v1/auth/csrf", { cache: "no-store" }).catch(() => null);
  return response?.ok ? (await response.json()).csrf_token : "";
}

/**
 * fetch as whoever uses the page; throws Problem, Unreachable, or the caller's own AbortError. `isOpen`: the address
 * needs nobody to have signed in, so that its 401 says nothing about the session. What is asked for with If-None-Match
 * may come back as a 304.
 */
export async function open(path, { method = "GET", headers = {}, body, signal, key = apiKey.get(), isOpen } = {}) {
  let response;
  try {
    const from = isOpen ? {} : await credentials(path, method, key);
    response = await fetch(path, {
      method, body, signal, cache: "no-store", headers: { Accept: "application/json", ...from, ...headers },
    });
  } catch (error) {
    throw lost(error, signal);
  }
  if (response.status < 500) tell("reach", "ok");
  if (response.ok || response.status === 304) return response;
  const problem = new Problem(response.status, await response.json().catch(() => ({})), response.headers);
  if (problem.status === 401 && key === apiKey.get() && !isOpen) tell("rejected", problem);
  if (problem.code === "company_not_found") tell("removed", problem);
  throw problem;
}

/** One JSON request with a deadline. `body` is any JSON value; null is the answer that has no body. */
export async function call(path, { method, body, headers = {}, key, isOpen } = {}) {
  const signal = AbortSignal.timeout(requestTimeoutMilliseconds);
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await open(path, {
    method, signal, key, isOpen, headers: { ...json, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  try {
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    throw lost(error, signal);
  }
}

/** Turns what a fetch threw into Unreachable, unless the caller itself ended it. */
export function lost(error, signal) {
  if (signal?.aborted && signal.reason?.name !== "TimeoutError") return error;
  tell("reach", "unreachable");
  return new Unreachable("The server could not be reached.", { cause: error });
}

export const getJob = (id) => call(`/api/v1/jobs/${encodeURIComponent(id)}`);
export const cancelJob = (id) => call(`/api/v1/jobs/${encodeURIComponent(id)}/cancel`, { method: "POST" });

export function listJobs({ limit = 50, state = "", cursor = "", key } = {}) {
  return call(`/api/v1/jobs?${query({ limit, state, cursor })}`, { key });
}

export const listConversations = (cursor = "") =>
  call(`/api/v1/chat/conversations?${query({ limit: 50, cursor })}`);

/** All messages of a conversation, oldest first, page after page (bounded at 10,000). */
export const allMessages = (conversation) =>
  readAll(`/api/v1/chat/conversations/${encodeURIComponent(conversation)}/messages`, "messages", 10_000);

/** Posts a message; the same idempotency key again gives the same job instead of a second one. */
export const postMessage = (message, conversation, idempotencyKey) =>
  call("/api/v1/chat/messages", {
    method: "POST",
    headers: { "Idempotency-Key": idempotencyKey },
    body: conversation ? { message, conversation_id: conversation } : { message },
  });

/** All items of a list, page after page: at most `most`. `name` is what the answer calls them. */
export async function readAll(path, name, most = 1_000) {
  const items = [];
  let cursor = "";
  do {
    const page = await call(`${path}?${query({ limit: 200, cursor })}`);
    items.push(...page[name]);
    cursor = page.next_cursor ?? "";
  } while (cursor && items.length < most);
  return items;
}

/** A query string of what is given. */
export function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null);
  return new URLSearchParams(given).toString();
}

/** An idempotency key. crypto.randomUUID needs a secure context; a page over plain HTTP in a local network has none. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
