import { avatar } from "./avatar.js";
import { ClockCard } from "./clock.js";
import { el, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** Channels, the app, direct messages, the clock and who one is. */
export class Sidebar {
  constructor(client) {
    this.client = client;
    const { state } = client;
    this.channels = el("ul", { class: "nav-list" });
    this.app = el("ul", { class: "nav-list" });
    this.people = el("ul", { class: "nav-list" });
    this.status = el("p", { class: "side-status", role: "status", "data-testid": "status", hidden: true });
    this.clock = state.clock ? new ClockCard(client) : null;
    this.node = el(
      "nav",
      { class: "sidebar", id: "sidebar", "aria-label": t("channels"), "data-testid": "sidebar" },
      this.#head(),
      el(
        "div",
        { class: "side-scroll" },
        this.#section(t("channels"), this.channels),
        this.#section(t("appSection"), this.app),
        this.#section(t("direct"), this.people, this.#newDm()),
      ),
      el("div", { class: "side-foot" }, this.status, this.client.faults.card, this.clock?.node, this.#me()),
    );
    this.refresh();
  }

  #head() {
    return el(
      "header",
      { class: "side-head" },
      el("strong", { class: "side-team" }, this.client.state.team.name),
      el(
        "button",
        { type: "button", class: "tool side-close", "aria-label": t("menuClose"), on: { click: () => this.client.menu(false) } },
        icon("close"),
      ),
      el(
        "button",
        { type: "button", class: "side-search", "data-testid": "open-jump", on: { click: () => this.client.jump.open() } },
        icon("search"),
        el("span", {}, t("jump")),
        el("kbd", {}, t("jumpTip")),
      ),
    );
  }

  #section(name, list, extra = null) {
    return el("section", { class: "side-section" }, el("div", { class: "side-label" }, el("h2", {}, name), extra), list);
  }

  #newDm() {
    return el(
      "button",
      { type: "button", class: "tool", "aria-label": t("newDm"), title: t("newDm"), on: { click: () => this.client.jump.open({ people: true }) } },
      icon("plus"),
    );
  }

  #me() {
    const me = this.client.state.me();
    return el(
      "div",
      { class: "side-me", "data-testid": "me" },
      avatar(me, "small"),
      el(
        "span",
        { class: "option-text" },
        el("strong", {}, this.client.state.personName(me)),
        me.title ? el("span", { class: "option-note" }, me.title) : null,
      ),
      el("a", { class: "tool", href: "/", "aria-label": t("switchPerson"), title: t("switchPerson") }, icon("swap")),
    );
  }

  refresh() {
    const { state } = this.client;
    const all = state.channels();
    const own = all.filter((channel) => ["channel", "private"].includes(channel.kind) && !channel.is_archived);
    own.sort((one, other) => one.name.localeCompare(other.name, "sv"));
    const bot = state.app?.bot_user;
    const direct = all.filter((channel) => ["im", "mpim"].includes(channel.kind) && state.partner(channel)?.id !== bot);
    direct.sort((one, other) => state.title(one).localeCompare(state.title(other), "sv"));
    this.#fill(this.channels, own.map((channel) => this.#item(channel)), t("noChannels"));
    this.#fill(this.app, state.app ? [this.#appItem()] : [], "");
    this.#fill(this.people, direct.map((channel) => this.#item(channel)), "");
  }

  #item(channel) {
    const current = this.client.place === channel.id;
    return { id: channel.id, name: this.client.state.title(channel), unread: current ? 0 : (channel.unread ?? 0), current, channel };
  }

  #appItem() {
    const { state } = this.client;
    const channel = state.botChannel();
    const current = this.client.place === "home" || (channel && this.client.place === channel.id);
    const unread = channel && this.client.place !== channel.id ? (channel.unread ?? 0) : 0;
    return { id: unread && channel ? channel.id : "home", app: true, name: state.app.name, unread, current, channel };
  }

  #fill(list, items, empty) {
    const shown = items.length || !empty ? items : [{ id: "none", note: empty }];
    reconcile(list, shown, {
      key: (item) => (item.app ? "app" : item.id),
      signature: (item) => JSON.stringify([item.id, item.name, item.unread, item.current, item.note]),
      create: (item) => (item.note ? el("li", { class: "nav-none" }, item.note) : this.#link(item)),
    });
  }

  #link(item) {
    const { state } = this.client;
    const partner = item.app ? state.bot() : state.partner(item.channel);
    const sign = partner || item.app ? avatar(partner ?? { is_bot: true }, "tiny") : icon(item.channel.kind === "private" ? "lock" : item.channel.kind === "mpim" ? "people" : "hash");
    const name = partner ? item.name : item.name.replace(/^#/, "");
    return el(
      "li",
      {},
      el(
        "a",
        {
          class: `nav-item ${item.unread ? "nav-unread" : ""}`.trim(),
          href: state.address(item.id),
          "aria-current": item.current ? "page" : null,
          "data-testid": "nav",
          "data-channel": item.id,
          on: { click: (event) => this.client.follow(event, item.id) },
        },
        sign,
        el("span", { class: "nav-name" }, name),
        item.unread ? el("span", { class: "badge" }, String(item.unread), el("span", { class: "unseen" }, ` (${t("unread", { n: item.unread })})`)) : null,
      ),
    );
  }

  say(text) {
    this.status.textContent = text;
    this.status.hidden = !text;
  }
}
