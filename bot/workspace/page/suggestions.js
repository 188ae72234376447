import { el, freshId, replace } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** The commands one may be about to write, with what they do. */
export class Suggestions {
  #rows = [];
  #active = -1;

  constructor(input, state) {
    this.input = input;
    this.state = state;
    this.id = freshId("suggestions");
    this.node = el("div", { class: "suggestions", id: this.id, role: "listbox", "aria-label": t("commands"), hidden: true });
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.id);
    this.node.addEventListener("mousedown", (event) => event.preventDefault());
    input.addEventListener("input", () => this.#look());
    input.addEventListener("blur", () => this.hide());
    input.addEventListener("keydown", (event) => this.#key(event));
  }

  hide() {
    this.#rows = [];
    this.node.hidden = true;
    this.input.removeAttribute("aria-activedescendant");
  }

  #look() {
    const text = this.input.value.slice(0, this.input.selectionStart);
    const found = this.#commandsFor(text);
    if (!found.length) return this.hide();
    this.#rows = found.map((item) => ({ item, node: this.#row(item) }));
    replace(this.node, this.#rows.map((row) => row.node));
    this.node.hidden = false;
    this.#point(0);
  }

  #commandsFor(text) {
    if (!/^\/\S*$/.test(text)) return [];
    return this.state.commands
      .filter((one) => one.command.startsWith(text))
      .map((one) => ({
        label: one.command,
        hint: one.usage_hint,
        note: one.description,
        put: `${one.command} `,
      }));
  }

  #row(item) {
    return el(
      "div",
      { class: "option", role: "option", id: freshId("suggestion"), "aria-selected": "false", on: { click: () => this.#take(item) } },
      icon("command"),
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
    this.input.value = item.put + after;
    const caret = item.put.length;
    this.input.setSelectionRange(caret, caret);
    this.hide();
    this.input.focus();
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
