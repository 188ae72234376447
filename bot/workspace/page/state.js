import { useZone } from "./dates.js";
import { speak, t } from "./words.js";

/** The workspace as its person sees it: people, channels, commands, the clock. Fires "change". */
export class State extends EventTarget {
  #users = new Map();
  #channels = new Map();
  #loading = null;
  #stale = false;
  #clockRead = 0;

  constructor(api) {
    super();
    this.api = api;
    this.self = api.user;
    this.clock = null;
    this.commands = [];
    this.follow = null;
  }

  /** Asks for everything anew, one question at a time. What changes here meanwhile is newer than the answer: it asks again. */
  load() {
    this.#stale = true;
    this.#loading ??= this.#ask();
    return this.#loading;
  }

  async #ask() {
    try {
      while (this.#stale) {
        this.#stale = false;
        this.#take(await this.api.state());
      }
    } finally {
      this.#loading = null;
    }
  }

  #take(answer) {
    this.team = answer.team;
    this.app = answer.app;
    this.commands = answer.commands ?? [];
    this.#users = new Map(answer.users.map((user) => [user.id, user]));
    if (answer.user) this.#users.set(answer.user.id, answer.user);
    this.#channels = new Map((answer.channels ?? []).map((channel) => [channel.id, channel]));
    if (answer.clock) this.#setClock(answer.clock);
    this.faults = answer.faults;
    useZone(answer.clock?.zone);
    speak(answer.user?.locale);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  setFaults(faults) {
    this.faults = faults;
    this.#stale = true;
    this.#tell();
  }

  setClock(clock) {
    this.#stale = true;
    this.#setClock(clock);
  }

  #setClock(clock) {
    this.clock = { ...this.clock, ...clock };
    this.#clockRead = performance.now();
  }

  /** The workspace's own time when it has one, else the real time; milliseconds. */
  now() {
    if (!this.clock) return Date.now();
    return Date.parse(this.clock.now) + performance.now() - this.#clockRead;
  }

  me() {
    return this.user(this.self);
  }

  user(id) {
    return this.#users.get(id) ?? null;
  }

  users() {
    return [...this.#users.values()];
  }

  bot() {
    return this.user(this.app?.bot_user);
  }

  channel(id) {
    return this.#channels.get(id) ?? null;
  }

  channels() {
    return [...this.#channels.values()];
  }

  addChannel(channel) {
    this.#channels.set(channel.id, channel);
    this.#stale = true;
    this.#tell();
  }

  /** Whom a direct message is with; null for other channels. */
  partner(channel) {
    if (channel?.kind !== "im") return null;
    const others = (channel.with ?? []).filter((id) => id !== this.self);
    return this.user(others[0] ?? this.self);
  }

  botChannel() {
    return this.channels().find((channel) => channel.kind === "im" && this.partner(channel)?.id === this.app?.bot_user) ?? null;
  }

  /** The channel's name as people say it: "#fou-forum", or the names of those in it. */
  title(channel) {
    if (channel.kind === "im") return this.personName(this.partner(channel));
    if (channel.kind === "mpim") return this.names((channel.with ?? []).filter((id) => id !== this.self));
    return `#${channel.name}`;
  }

  names(ids) {
    return ids.map((id) => this.personName(this.user(id))).join(", ");
  }

  personName(user) {
    return user ? user.real_name || user.name : t("unknownPerson");
  }

  unread(id, count) {
    const channel = this.channel(id);
    if (!channel || channel.unread === count) return;
    channel.unread = count;
    this.#stale ||= count > 0;
    this.#tell();
  }

  address(channelId) {
    return `/as/${this.self}/${channelId}`;
  }
}
