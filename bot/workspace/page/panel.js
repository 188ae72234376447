import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { Messages } from "./messages.js";
import { t } from "./words.js";

function frame(client, title, subtitle, testId, ...content) {
  return el(
    "section",
    { class: "panel-inner", "aria-label": title, "data-testid": testId },
    el(
      "header",
      { class: "bar" },
      el("div", { class: "bar-title" }, el("h2", {}, title), subtitle ? el("p", { class: "bar-topic" }, subtitle) : null),
      el("button", { type: "button", class: "tool", "aria-label": t("closePanel"), on: { click: () => client.closePanel() } }, icon("close")),
    ),
    content,
  );
}

/** A thread beside the channel: the message and its answers. */
export class ThreadPanel {
  constructor(client, channel, ts) {
    this.client = client;
    this.channel = channel;
    this.ts = ts;
    const name = client.state.title(channel);
    this.messages = new Messages(client, { label: t("thread"), inThread: true });
    this.composer = channel.is_archived ? null : new Composer(client, channel.id, { thread: ts, placeholder: t("composerThread") });
    this.node = frame(client, t("thread"), t("threadIn", { name }), "thread", this.messages.node, this.composer?.node);
    this.refresh();
  }

  refresh() {
    const shown = this.client.history.thread(this.channel.id, this.ts);
    if (!shown) return;
    this.messages.show(shown);
    this.messages.node.classList.toggle("feed-alone", shown.length === 1);
    this.messages.node.dataset.empty = shown.length === 1 ? t("emptyThread") : "";
  }

  focus() {
    this.composer?.focus();
  }

  stop() {
    this.messages.stop();
  }
}

/** Who is in a channel; a name leads to the conversation with that person. */
export class MembersPanel {
  constructor(client, channel) {
    this.channel = channel;
    this.client = client;
    this.list = el("ul", { class: "people" });
    this.node = frame(client, t("membersOf", { name: client.state.title(channel) }), channel.purpose, "members", this.list);
    this.refresh();
  }

  refresh() {
    const { state } = this.client;
    const members = (state.channel(this.channel.id)?.members ?? []).map((id) => state.user(id)).filter(Boolean);
    members.sort((one, other) => state.personName(one).localeCompare(state.personName(other), "sv"));
    this.list.replaceChildren(...members.map((user) => el("li", {}, this.#person(user))));
  }

  #person(user) {
    const own = user.id === this.client.state.self;
    const content = [
      avatar(user, "small"),
      el(
        "span",
        { class: "option-text" },
        el("span", {}, this.client.state.personName(user), own ? ` (${t("you")})` : ""),
        user.title ? el("span", { class: "option-note" }, user.title) : null,
      ),
      user.is_bot ? el("span", { class: "tag" }, t("appTag")) : null,
    ];
    if (own) return el("div", { class: "person" }, content);
    return el("button", { type: "button", class: "person", on: { click: () => this.client.openDm(user.id) } }, content);
  }

  focus() {
    this.node.querySelector("button")?.focus();
  }
}
