import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { el, replace } from "./dom.js";
import { icon } from "./icons.js";
import { Messages } from "./messages.js";
import { t } from "./words.js";

/** A channel or a conversation in the middle of the page. */
export class ChannelView {
  constructor(client, channel) {
    this.client = client;
    this.id = channel.id;
    this.unreadAtStart = channel.unread ?? 0;
    this.title = client.state.title(channel);
    this.older = false;
    this.bar = el("header", { class: "bar" });
    this.top = el("div", { class: "beginning" });
    this.messages = new Messages(client, {
      label: t("messages", { name: this.title }),
      onTop: () => this.#older(),
      top: this.top,
    });
    this.foot = el("div", { class: "foot" });
    this.node = el(
      "section",
      { class: "channel", "data-testid": "channel", "data-channel": channel.id, "aria-label": this.title },
      this.bar,
      client.tabs(channel),
      this.messages.node,
      this.foot,
    );
    this.#writing(channel);
    this.refreshBar();
    this.#fetch();
  }

  #writing(channel) {
    if (channel.is_archived) {
      this.foot.append(el("p", { class: "archived" }, icon("lock"), t("archived")));
      return;
    }
    const partner = this.client.state.partner(channel);
    const name = this.client.state.title(channel);
    const command = this.client.state.commands[0]?.command;
    const placeholder = partner ? t("composerPerson", { name }) : t("composerChannel", { name });
    this.composer = new Composer(this.client, channel.id, { placeholder });
    const wide = matchMedia("(min-width: 600px)").matches;
    if (command && wide) this.composer.input.placeholder = placeholder + t("composerWith", { command });
    this.foot.append(this.composer.node);
  }

  async #fetch() {
    const { history } = this.client;
    if (history.channel(this.id)) this.refresh();
    else replace(this.top, el("p", { class: "loading", role: "status" }, t("loading")));
    try {
      await history.open(this.id);
    } catch {
      const again = el("button", { type: "button", class: "button", on: { click: () => this.#fetch() } }, t("retry"));
      replace(this.top, el("p", { role: "alert" }, t("historyFailed")), again);
    }
  }

  async #older() {
    if (this.older || !this.client.history.channel(this.id)?.more) return;
    this.older = true;
    try {
      await this.client.history.older(this.id);
    } finally {
      this.older = false;
    }
  }

  refreshBar() {
    const channel = this.client.state.channel(this.id);
    if (!channel) return;
    const partner = this.client.state.partner(channel);
    const sign = partner ? avatar(partner, "small") : icon(channel.kind === "private" ? "lock" : "hash");
    const name = partner || channel.kind === "mpim" ? this.client.state.title(channel) : channel.name;
    const topic = partner ? partner.title : channel.topic || channel.purpose;
    const count = channel.members?.length ?? 0;
    const people = el(
      "button",
      { type: "button", class: "button button-quiet", "aria-label": t("members", { n: count }), "data-testid": "open-members", on: { click: () => this.client.openMembers(channel) } },
      icon("people"),
      el("span", {}, String(count)),
    );
    const title = el(
      "div",
      { class: "bar-title" },
      el("h1", {}, sign, el("span", {}, name), partner?.is_bot ? el("span", { class: "tag" }, t("appTag")) : null),
      topic ? el("p", { class: "bar-topic", title: topic }, topic) : null,
    );
    replace(this.bar, this.client.menuButton(), title, partner ? null : people);
  }

  refresh() {
    const known = this.client.history.channel(this.id);
    if (!known) return;
    if (this.unreadAtStart) {
      const others = known.messages.filter((message) => message.user !== this.client.state.self);
      this.messages.firstNew = others.at(-this.unreadAtStart)?.ts ?? null;
      this.unreadAtStart = 0;
    }
    this.#beginning(known);
    this.messages.show(known.messages);
  }

  #beginning(known) {
    const channel = this.client.state.channel(this.id);
    if (known.more) {
      replace(this.top, el("button", { type: "button", class: "button button-quiet", on: { click: () => this.#older() } }, t("loadOlder")));
      return;
    }
    const partner = this.client.state.partner(channel);
    const command = this.client.state.commands[0]?.command ?? "/";
    const sentence = partner ? t("emptyDm", { name: this.title }) : t("emptyChannel", { name: this.title });
    replace(
      this.top,
      partner ? avatar(partner, "large") : el("span", { class: "beginning-sign", "aria-hidden": "true" }, icon(channel?.kind === "private" ? "lock" : "hash")),
      el("h2", {}, this.title),
      el("p", { "data-testid": "beginning" }, sentence, " ", channel?.purpose ?? ""),
      known.messages.length || channel?.is_archived ? null : el("p", { class: "beginning-hint", "data-testid": "empty" }, t("emptyChannelHint", { command })),
    );
  }

  focus() {
    if (this.composer && !matchMedia("(pointer: coarse)").matches) this.composer.focus();
  }

  stop() {
    this.messages.stop();
  }
}
