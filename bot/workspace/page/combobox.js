import { avatar } from "./avatar.js";
import { el, freshId, replace } from "./dom.js";
import { icon } from "./icons.js";
import { under } from "./popover.js";
import { t } from "./words.js";

/**
 * A field with a list to choose from: type to filter, arrows to walk, Enter to choose, Esc to leave.
 * A choice is {value, label, note?, user?, raw}; `find(typed)` gives groups [{label, choices}] or a promise of them.
 */
export class Combobox {
  constructor({ attributes, multiple = false, max = null, chosen = [], clearable = false, find }) {
    this.multiple = multiple;
    this.max = max;
    this.chosen = chosen;
    this.find = find;
    this.listeners = [];
    this.rows = [];
    this.active = -1;
    this.typed = "";
    this.round = 0;
    this.listId = freshId("list");
    this.input = el("input", {
      ...attributes,
      class: "combo-input",
      type: "text",
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": this.listId,
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.placeholder = attributes.placeholder ?? "";
    this.chips = el("span", { class: "chips" });
    this.clear = el(
      "button",
      { type: "button", class: "combo-clear", "aria-label": t("clear"), on: { click: () => this.#empty() } },
      icon("close"),
    );
    this.clearable = clearable && !multiple;
    this.list = el("div", {
      class: "menu list",
      id: this.listId,
      role: "listbox",
      popover: "manual",
      "aria-multiselectable": multiple ? "true" : null,
      "aria-label": t("alternatives"),
    });
    this.box = el("span", { class: "combo-box" }, this.chips, this.input, this.clear, icon("chevron"));
    this.node = el("span", { class: multiple ? "combo combo-multi" : "combo" }, this.box, this.list);
    this.#listen();
    this.#draw();
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  write(choices) {
    this.chosen = choices;
    this.#draw();
  }

  get open() {
    return this.input.getAttribute("aria-expanded") === "true";
  }

  #listen() {
    this.box.addEventListener("click", (event) => {
      if (event.target.closest("button")) return;
      this.input.focus();
      if (!this.open) this.show();
    });
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.input.addEventListener("blur", () => this.hide());
    this.input.addEventListener("input", () => {
      this.typed = this.input.value;
      this.show();
    });
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.moved = () => under(this.box, this.list, { fit: true });
  }

  #key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.open) this.#point(this.active + step, Math.abs(step) === 1);
      else this.show();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!this.open) this.show();
      else if (this.active >= 0) this.#pick(this.rows[this.active].choice);
    } else if (event.key === "Escape" && this.open) {
      event.preventDefault();
      event.stopPropagation();
      this.hide();
    } else if (event.key === "Backspace" && this.multiple && this.input.value === "" && this.chosen.length) {
      this.#set(this.chosen.slice(0, -1));
    }
  }

  /** Opens the list (or refreshes it) for what is typed. */
  async show() {
    if (!this.open) {
      this.input.setAttribute("aria-expanded", "true");
      this.list.showPopover();
      window.addEventListener("resize", this.moved);
      window.addEventListener("scroll", this.moved, true);
      if (!this.multiple && this.typed === "") this.input.select();
    }
    this.round += 1;
    const round = this.round;
    const found = this.find(this.typed);
    if (!(found instanceof Promise)) return this.#fill(found);
    this.#note(t("loading"));
    try {
      const groups = await found;
      if (round === this.round && this.open) this.#fill(groups);
    } catch {
      if (round === this.round && this.open) this.#note(t("optionsFailed"));
    }
  }

  hide() {
    if (!this.open) return;
    this.round += 1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.list.hidePopover();
    this.list.replaceChildren();
    this.rows = [];
    window.removeEventListener("resize", this.moved);
    window.removeEventListener("scroll", this.moved, true);
    this.typed = "";
    this.#draw();
  }

  #note(text) {
    this.rows = [];
    this.active = -1;
    replace(this.list, el("p", { class: "list-note", role: "status" }, text));
    this.moved();
  }

  #fill(groups) {
    if (groups.note) return this.#note(groups.note);
    this.rows = [];
    const shown = groups.filter((group) => group.choices.length);
    const nodes = shown.map((group) => {
      const options = group.choices.map((choice) => this.#row(choice));
      if (!group.label) return options;
      const labelId = freshId("group");
      return el("div", { role: "group", "aria-labelledby": labelId }, el("div", { class: "list-group", id: labelId }, group.label), options);
    });
    if (!this.rows.length) return this.#note(t("noHits"));
    replace(this.list, nodes);
    const current = this.rows.findIndex((row) => row.node.getAttribute("aria-selected") === "true");
    this.moved();
    this.#point(this.typed || this.multiple || current < 0 ? 0 : current, false);
  }

  #row(choice) {
    const selected = this.chosen.some((one) => one.value === choice.value);
    const node = el(
      "div",
      {
        class: "option",
        role: "option",
        id: freshId("option"),
        "aria-selected": String(selected),
        "data-value": choice.value,
        on: { click: () => this.#pick(choice), mousemove: () => this.#point(index, false, false) },
      },
      choice.user ? avatar(choice.user, "tiny") : null,
      el("span", { class: "option-text" }, el("span", {}, choice.label), choice.note ? el("span", { class: "option-note" }, choice.note) : null),
      selected ? icon("check") : null,
    );
    const index = this.rows.push({ node, choice }) - 1;
    return node;
  }

  #point(wanted, around, scroll = true) {
    if (!this.rows.length) return;
    const last = this.rows.length - 1;
    const next = around && wanted > last ? 0 : around && wanted < 0 ? last : Math.max(0, Math.min(last, wanted));
    this.rows[this.active]?.node.classList.remove("option-active");
    this.active = next;
    const { node } = this.rows[next];
    node.classList.add("option-active");
    if (scroll) node.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", node.id);
  }

  #pick(choice) {
    if (!this.multiple) {
      this.hide();
      if (this.chosen[0]?.value !== choice.value) this.#set([choice]);
      return;
    }
    const there = this.chosen.some((one) => one.value === choice.value);
    this.typed = "";
    if (there) this.#set(this.chosen.filter((one) => one.value !== choice.value));
    else if (this.max && this.chosen.length >= this.max) return this.#note(t("tooMany", { max: this.max }));
    else this.#set([...this.chosen, choice]);
    this.show();
  }

  #empty() {
    this.#set([]);
    this.input.focus();
  }

  #set(choices) {
    this.chosen = choices;
    this.#draw();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    for (const listener of this.listeners) listener();
  }

  #draw() {
    this.clear.hidden = !this.clearable || !this.chosen.length;
    if (!this.multiple) {
      this.input.value = this.typed || (this.chosen[0]?.label ?? "");
      return;
    }
    this.input.value = this.typed;
    this.input.placeholder = this.chosen.length ? "" : this.placeholder;
    replace(this.chips, this.chosen.map((choice) => this.#chip(choice)));
  }

  #chip(choice) {
    const drop = () => {
      this.#set(this.chosen.filter((one) => one.value !== choice.value));
      this.input.focus();
    };
    return el(
      "span",
      { class: "chip", "data-value": choice.value },
      el("span", { class: "chip-text" }, choice.label),
      el("button", { type: "button", class: "chip-drop", "aria-label": t("remove", { name: choice.label }), on: { click: drop } }, icon("close")),
    );
  }
}
