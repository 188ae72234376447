import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelMention, link, mention } from "./mrkdwn.js";
import { slackDate } from "./dates.js";

const TAGS = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

function styled(node, style = {}) {
  return Object.entries(TAGS).reduce(
    (inner, [name, tag]) => (style[name] ? el(tag, { class: tag === "code" ? "code" : null }, inner) : inner),
    node,
  );
}

function lines(text) {
  const out = document.createDocumentFragment();
  for (const [index, line] of String(text).split("\n").entries()) out.append(...(index ? [el("br"), line] : [line]));
  return out;
}

const leaves = {
  text: (item) => lines(item.text),
  link: (item) => link(item.url, item.text || item.url),
  emoji: (item) => document.createTextNode(emoji(item.name) ?? `:${item.name}:`),
  user: (item, people) => mention(item.user_id, null, people),
  channel: (item, people) => channelMention(item.channel_id, null, people),
  broadcast: (item) => el("span", { class: "mention mention-ping" }, `@${item.range}`),
  date: (item, people) => document.createTextNode(slackDate(item.timestamp * 1000, item.format ?? "", people.now())),
};

function leaf(item, people) {
  const make = leaves[item.type];
  return make ? styled(make(item, people), item.style) : document.createTextNode(item.text ?? "");
}

function section(part, people) {
  return (part.elements ?? []).map((item) => leaf(item, people));
}

const parts = {
  rich_text_section: (part, people) => el("p", { class: "rich-section" }, section(part, people)),
  rich_text_preformatted: (part, people) => el("pre", { class: "pre" }, section(part, people)),
  rich_text_quote: (part, people) => el("blockquote", { class: "quote" }, section(part, people)),
  rich_text_list: (part, people) =>
    el(
      part.style === "ordered" ? "ol" : "ul",
      { class: `bullets bullets-${part.indent ?? 0}`, start: part.offset ? part.offset + 1 : null },
      (part.elements ?? []).map((item) => el("li", {}, section(item, people))),
    ),
};

/** A rich_text block's content as nodes. */
export function richText(block, people) {
  return (block.elements ?? []).map((part) => parts[part.type]?.(part, people) ?? null);
}
