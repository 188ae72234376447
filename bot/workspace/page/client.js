import { Api } from "./api.js";
import { ChannelView } from "./channel.js";
import { el, replace } from "./dom.js";
import { Faults } from "./faults.js";
import { History } from "./history.js";
import { HomeView } from "./home.js";
import { icon } from "./icons.js";
import { Jump } from "./jump.js";
import { Live } from "./live.js";
import { Modals } from "./modal.js";
import { MembersPanel, ThreadPanel } from "./panel.js";
import { Sidebar } from "./sidebar.js";
import { State } from "./state.js";
import { Toasts } from "./toast.js";
import { t } from "./words.js";

const PATH = /^\/as\/([^/]+)(?:\/([^/]+))?\/?$/;

/** The whole page for one person: what is shown where, and what the live line changes. */
export class Client {
  constructor(root, user) {
    this.root = root;
    this.api = new Api(user);
    this.state = new State(this.api);
    this.people = this.state;
    this.history = new History(this.api);
    this.place = null;
    this.main = null;
    this.panel = null;
  }

  async start() {
    await this.state.load();
    this.toasts = new Toasts();
    this.modals = new Modals(this);
    this.jump = new Jump(this);
    this.faults = new Faults(this);
    this.sidebar = new Sidebar(this);
    this.middle = el("main", { class: "main", id: "main", tabindex: "-1" });
    this.side = el("aside", { class: "panel", hidden: true });
    this.veil = el("div", { class: "veil", on: { click: () => this.menu(false) } });
    replace(
      this.root,
      el("a", { class: "skip", href: "#main" }, t("skip")),
      el(
        "div",
        { class: "shell", "data-testid": "client" },
        this.sidebar.node,
        this.veil,
        el("div", { class: "middle" }, this.faults.sign, this.middle),
        this.side,
      ),
      this.faults.panel,
    );
    this.state.addEventListener("change", () => this.#stateChanged());
    this.state.follow = (event, channel) => this.follow(event, channel);
    this.history.addEventListener("change", ({ detail }) => this.#messagesChanged(detail));
    window.addEventListener("popstate", () => this.#show(this.#wanted()));
    document.addEventListener("visibilitychange", () => this.#read());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#show(this.#wanted());
    this.#listen();
  }

  #wanted() {
    const asked = location.pathname.match(PATH)?.[2];
    if (asked) return decodeURIComponent(asked);
    const open = this.state.channels().filter((channel) => !channel.is_archived);
    open.sort((one, other) => (one.kind === "im") - (other.kind === "im") || this.state.title(one).localeCompare(this.state.title(other), "sv"));
    return (open.find((channel) => channel.unread) ?? open[0])?.id ?? "home";
  }

  /** Goes to a channel, or to "home", and remembers it in the address. */
  go(place) {
    const address = this.state.address(place);
    if (location.pathname !== address) history.pushState(null, "", address);
    this.#show(place);
  }

  follow(event, place) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button > 0) return;
    event.preventDefault();
    this.go(place);
  }

  #show(place) {
    const channel = this.state.channel(place);
    this.menu(false);
    this.closePanel({ focus: false });
    this.main?.stop?.();
    this.place = place;
    if (place === "home") this.main = new HomeView(this);
    else if (channel) this.main = new ChannelView(this, channel);
    else this.main = this.#nowhere();
    replace(this.middle, this.main.node);
    this.sidebar.refresh();
    this.#title();
    this.#read();
    if (this.main.focus) this.main.focus();
    else this.middle.focus({ preventScroll: true });
  }

