import { clockTime, fromLocal, fullMoment, isoWeek, shortDay, toLocal } from "./dates.js";
import { el, freshId, replace } from "./dom.js";
import { icon } from "./icons.js";
import { plain } from "./text.js";
import { t } from "./words.js";

const TICK = 15_000;
const HOUR = 3_600_000;

/** The workspace's own time, and the panel that moves it forward. */
export class ClockCard {
  constructor(client) {
    this.client = client;
    this.busy = false;
    const panelId = freshId("clock");
    this.day = el("span", { class: "clock-day" });
    this.time = el("span", { class: "clock-time" });
    this.week = el("span", { class: "clock-week" });
    this.card = el(
      "button",
      { type: "button", class: "clock-card", popovertarget: panelId, title: t("clockOpen"), "data-testid": "open-clock" },
      icon("clock"),
      el("span", { class: "clock-text" }, this.day, el("span", { class: "clock-line" }, this.time, this.week)),
      el("span", { class: "unseen" }, t("clockOpen")),
    );
    this.panel = this.#panel(panelId);
    this.node = el("div", { class: "clock" }, this.card, this.panel);
    this.refresh();
    setInterval(() => this.refresh(), TICK);
  }

  #panel(panelId) {
    const ids = { title: freshId("clock"), field: freshId("clock") };
    this.now = el("p", { class: "clock-now", "data-testid": "clock-now" });
    this.status = el("p", { class: "clock-status", role: "status", "data-testid": "clock-status" });
    this.field = el("input", { class: "input", type: "datetime-local", id: ids.field, "data-testid": "clock-field" });
    this.presets = el("div", { class: "clock-presets" }, this.client.state.clock.presets.map((preset) => this.#preset(preset)));
    this.form = el(
      "form",
      { class: "clock-form", novalidate: true, on: { submit: (event) => this.#toField(event) } },
      el("label", { class: "field-label", for: ids.field }, t("clockTo")),
      el("div", { class: "clock-row" }, this.field, el("button", { type: "submit", class: "button button-primary" }, t("clockGo"))),
    );
    const panel = el(
      "div",
      { class: "clock-panel", id: panelId, popover: "auto", role: "dialog", "aria-labelledby": ids.title, "data-testid": "clock-panel" },
      el("h2", { id: ids.title }, t("clock")),
      this.now,
      el("p", { class: "clock-explain" }, t("clockExplain")),
      this.presets,
      this.form,
      el("div", { class: "progress", "aria-hidden": "true" }),
      this.status,
    );
    panel.addEventListener("toggle", (event) => {
      if (event.newState !== "open") return;
      this.#place(panel);
      this.#suggest();
      if (!this.busy) this.status.textContent = "";
      this.presets.querySelector("button")?.focus();
    });
    return panel;
  }

  #place(panel) {
    const box = this.card.getBoundingClientRect();
    panel.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - panel.offsetWidth - 8))}px`;
    panel.style.bottom = `${window.innerHeight - box.top + 8}px`;
  }

  #suggest() {
    this.field.value = toLocal(this.client.state.now() + HOUR);
  }

  #preset(preset) {
    return el(
      "button",
      { type: "button", class: "button", "data-testid": "clock-preset", "data-preset": preset.id, on: { click: () => this.#move({ preset: preset.id }) } },
      plain(preset.label),
    );
  }

  #toField(event) {
    event.preventDefault();
    const moment = fromLocal(this.field.value);
    if (Number.isNaN(moment)) this.status.textContent = t("dateMissing");
    else if (moment <= this.client.state.now()) this.status.textContent = t("clockBackward");
    else this.#move({ to: new Date(moment).toISOString() });
  }

  async #move(target) {
    if (this.busy) return;
    this.#waiting(true);
    this.status.textContent = t("clockMoving");
    try {
      const { now } = await this.client.api.moveClock(target);
      this.client.state.setClock({ now });
      this.#suggest();
      this.status.textContent = t("clockMoved", { when: fullMoment(this.client.state.now()) });
    } catch {
      this.status.textContent = t("clockFailed");
    }
    this.#waiting(false);
    this.client.timeMoved();
  }

  #waiting(busy) {
    this.busy = busy;
    this.node.setAttribute("aria-busy", String(busy));
    for (const button of this.panel.querySelectorAll("button")) button.disabled = busy;
  }

  refresh() {
    const now = this.client.state.now();
    this.day.textContent = shortDay(now);
    this.time.textContent = clockTime(now);
    this.week.textContent = t("week", { n: isoWeek(now) });
    replace(this.now, el("strong", {}, fullMoment(now)), el("span", {}, t("week", { n: isoWeek(now) })));
  }
}
