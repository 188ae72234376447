import { el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

const LOOK = 2000;
const CALLS = [
  { name: "Limited", share: "limited", seconds: "retry_after", whole: true },
  { name: "FailedBefore", share: "failed_before" },
  { name: "FailedAfter", share: "failed_after" },
  { name: "Dropped", share: "dropped" },
  { name: "Slow", share: "slow", seconds: "slow_seconds" },
];
const EVENTS = [
  { name: "Late", share: "late", seconds: "late_seconds" },
  { name: "Repeated", share: "repeated", seconds: "repeated_seconds" },
];
const LINES = [{ name: "Disconnect", seconds: "disconnect_every", whole: true, kinds: ["disconnect_polite", "disconnect_hard"] }];
const EXCLUSIVE = ["limited", "failed_before", "failed_after", "dropped"];

/** Whether the workspace misbehaves on purpose: the button in the margin, the sign, and the panel with the switches. */
export class Faults {
  #fields = new Map();
  #counts = new Map();
  #looking = null;

  constructor(client) {
    this.client = client;
    const panelId = freshId("faults");
    this.said = el("span", { class: "clock-line" });
    this.card = el(
      "button",
      { type: "button", class: "clock-card", popovertarget: panelId, "data-testid": "open-faults" },
      icon("alert"),
      el("span", { class: "clock-text" }, el("span", { class: "clock-day" }, t("faults")), this.said),
    );
    this.sign = el(
      "div",
      { class: "faults-sign", role: "status", "data-testid": "faults-sign" },
      icon("alert"),
      el("p", {}, t("faultsSign")),
      el("button", { type: "button", class: "button", popovertarget: panelId }, t("faultsShow")),
    );
    this.panel = this.#panel(panelId);
    this.refresh();
  }

  #panel(panelId) {
    const ids = { title: freshId("faults"), methods: freshId("faults"), note: freshId("faults") };
    this.status = el("p", { class: "clock-status", role: "status", "data-testid": "faults-status" });
    this.methods = el("input", { class: "input", id: ids.methods, "aria-describedby": ids.note, autocomplete: "off", spellcheck: "false", "data-switch": "methods" });
    this.form = el(
      "form",
      { class: "faults-form", novalidate: true, on: { submit: (event) => this.#apply(event) } },
      this.#section(t("faultsCalls"), CALLS),
      this.#section(t("faultsEvents"), EVENTS),
      this.#section(t("faultsLines"), LINES),
      el("label", { class: "field-label", for: ids.methods }, t("faultsMethods")),
      this.methods,
      el("p", { class: "option-note", id: ids.note }, t("faultsMethodsNote")),
      el(
        "div",
        { class: "faults-foot" },
        el("button", { type: "button", class: "button", "data-testid": "faults-stop", on: { click: () => this.#set({ reset: true }) } }, t("faultsStop")),
        el("button", { type: "submit", class: "button button-primary", "data-testid": "faults-apply" }, t("faultsApply")),
        this.status,
      ),
    );
    const panel = el(
      "div",
      { class: "clock-panel faults-panel", id: panelId, popover: "auto", role: "dialog", "aria-labelledby": ids.title, "data-testid": "faults-panel" },
      el("h2", { id: ids.title, tabindex: "-1" }, t("faults")),
      el("p", { class: "clock-explain" }, t("faultsExplain")),
      this.form,
    );
    panel.addEventListener("toggle", (event) => (event.newState === "open" ? this.#opened() : clearInterval(this.#looking)));
    return panel;
  }

  #section(name, rows) {
    const titleId = freshId("faults");
    const share = rows.some((row) => row.share) ? t("faultsShare") : "";
    return el(
      "section",
      { class: "faults-section", role: "group", "aria-labelledby": titleId },
      el(
        "div",
        { class: "faults-row" },
        el("h3", { id: titleId }, name),
        el("span", { class: "faults-unit", "aria-hidden": "true" }, share),
        el("span", { class: "faults-unit", "aria-hidden": "true" }, t("faultsSeconds")),
      ),
      rows.map((row) => this.#row(row)),
    );
  }

  #row({ name, share, seconds, whole, kinds }) {
    const label = t(`fault${name}`);
    const ids = { note: freshId("faults") };
    const count = el("span", { class: "faults-count", "data-count": kinds ? name : share });
    this.#counts.set(count, kinds ?? [share]);
    return el(
      "div",
      { class: "faults-row" },
      el("div", {}, el("span", { class: "faults-name" }, label), " ", count, el("p", { class: "option-note", id: ids.note }, t(`fault${name}Note`))),
      share ? this.#field(share, { label: `${label}, ${t("faultsShare")}`, most: 100, note: ids.note }) : el("span"),
      seconds ? this.#field(seconds, { label: `${label}, ${t("faultsSeconds")}`, most: 3600, whole, note: ids.note }) : el("span"),
    );
  }

  #field(name, { label, most, whole, note }) {
    const field = el("input", {
      class: "input",
      type: "number",
      min: 0,
      max: most,
      step: whole ? 1 : "any",
      required: true,
      inputmode: whole ? "numeric" : "decimal",
      "aria-label": label,
      "aria-describedby": note,
      "data-switch": name,
    });
    this.#fields.set(name, { field, scale: most === 100 ? 100 : 1 });
    return field;
  }

  #opened() {
    this.status.textContent = "";
    this.#fill();
    this.#look();
    this.#looking = setInterval(() => this.#look(), LOOK);
    this.panel.querySelector("h2").focus();
  }

  #fill() {
    const { switches } = this.client.state.faults;
    for (const [name, { field, scale }] of this.#fields) field.value = String(Number((switches[name] * scale).toFixed(3)));
    this.methods.value = switches.methods.join(", ");
  }

  async #look() {
    const faults = await this.client.api.faults().catch(() => null);
    if (faults) this.client.state.setFaults(faults);
  }

  #apply(event) {
    event.preventDefault();
    const wrong = [...this.#fields.values()].map(({ field }) => field).find((field) => !field.validity.valid);
    if (wrong) return this.#complain(t(wrong.step === "1" ? "faultsWhole" : "faultsNumber", { max: wrong.max }), wrong);
    const switches = { methods: this.methods.value.split(",").map((one) => one.trim()).filter(Boolean) };
    for (const [name, { field, scale }] of this.#fields) switches[name] = Number(field.value) / scale;
    if (EXCLUSIVE.reduce((sum, name) => sum + switches[name], 0) > 1.000001) return this.#complain(t("faultsSum"), this.#fields.get(EXCLUSIVE[0]).field);
    if (!switches.methods.length) return this.#complain(t("faultsNoMethod"), this.methods);
    return this.#set(switches);
  }

  #complain(text, field) {
    this.status.textContent = text;
    field.focus();
  }

  async #set(switches) {
    try {
      this.client.state.setFaults(await this.client.api.misbehave(switches));
      this.#fill();
      this.status.textContent = t(this.client.state.faults.on ? "faultsApplied" : "faultsStopped");
    } catch {
      this.status.textContent = t("faultsFailed");
    }
  }

  refresh() {
    const { on, inflicted } = this.client.state.faults;
    this.sign.hidden = !on;
    this.card.classList.toggle("faults-on", on);
    this.said.textContent = t(on ? "faultsOn" : "faultsOff");
    for (const [count, kinds] of this.#counts) {
      const n = kinds.reduce((sum, kind) => sum + inflicted[kind], 0);
      count.textContent = n ? t("faultsCount", { n }) : "";
    }
  }
}
