import { avatar } from "./avatar.js";
import { clockTime, fromTs, fullMoment } from "./dates.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { mrkdwn } from "./mrkdwn.js";
import { Surface } from "./surface.js";
import { t } from "./words.js";

/** What the workspace says about the channel itself ("has joined the channel"), not a person's message. */
export function isEvent(message) {
  return /^(channel|group)_/.test(message.subtype ?? "");
}

function stamp(message) {
  const ms = fromTs(message.ts);
  return el("time", { class: "stamp", datetime: new Date(ms).toISOString(), title: fullMoment(ms) }, clockTime(ms));
}

function head(message, author, client) {
  return el(
    "div",
    { class: "message-head" },
    el("span", { class: "author" }, client.state.personName(author)),
    author?.is_bot ? el("span", { class: "tag" }, t("appTag")) : null,
    stamp(message),
  );
}

function body(message, client, surface) {
  const edited = message.edited ? el("span", { class: "edited" }, ` (${t("edited")})`) : null;
  if (message.blocks?.length) {
    surface.show(message.blocks);
    return [surface.node, edited];
  }
  return el("div", { class: "text" }, mrkdwn(message.text, client.people), edited);
}

function threadButton(message, client) {
  if (!message.reply_count) return null;
  return el(
    "button",
    { type: "button", class: "thread-button", "data-testid": "open-thread", on: { click: () => client.openThread(message) } },
    icon("reply"),
    t("replies", { n: message.reply_count }),
  );
}

function toolbar(message, client) {
  const name = t("replyInThread");
  return el(
    "div",
    { class: "message-tools" },
    el(
      "button",
      { type: "button", class: "tool", "aria-label": name, title: name, "data-testid": "reply", on: { click: () => client.openThread(message) } },
      icon("reply"),
    ),
  );
}

/** One message as a list item. `follows` is true when it continues its author's last; surfaces are kept by ts. */
export function renderMessage(message, client, { follows, inThread, surfaces }) {
  const author = client.state.user(message.user);
  const data = { "data-testid": "message", "data-ts": message.ts, "data-channel": message.channel, "data-user": message.user };
  if (isEvent(message)) {
    const text = el("span", {}, client.state.personName(author), " ", mrkdwn(message.text, client.people));
    return el("li", { class: "message message-event", ...data }, text, stamp(message));
  }
  if (message.blocks?.length && !surfaces.has(message.ts)) {
    const container = { type: "message", channel: message.channel, ts: message.ts };
    surfaces.set(message.ts, new Surface(client, container, { conversation: message.channel }));
  }
  const classes = ["message", follows && "message-follows", message.ephemeral && "message-ephemeral", message.subtype === "tombstone" && "message-gone"];
  const threads = !inThread && !message.ephemeral && !client.state.channel(message.channel)?.is_archived;
  return el(
    "li",
    { class: classes.filter(Boolean).join(" "), ...data },
    el("div", { class: "message-side" }, follows ? stamp(message) : avatar(author)),
    el(
      "div",
      { class: "message-main" },
      message.ephemeral ? el("p", { class: "only-you" }, icon("eye"), t("onlyYou")) : null,
      follows ? el("span", { class: "unseen" }, client.state.personName(author)) : head(message, author, client),
      body(message, client, surfaces.get(message.ts)),
      inThread ? null : threadButton(message, client),
    ),
    threads ? toolbar(message, client) : null,
  );
}