  #nowhere() {
    const bar = el("header", { class: "bar" }, this.menuButton());
    const empty = el("div", { class: "empty", "data-testid": "empty" }, icon("search"), el("p", {}, t("noSuchChannel")));
    return { node: el("section", { class: "channel" }, bar, empty) };
  }

  #title() {
    const channel = this.state.channel(this.place);
    const name = channel ? this.state.title(channel) : this.state.app.name;
    const unread = this.state.channels().reduce((sum, one) => sum + (one.unread ?? 0), 0);
    document.title = `${unread ? `(${unread}) ` : ""}${name} – ${this.state.personName(this.state.me())}`;
  }

  /** The app's two tabs, on its home and on the conversation with it. */
  tabs(channel, home = false) {
    if (!home && channel !== this.state.botChannel()) return null;
    const tab = (place, name, current) =>
      el(
        "a",
        { class: "tab", href: this.state.address(place), "aria-current": current ? "page" : null, on: { click: (event) => this.#tab(event, place) } },
        name,
      );
    return el("nav", { class: "tabs", "aria-label": this.state.app.name }, tab("home", t("appHome"), home), tab(channel?.id ?? "dm", t("appMessages"), !home));
  }

  #tab(event, place) {
    if (place !== "dm") return this.follow(event, place);
    event.preventDefault();
    return this.openDm(this.state.app.bot_user);
  }

  menuButton() {
    return el(
      "button",
      { type: "button", class: "tool menu-button", "aria-label": t("menu"), "aria-controls": "sidebar", on: { click: () => this.menu(true) } },
      icon("menu"),
    );
  }

  /** The drawer of channels on a narrow screen. */
  menu(open) {
    document.body.classList.toggle("menu-open", open);
    if (open) this.sidebar.node.querySelector("a, button").focus();
  }

  openThread(message) {
    const channel = this.state.channel(message.channel);
    const ts = message.thread_ts ?? message.ts;
    this.#openPanel(new ThreadPanel(this, channel, ts));
    this.history.openThread(channel.id, ts).catch(() => this.notify(t("historyFailed"), "error"));
  }

  openMembers(channel) {
    this.#openPanel(new MembersPanel(this, channel));
  }

  #openPanel(panel) {
    this.opener = document.activeElement;
    this.panel?.stop?.();
    this.panel = panel;
    replace(this.side, panel.node);
    this.side.hidden = false;
    panel.focus();
  }

  closePanel({ focus = true } = {}) {
    if (!this.panel) return;
    this.panel.stop?.();
    this.panel = null;
    this.side.hidden = true;
    this.side.replaceChildren();
    if (focus && this.opener?.isConnected) this.opener.focus();
  }

  async openDm(other) {
    try {
      const { channel } = await this.api.dm(other);
      this.state.addChannel(channel);
      this.go(channel.id);
    } catch {
      this.notify(t("actionFailed"), "error");
    }
  }

  notify(text, kind) {
    this.toasts.show(text, kind);
  }

  timeMoved() {
    this.sidebar.clock?.refresh();
    this.main.refresh?.();
  }

  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
    if (document.body.classList.contains("menu-open")) this.menu(false);
    else this.closePanel();
  }

  #read() {
    const channel = this.state.channel(this.place);
    if (!channel || document.visibilityState !== "visible") return;
    if (!channel.unread) return;
    this.state.unread(channel.id, 0);
    this.api.read(channel.id).catch(() => this.notify(t("actionFailed"), "error"));
  }

  #stateChanged() {
    this.faults.refresh();
    this.sidebar.refresh();
    this.main?.refreshBar?.();
    if (this.panel instanceof MembersPanel) this.panel.refresh();
    this.#title();
    this.#read();
  }

  #messagesChanged({ channel, message, fresh, reply }) {
    if (fresh && !reply && message.user !== this.state.self) this.#count(message);
    if (channel === this.place) this.main.refresh?.();
    if (this.panel instanceof ThreadPanel && this.panel.channel.id === channel) this.panel.refresh();
  }

  #count(message) {
    const channel = this.state.channel(message.channel);
    if (!channel || message.ephemeral) return;
    this.state.unread(channel.id, (channel.unread ?? 0) + 1);
    if (channel.id === this.place) this.#read();
  }

  #listen() {
    const live = new Live(this.state.self, {
      onEvent: (event) => this.#event(event),
      onOpen: () => this.#online(),
      onLost: () => this.sidebar.say(t("offline")),
    });
    live.start();
  }

  #event(event) {
    const takers = {
      message: () => this.history.apply(event),
      message_changed: () => this.history.apply(event),
      message_deleted: () => this.history.apply(event),
      view_opened: () => this.modals.show(event.view),
      view_updated: () => this.modals.update(event.view),
      view_closed: () => this.modals.drop(event.view_id),
      home: () => this.main instanceof HomeView && this.main.show(event.view),
      channels: () => this.state.load(),
      clock: () => this.#clock(event),
      faults: () => this.state.setFaults(event.faults),
      bot: () => this.#bot(event.connected),
      notice: () => this.notify(event.text),
    };
    takers[event.type]?.();
  }

  #clock({ now }) {
    this.state.setClock({ now });
    this.timeMoved();
  }

  #bot(connected) {
    this.sidebar.say(connected ? "" : t("botOffline"));
  }

  async #health() {
    const health = await this.api.health().catch(() => null);
    if (health) this.#bot(health.bot_connected);
  }

  /** Catches up with what was not heard. A modal opened or closed while it asks is newer than the answer: it asks again. */
  async #online() {
    this.sidebar.say("");
    this.#health();
    let views;
    let changes;
    do {
      ({ changes } = this.modals);
      ({ views } = await this.api.views());
    } while (changes !== this.modals.changes);
    this.modals.restore(views);
    await this.state.load();
    if (this.state.channel(this.place)) await this.history.open(this.place);
    if (this.panel instanceof ThreadPanel) await this.history.openThread(this.panel.channel.id, this.panel.ts);
    if (this.main instanceof HomeView) await this.main.catchUp();
  }
}
