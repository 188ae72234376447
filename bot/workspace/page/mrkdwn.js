import { fromTs, fullMoment, slackDate } from "./dates.js";
import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { t } from "./words.js";

const SAFE = /^(https?:\/\/|mailto:|tel:)/i;
const PINGS = new Set(["channel", "here", "everyone"]);
const WORD = /[\p{L}\p{N}]/u;
const STYLES = { "*": "strong", _: "em", "~": "s" };
const BARE = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/gu;

/** Undoes Slack's three escapes, once. */
export function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** A link that opens in a tab of its own, or plain text when the address is not one we follow. */
export function link(address, label) {
  if (!SAFE.test(address)) return document.createTextNode(label);
  return el("a", { class: "link", href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** Slack's mrkdwn as nodes. `people` resolves users and channels: {user(id), channel(id), open(id), now()}. */
export function mrkdwn(text, people) {
  const out = document.createDocumentFragment();
  const parts = String(text ?? "").split("```");
  for (const [index, part] of parts.entries()) {
    const closed = index % 2 === 1 && index < parts.length - 1;
    if (closed) out.append(el("pre", { class: "pre" }, unescape(part.replace(/^\n|\n$/g, ""))));
    else if (part) appendLines(out, index % 2 === 1 ? `\`\`\`${part}` : part, people, index > 0);
  }
  return out;
}

function kindOf(line) {
  if (/^(&gt;|>)/.test(line)) return "quote";
  if (/^\s*[•◦]\s/u.test(line)) return "list";
  return "text";
}

function appendLines(out, text, people, afterPre) {
  const lines = (afterPre ? text.replace(/^\n/, "") : text).split("\n");
  let index = 0;
  while (index < lines.length) {
    const kind = kindOf(lines[index]);
    const run = [];
    while (index < lines.length && kindOf(lines[index]) === kind) {
      run.push(lines[index]);
      index += 1;
    }
    if (kind === "quote") out.append(el("blockquote", { class: "quote" }, quoted(run, people)));
    else if (kind === "list") out.append(bullets(run, people));
    else out.append(broken(run, people));
  }
}

function quoted(run, people) {
  return broken(run.map((line) => line.replace(/^(&gt;|>)\s?/, "")), people);
}

function bullets(run, people) {
  const items = run.map((line) => {
    const [, space, rest] = line.match(/^(\s*)[•◦]\s+(.*)$/u) ?? [null, "", line];
    const deep = space.length > 1 || line.trimStart().startsWith("◦");
    return el("li", { class: deep ? "deep" : null }, inline(rest, people));
  });
  return el("ul", { class: "bullets" }, items);
}

function broken(run, people) {
  const out = document.createDocumentFragment();
  for (const [index, line] of run.entries()) {
    if (index) out.append(el("br"));
    out.append(inline(line, people));
  }
  return out;
}

/** One line: styles, links, mentions, emoji. */
function inline(text, people) {
  const out = document.createDocumentFragment();
  let plain = "";
  const flush = () => {
    if (plain) appendPlain(out, unescape(plain));
    plain = "";
  };
  let at = 0;
  while (at < text.length) {
    const found = special(text, at, people);
    if (found) {
      flush();
      out.append(found.node);
      at += found.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return out;
}

function special(text, at, people) {
  const letter = text[at];
  const rest = text.slice(at);
  if (letter === "`") {
    const code = rest.match(/^`([^`\n]+)`/);
    return code && { node: el("code", { class: "code" }, unescape(code[1])), length: code[0].length };
  }
  if (letter === "<") {
    const token = rest.match(/^<([^<>\n]+)>/);
    const node = token && tokenNode(token[1], people);
    return node ? { node, length: token[0].length } : null;
  }
  if (letter === ":") {
    const name = rest.match(/^:([a-z0-9_+'-]+):(:skin-tone-\d:)?/);
    const sign = name && emoji(name[1]);
    return sign ? { node: el("span", { class: "emoji", title: name[0] }, sign), length: name[0].length } : null;
  }
  if (!(letter in STYLES) || (at > 0 && WORD.test(text[at - 1]))) return null;
  const mark = letter === "*" ? "\\*" : letter;
  const styled = rest.match(new RegExp(`^${mark}((?=\\S)[^\\n]*?[^\\s])${mark}(?![\\p{L}\\p{N}${mark}])`, "u"));
  if (!styled || styled[1] === letter) return null;
  return { node: el(STYLES[letter], {}, inline(styled[1], people)), length: styled[0].length };
}

function appendPlain(out, text) {
  let from = 0;
  for (const match of text.matchAll(BARE)) {
    out.append(text.slice(from, match.index), link(match[0], match[0]));
    from = match.index + match[0].length;
  }
  out.append(text.slice(from));
}

function tokenNode(token, people) {
  const cut = token.indexOf("|");
  const target = cut < 0 ? token : token.slice(0, cut);
  const label = cut < 0 ? null : unescape(token.slice(cut + 1));
  if (/^@[UWB][A-Z0-9]+$/.test(target)) return mention(target.slice(1), label, people);
  if (/^#[CG][A-Z0-9]+$/.test(target)) return channelMention(target.slice(1), label, people);
  if (target.startsWith("!")) return announcement(target.slice(1), label, people);
  const address = unescape(target);
  return SAFE.test(address) ? link(address, label ?? address.replace(/^(mailto|tel):/i, "")) : null;
}

/** A person's name as a chip; one's own is marked. */
export function mention(id, label, people) {
  const user = people.user(id);
  const name = user ? user.real_name || user.name : (label ?? t("unknownPerson"));
  const own = id === people.self ? " mention-own" : "";
  return el("span", { class: `mention${own}`, "data-user": id }, `@${name.replace(/^@/, "")}`);
}

export function channelMention(id, label, people) {
  const channel = people.channel(id);
  const name = `#${channel?.name ?? label ?? id}`;
  if (!channel) return el("span", { class: "mention" }, name);
  return el("a", { class: "mention", href: people.address(id), on: { click: (event) => people.follow(event, id) } }, name);
}

function announcement(target, label, people) {
  const [kind, moment, pattern, address] = target.split("^");
  if (kind === "date") return dateNode(moment, pattern ?? "", address, label, people);
  if (PINGS.has(kind)) return el("span", { class: "mention mention-ping" }, `@${kind}`);
  if (kind === "subteam") return el("span", { class: "mention" }, label ?? "@");
  return label === null ? null : document.createTextNode(label);
}

function dateNode(moment, pattern, address, label, people) {
  if (!/^\d+$/.test(moment ?? "")) return document.createTextNode(label ?? "");
  const ms = fromTs(moment);
  const words = slackDate(ms, unescape(pattern), people.now());
  const node = el("time", { class: "moment", datetime: new Date(ms).toISOString(), title: fullMoment(ms) }, words);
  return address && SAFE.test(address) ? el("a", { class: "link", href: address, target: "_blank", rel: "noopener noreferrer" }, node) : node;
}

/** The text alone, for names and notices: no marks, no markup. */
export function plainText(text, people) {
  const holder = el("div", {}, mrkdwn(text, people));
  return holder.textContent.replace(/\s+/g, " ").trim();
}
