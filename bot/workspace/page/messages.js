import { dayKey, fromTs, relativeDay } from "./dates.js";
import { el, keepingFocus, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { isEvent, renderMessage } from "./message.js";
import { t } from "./words.js";

const TOGETHER = 5 * 60 * 1000;
const NEAR = 80;

/** A list of messages that stays at its end when it is there, and stays put when it is not. */
export class Messages {
  #surfaces = new Map();
  #items = [];
  #atEnd = true;

  constructor(client, { label, inThread = false, onTop = null, top = null }) {
    this.client = client;
    this.inThread = inThread;
    this.onTop = onTop;
    this.firstNew = null;
    this.list = el("ol", { class: "messages", "data-testid": "messages" });
    this.top = el("div", { class: "feed-top" }, top);
    this.scroller = el(
      "div",
      { class: "feed", role: "log", "aria-label": label, tabindex: "0" },
      this.top,
      this.list,
    );
    this.jump = el(
      "button",
      { type: "button", class: "feed-jump", hidden: true, on: { click: () => this.toEnd() } },
      icon("down"),
      t("newMessages"),
    );
    this.node = el("div", { class: "feed-frame" }, this.scroller, this.jump);
    this.scroller.addEventListener("scroll", () => this.#scrolled());
    this.sizes = new ResizeObserver(() => this.#atEnd && this.toEnd());
    this.sizes.observe(this.scroller);
    this.sizes.observe(this.list);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#atEnd) this.jump.hidden = true;
    if (scrollTop < NEAR) this.onTop?.();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#atEnd = true;
    this.jump.hidden = true;
  }

  show(messages) {
    const items = this.#rows(messages);
    const grown = items.length && this.#items.length && items.at(-1).key !== this.#items.at(-1).key;
    const firstShown = this.#items.find((item) => item.message)?.key;
    const older = firstShown && items.findIndex((item) => item.key === firstShown) > 1;
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    keepingFocus(this.scroller, () => {
      reconcile(this.list, items, { key: (item) => item.key, signature: (item) => item.sign, create: (item) => this.#create(item) });
    });
    this.#items = items;
    const present = new Set(messages.map((message) => message.ts));
    for (const ts of this.#surfaces.keys()) if (!present.has(ts)) this.#surfaces.delete(ts);
    if (this.#atEnd) this.toEnd();
    else if (older && !grown) this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    else if (grown) this.jump.hidden = false;
  }

  #rows(messages) {
    const now = this.client.state.now();
    const rows = [];
    let previous = null;
    for (const message of messages) {
      const ms = fromTs(message.ts);
      const day = dayKey(ms);
      const newDay = !previous || dayKey(fromTs(previous.ts)) !== day;
      if (newDay && !this.inThread) {
        const label = relativeDay(ms, now);
        rows.push({ key: `day ${day}`, sign: label, day: label });
      }
      const line = message.ts === this.firstNew;
      if (line) rows.push({ key: "new", sign: t("newLine"), line: true });
      const follows = Boolean(previous) && !newDay && !line && this.#continues(previous, message);
      rows.push({ key: message.ts, sign: JSON.stringify([message, follows]), message, follows });
      previous = message;
      if (this.inThread && rows.length === 1 && messages.length > 1) {
        const label = t("replies", { n: messages.length - 1 });
        rows.push({ key: "count", sign: label, day: label });
        previous = null;
      }
    }
    return rows;
  }

  #continues(previous, message) {
    return (
      previous.user === message.user &&
      !isEvent(previous) &&
      !isEvent(message) &&
      !previous.ephemeral &&
      !message.ephemeral &&
      !previous.reply_count &&
      fromTs(message.ts) - fromTs(previous.ts) < TOGETHER
    );
  }

  #create(item) {
    if (item.day) return el("li", { class: "day", role: "separator", "aria-label": item.day }, el("span", {}, item.day));
    if (item.line) return el("li", { class: "new-line", role: "separator" }, el("span", {}, t("newLine")));
    return renderMessage(item.message, this.client, { follows: item.follows, inThread: this.inThread, surfaces: this.#surfaces });
  }

  stop() {
    this.sizes.disconnect();
  }
}
