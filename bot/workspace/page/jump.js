import { avatar } from "./avatar.js";
import { el, freshId, replace } from "./dom.js";
import { icon } from "./icons.js";
import { folded } from "./selects.js";
import { t } from "./words.js";

const MOST = 12;

/** Ctrl+K: go to a channel or a person by name. */
export class Jump {
  #rows = [];
  #active = 0;
  #people = false;

  constructor(client) {
    this.client = client;
    const listId = freshId("jump");
    this.input = el("input", {
      class: "jump-input",
      type: "text",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": listId,
      "aria-label": t("jumpSearch"),
      placeholder: t("jumpSearch"),
      autocomplete: "off",
      spellcheck: "false",
      on: { input: () => this.#fill(), keydown: (event) => this.#key(event) },
    });
    this.list = el("div", { class: "jump-list", id: listId, role: "listbox", "aria-label": t("jump") });
    this.dialog = el(
      "dialog",
      { class: "dialog jump", "aria-label": t("jump"), "data-testid": "jump" },
      el(
        "div",
        { class: "jump-head" },
        icon("search"),
        this.input,
        el("button", { type: "button", class: "tool", "aria-label": t("close"), on: { click: () => this.dialog.close() } }, icon("close")),
      ),
      this.list,
    );
    document.body.append(this.dialog);
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        this.open();
      }
    });
  }

  open({ people = false } = {}) {
    this.#people = people;
    this.input.value = "";
    this.dialog.showModal();
    this.#fill();
    this.input.focus();
  }

  #places() {
    const { state } = this.client;
    const channels = this.#people ? [] : state.channels().filter((channel) => channel.kind !== "im");
    const people = state.users().filter((user) => !user.deleted && user.id !== state.self);
    return [
      ...(this.#people ? [] : [{ label: state.app.name, note: t("appHome"), sign: () => avatar({ is_bot: true }, "tiny"), go: () => this.client.go("home") }]),
      ...channels.map((channel) => ({
        label: state.title(channel),
        note: channel.is_archived ? t("archived") : channel.topic,
        unread: channel.unread,
        sign: () => icon(channel.kind === "private" ? "lock" : channel.kind === "mpim" ? "people" : "hash"),
        go: () => this.client.go(channel.id),
      })),
      ...people.map((user) => ({
        label: state.personName(user),
        note: user.title,
        sign: () => avatar(user, "tiny"),
        go: () => this.client.openDm(user.id),
      })),
    ];
  }

  #fill() {
    const wanted = folded(this.input.value.replace(/^[#@]/, "").trim());
    const found = this.#places()
      .map((place) => ({ place, at: folded(place.label).indexOf(wanted), note: folded(place.note).includes(wanted) }))
      .filter(({ at, note }) => at >= 0 || note)
      .sort((one, other) => (one.at < 0) - (other.at < 0) || Boolean(other.place.unread) - Boolean(one.place.unread))
      .slice(0, MOST);
    this.#rows = found.map(({ place }) => ({ place, node: this.#row(place) }));
    if (!found.length) replace(this.list, el("p", { class: "list-note", role: "status" }, t("jumpNone")));
    else replace(this.list, this.#rows.map((row) => row.node));
    this.#point(0);
  }

  #row(place) {
    return el(
      "div",
      { class: "option", role: "option", id: freshId("place"), on: { click: () => this.#take(place) } },
      place.sign(),
      el("span", { class: "option-text" }, el("span", {}, place.label), place.note ? el("span", { class: "option-note" }, place.note) : null),
      place.unread ? el("span", { class: "badge" }, String(place.unread)) : null,
    );
  }

  #point(index) {
    if (!this.#rows.length) return;
    this.#active = (index + this.#rows.length) % this.#rows.length;
    for (const [at, { node }] of this.#rows.entries()) {
      node.classList.toggle("option-active", at === this.#active);
      node.setAttribute("aria-selected", String(at === this.#active));
    }
    this.#rows[this.#active].node.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", this.#rows[this.#active].node.id);
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.#point(this.#active + step);
    } else if (event.key === "Enter" && !event.isComposing && this.#rows.length) {
      event.preventDefault();
      this.#take(this.#rows[this.#active].place);
    }
  }

  #take(place) {
    this.dialog.close();
    place.go();
  }
}
