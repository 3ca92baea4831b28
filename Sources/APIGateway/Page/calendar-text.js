// Texts that others wrote, as text nodes: whatever they hold, nothing of it becomes an element but links.

import { element } from "./elements.js";

/** Google's page writes descriptions as HTML; other programs write plain text, in which "<" is a character. */
const looksLikeHTML = /<\/?(?:a|b|br|div|em|html-blob|i|li|ol|p|span|strong|u|ul)\b[^<>]*>/i;
/** Tags are taken out by hand: a parser of the browser would look at what they carry. */
const tag = /<(\/?)([a-z][a-z0-9-]*)\b([^<>]*)>/gi;
const unread = /<(script|style|template|title)\b[^<>]*>.*?<\/\1\s*>/gis;
const href = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;
const blocks = new Set(["br", "div", "li", "ol", "p", "tr", "ul"]);
const characters = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'", nbsp: "\u00a0" };
const address = /https?:\/\/[^\s<>"]+[^\s<>"'.,;:!?)\]}]/g;
const mostCharacters = 10_000;

/** Text and links. Only http and https become links, which know nothing of this page. */
export function richText(text) {
  const shown = text.slice(0, mostCharacters);
  return looksLikeHTML.test(shown) ? ofHTML(shown.replace(unread, "")) : linked(shown);
}

/** A link that opens beside the page; null for anything but http and https. */
export function outsideLink(address, text, properties = {}) {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (!["http:", "https:"].includes(url.protocol)) return null;
  return element("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", ...properties, text });
}

function linked(text) {
  const nodes = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(address)) {
    nodes.push(text.slice(end, index), outsideLink(found, found) ?? found);
    end = index + found.length;
  }
  return [...nodes, text.slice(end)].filter((node) => node !== "");
}

function ofHTML(html) {
  const nodes = [];
  let end = 0;
  let target = "";
  const take = (raw) => {
    const text = decoded(raw.replace(/\s+/g, " "));
    const link = target && text.trim() ? outsideLink(target, text) : null;
    if (text) nodes.push(...(link ? [link] : linked(text)));
  };
  for (const { 0: whole, 1: slash, 2: name, 3: rest, index } of html.matchAll(tag)) {
    take(html.slice(end, index));
    end = index + whole.length;
    const kind = name.toLowerCase();
    if (kind === "a") target = slash ? "" : decoded((rest.match(href) ?? []).slice(1).find(Boolean) ?? "");
    if (blocks.has(kind) && (!slash || kind === "p")) breakLine(nodes, kind === "br");
    if (kind === "li" && !slash) nodes.push("• ");
  }
  take(html.slice(end));
  return nodes;
}

/** One break is enough between blocks; those that somebody wrote all stay. */
function breakLine(nodes, isWritten) {
  if (nodes.length > 0 && (isWritten || nodes.at(-1) !== "\n")) nodes.push("\n");
}

const decoded = (text) => text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
  if (name) return characters[name.toLowerCase()] ?? whole;
  const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
});
