import { en } from "./words_en.js";
import { sv } from "./words_sv.js";

const books = { sv, en };
let language = "sv";

/** Chooses the language from a locale such as "en-GB": Swedish for Swedish or none at all, else English. */
export function speak(locale) {
  language = /^sv|^$/i.test(locale ?? "") ? "sv" : "en";
  document.documentElement.lang = language;
}

export function locale() {
  return language === "en" ? "en-GB" : "sv-SE";
}

/** The sentence with this name in the chosen language. */
export function t(name, values = {}) {
  const entry = books[language][name];
  if (entry === undefined) throw new Error(`no words for ${name}`);
  return typeof entry === "function" ? entry(values) : entry;
}
