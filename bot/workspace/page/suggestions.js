import { avatar } from "./avatar.js";
import { el, freshId, replace } from "./dom.js";
import { icon } from "./icons.js";
import { folded } from "./selects.js";
import { t } from "./words.js";

const MOST = 8;

/** What one may be about to write: commands after "/", people after "@", channels after "#". */
export class Suggestions {
  #rows = [];
  #active = -1;
  #named = new Map();

  constructor(input, state, { commands }) {
    this.input = input;
    this.state = state;
    this.commands = commands;
    this.id = freshId("suggestions");
    this.node = el("div", { class: "suggestions", id: this.id, role: "listbox", "aria-label": t("commands"), hidden: true });
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": this.id, "aria-expanded": "false" })) {
      input.setAttribute(name, value);
    }
    this.node.addEventListener("mousedown", (event) => event.preventDefault());
    input.addEventListener("input", () => this.#look());
    input.addEventListener("blur", () => this.hide());
    input.addEventListener("keydown", (event) => this.#key(event));
  }

  /** The text with chosen people and channels in Slack's own notation. */
  encoded(text) {
    let out = text;
    for (const [shown, token] of this.#named) out = out.replaceAll(shown, token);
    return out;
  }

  hide() {
    this.#rows = [];
    this.node.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #look() {
    const text = this.input.value.slice(0, this.input.selectionStart);
    const found = this.#commandsFor(text) ?? this.#namesFor(text) ?? [];
    if (!found.length) return this.hide();
    this.#rows = found.map((item) => ({ item, node: this.#row(item) }));
    replace(this.node, this.#rows.map((row) => row.node));
    this.node.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.#point(0);
  }

  #commandsFor(text) {
    if (!this.commands || !/^\/\S*$/.test(text)) return null;
    return this.state.commands
      .filter((one) => one.command.startsWith(text))
      .map((one) => ({
        label: one.command,
        hint: one.usage_hint,
        note: one.description,
        sign: icon("command"),
        from: 0,
        put: `${one.command} `,
      }));
  }

  #namesFor(text) {
    const match = text.match(/(^|\s)([@#])([\p{L}\p{N}._-]{0,30})$/u);
    if (!match) return null;
    const [, , sign, typed] = match;
    const from = text.length - typed.length - 1;
    const wanted = folded(typed);
    const found = sign === "@" ? this.#people(wanted) : this.#channels(wanted);
    return found.slice(0, MOST).map((one) => ({ ...one, from }));
  }

  #people(wanted) {
    return this.state
      .users()
      .filter((user) => !user.deleted && folded(`${user.real_name} ${user.name}`).includes(wanted))
      .map((user) => ({
        label: this.state.personName(user),
        note: user.title,
        sign: avatar(user, "tiny"),
        put: `@${this.state.personName(user)} `,
        token: `<@${user.id}>`,
      }));
  }

  #channels(wanted) {
    return this.state
      .channels()
      .filter((channel) => ["channel", "private"].includes(channel.kind) && folded(channel.name).includes(wanted))
      .map((channel) => ({
        label: `#${channel.name}`,
        note: channel.topic,
        sign: icon(channel.kind === "private" ? "lock" : "hash"),
        put: `#${channel.name} `,
        token: `<#${channel.id}>`,
      }));
  }

  #row(item) {
    return el(
      "div",
      { class: "option", role: "option", id: freshId("suggestion"), "aria-selected": "false", on: { click: () => this.#take(item) } },
      item.sign,
      el(
        "span",
        { class: "option-text" },
        el("span", {}, el("strong", {}, item.label), item.hint ? el("span", { class: "option-hint" }, ` ${item.hint}`) : null),
        item.note ? el("span", { class: "option-note" }, item.note) : null,
      ),
    );
  }

  #point(index) {
    this.#active = (index + this.#rows.length) % this.#rows.length;
    for (const [at, { node }] of this.#rows.entries()) {
      node.classList.toggle("option-active", at === this.#active);
      node.setAttribute("aria-selected", String(at === this.#active));
    }
    const { node } = this.#rows[this.#active];
    node.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", node.id);
  }

  #key(event) {
    if (!this.#rows.length || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const { item } = this.#rows[this.#active] ?? {};
    const complete = item && this.input.value.trim() === item.label;
    if (step) {
      event.preventDefault();
      this.#point(this.#active + step);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.hide();
    } else if (event.key === "Tab" || (event.key === "Enter" && !complete && !event.shiftKey)) {
      event.preventDefault();
      this.#take(item);
    }
  }

  #take(item) {
    const after = this.input.value.slice(this.input.selectionStart).replace(/^ /, "");
    this.input.value = this.input.value.slice(0, item.from) + item.put + after;
    const caret = item.from + item.put.length;
    this.input.setSelectionRange(caret, caret);
    if (item.token) this.#named.set(item.put.trim(), item.token);
    this.hide();
    this.input.focus();
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
