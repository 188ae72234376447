import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/** Emoji short names in plain text become characters, everything else stays as it is. */
export function plain(text) {
  return String(text ?? "").replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole);
}

/** A Slack text object as nodes. */
export function textNodes(text, people) {
  if (!text) return null;
  if (text.type === "mrkdwn") return mrkdwn(text.text, people);
  return text.emoji === false ? text.text : plain(text.text);
}
