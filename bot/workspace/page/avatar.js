import { el } from "./dom.js";
import { mark } from "./icons.js";

const TONES = 8;

function initials(name) {
  const words = String(name ?? "").trim().split(/\s+/u).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  return picked.map((word) => [...word][0].toLocaleUpperCase("sv")).join("") || "?";
}

function tone(id) {
  let sum = 0;
  for (const letter of String(id)) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % TONES;
}

/** A person's initials on a colour of their own; the app shows its mark. Decoration: the name stands beside it. */
export function avatar(user, size = "") {
  const classes = ["avatar", size && `avatar-${size}`];
  if (user?.is_bot) return el("span", { class: [...classes, "avatar-app"].join(" "), "aria-hidden": "true" }, mark());
  return el(
    "span",
    { class: [...classes, `tone-${tone(user?.id ?? "?")}`].join(" "), "aria-hidden": "true" },
    initials(user?.real_name || user?.name),
  );
}
