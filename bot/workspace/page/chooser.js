import { avatar } from "./avatar.js";
import { el, freshId, replace } from "./dom.js";
import { icon, mark } from "./icons.js";
import { folded } from "./selects.js";
import { speak, t } from "./words.js";

const CUT = /\s*[,·–—|(:/]\s*|\s+-\s+/u;

/** The first part of a title ("Ledamot, Karolinska institutet" → "Ledamot") and the rest. */
function split(title) {
  const [role, ...rest] = String(title ?? "").split(CUT);
  const detail = rest.length ? title.slice(title.search(CUT)).replace(CUT, "").replace(/\)$/, "") : "";
  return { role: role.trim(), detail };
}

/** People by role; the roles that few have come first, those without a role last. */
function groups(users) {
  const found = new Map();
  for (const user of users) {
    const { role, detail } = split(user.title);
    const key = role || t("chooseOthers");
    if (!found.has(key)) found.set(key, []);
    found.get(key).push({ user, detail });
  }
  const last = ([name]) => (name === t("chooseOthers") ? 1 : 0);
  return [...found].sort((one, other) => last(one) - last(other) || one[1].length - other[1].length);
}

function card({ user, detail }) {
  const name = user.real_name || user.name;
  const address = `/as/${user.id}`;
  return el(
    "li",
    { class: "chooser-card", "data-testid": "person", "data-user": user.id },
    el(
      "a",
      { class: "chooser-link", href: address, "aria-label": t("openFor", { name }) },
      avatar(user),
      el("span", { class: "option-text" }, el("strong", {}, name), detail ? el("span", { class: "option-note" }, detail) : null),
    ),
    el(
      "a",
      { class: "tool", href: address, target: "_blank", rel: "noopener", "aria-label": t("openNewTabFor", { name }), title: t("openNewTab") },
      icon("outward"),
    ),
  );
}

/** The first page: who does one want to be? */
export class Chooser {
  constructor(root, state) {
    this.state = state;
    this.people = state.users().filter((user) => !user.is_bot && !user.deleted);
    speak(localStorage.getItem("language") ?? "");
    this.list = el("div", { class: "chooser-groups" });
    this.root = root;
    this.#draw();
  }

  #draw() {
    document.title = `${t("chooseTitle")} – ${this.state.team.name}`;
    const fieldId = freshId("search");
    this.field = el("input", {
      class: "input",
      type: "search",
      id: fieldId,
      placeholder: t("chooseSearch"),
      autocomplete: "off",
      on: { input: () => this.#fill() },
    });
    replace(
      this.root,
      el(
        "main",
        { class: "chooser", "data-testid": "chooser" },
        this.state.faults.on ? el("div", { class: "faults-sign", role: "status" }, icon("alert"), el("p", {}, t("faultsSign"))) : null,
        el(
          "header",
          { class: "chooser-head" },
          el("div", { class: "chooser-brand" }, el("span", { class: "avatar avatar-app", "aria-hidden": "true" }, mark()), el("span", {}, this.state.team.name), this.#language()),
          el("h1", {}, t("chooseTitle")),
          el("p", { class: "chooser-hint" }, t("chooseHint")),
          el("div", { class: "chooser-search" }, el("label", { class: "unseen", for: fieldId }, t("chooseSearch")), icon("search"), this.field),
        ),
        this.list,
        el("footer", { class: "chooser-foot" }, t("chooseWhat")),
      ),
    );
    this.#fill();
  }

  #language() {
    const names = { sv: "Svenska", en: "English" };
    const chosen = document.documentElement.lang;
    return el(
      "div",
      { class: "segmented", role: "group", "aria-label": t("language") },
      Object.entries(names).map(([code, name]) =>
        el("button", { type: "button", lang: code, "aria-pressed": String(code === chosen), on: { click: () => this.#speak(code) } }, name),
      ),
    );
  }

  #speak(code) {
    localStorage.setItem("language", code);
    speak(code);
    this.#draw();
  }

  #fill() {
    const wanted = folded(this.field.value).trim();
    const shown = this.people.filter((user) => folded(`${user.real_name} ${user.name} ${user.title}`).includes(wanted));
    if (!shown.length) {
      const sentence = wanted ? t("chooseNone", { text: this.field.value.trim() }) : t("chooseNobody");
      replace(this.list, el("div", { class: "empty", role: "status", "data-testid": "empty" }, icon("people"), el("p", {}, sentence)));
      return;
    }
    replace(
      this.list,
      groups(shown).map(([name, people]) => {
        const headingId = freshId("group");
        return el(
          "section",
          { class: `chooser-group chooser-group-${Math.min(people.length, 3)}`, "aria-labelledby": headingId },
          el("h2", { id: headingId }, name, el("span", { class: "chooser-count" }, String(people.length))),
          el("ul", { class: "chooser-cards" }, people.map(card)),
        );
      }),
    );
  }
}
