import { el, freshId, replace } from "./dom.js";
import { icon } from "./icons.js";
import { Surface } from "./surface.js";
import { plain } from "./text.js";
import { t } from "./words.js";

/** One view of the stack: its form, what was entered in it, its errors. */
class Sheet {
  constructor(client, view, stack, entered) {
    this.stack = stack;
    this.surface = new Surface(client, { type: "view", view_id: view.id }, { conversation: client.place });
    this.titleId = freshId("title");
    this.title = el("h2", { id: this.titleId, tabindex: "-1" });
    this.alert = el("p", { class: "sheet-alert", role: "alert", "data-testid": "modal-alert", hidden: true });
    this.foot = el("footer", { class: "dialog-foot" });
    this.node = el(
      "form",
      { class: "dialog-form", novalidate: true, "data-testid": "view", "data-view-id": view.id, on: { submit: (event) => this.#submit(event) } },
      el("header", { class: "dialog-head" }, this.title, this.#cross()),
      this.body = el("div", { class: "dialog-body" }, this.alert, this.surface.node),
      this.foot,
    );
    this.surface.node.addEventListener("mended", () => this.say(""));
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.view.submit) this.node.requestSubmit();
    });
    this.show(view, entered);
  }

  #cross() {
    return el(
      "button",
      { type: "button", class: "tool", "aria-label": t("close"), "data-testid": "modal-cross", on: { click: () => this.stack.back() } },
      icon("close"),
    );
  }

  show(view, entered) {
    const another = this.view && this.view.callback_id !== view.callback_id;
    this.view = view;
    this.title.textContent = plain(view.title?.text);
    this.node.dataset.callbackId = view.callback_id ?? "";
    this.surface.show(view.blocks, entered);
    const closeName = plain(view.close?.text) || (view.submit ? t("cancel") : t("close"));
    this.submit =
      view.submit &&
      el("button", { type: "submit", class: "button button-primary", "data-testid": "modal-submit", disabled: Boolean(view.submit_disabled) }, plain(view.submit.text));
    replace(
      this.foot,
      el("button", { type: "button", class: "button", "data-testid": "modal-close", on: { click: () => this.stack.back() } }, closeName),
      this.submit,
    );
    if (another) this.#fromTheTop();
  }

  /** Another view in the place of this one is read from its beginning. */
  #fromTheTop() {
    this.body.scrollTop = 0;
    this.title.focus({ preventScroll: true });
  }

  say(text) {
    this.alert.textContent = text;
    this.alert.hidden = !text;
    if (text) this.alert.scrollIntoView({ block: "nearest" });
  }

  /** Errors at their fields; those whose field is not on the screen are said at the top. */
  fail(errors) {
    const known = this.surface.showErrors(errors);
    const rest = Object.keys(errors).filter((blockId) => !known.has(blockId));
    const summary = known.size ? [t("errorSummary", { n: known.size })] : [];
    const sentences = [...summary, ...rest.map((blockId) => errors[blockId])].join(" ");
    this.alert.textContent = sentences;
    this.alert.hidden = !sentences;
  }

  busy(busy) {
    this.node.setAttribute("aria-busy", String(busy));
    if (this.submit) {
      this.submit.setAttribute("aria-disabled", String(busy));
      this.submit.textContent = busy ? t("sending") : plain(this.view.submit.text);
    }
  }

  #submit(event) {
    event.preventDefault();
    if (!this.view.submit || this.node.getAttribute("aria-busy") === "true") return;
    this.say("");
    this.surface.showErrors({});
    const problems = this.surface.problems();
    if (Object.keys(problems).length) this.fail(problems);
    else this.stack.submit(this);
  }

  focusFirst() {
    const first = this.surface.node.querySelector("[autofocus], input, textarea") ?? this.submit ?? this.title;
    (this.surface.node.querySelector("[autofocus]") ?? first).focus({ preventScroll: true });
  }
}

/** The modals a person has open: up to three on top of each other, the topmost shown. */
export class Modals {
  #sheets = [];
  changes = 0;

  constructor(client) {
    this.client = client;
    this.dialog = el("dialog", { class: "dialog", "data-testid": "modal" });
    this.dialog.addEventListener("cancel", (event) => {
      if (event.target !== this.dialog) return;
      event.preventDefault();
      this.back();
    });
    document.body.append(this.dialog);
  }

  get top() {
    return this.#sheets.at(-1) ?? null;
  }

  #sheet(viewId) {
    return this.#sheets.find((sheet) => sheet.view.id === viewId) ?? null;
  }

  /** Shows again what was open when the page was left, with what the workspace remembers as entered. */
  restore(views) {
    const wanted = new Set(views.map((view) => view.id));
    for (const sheet of [...this.#sheets]) if (!wanted.has(sheet.view.id)) this.drop(sheet.view.id);
    for (const view of views) this.show(view, view.state?.values);
  }

  /** Shows a view that was opened, pushed or changed. */
  show(view, entered) {
    this.changes += 1;
    const known = this.#sheet(view.id);
    if (known) {
      known.show(view);
      if (known === this.top) this.#present(false);
      return;
    }
    const under = view.previous_view_id ? this.#sheets.findIndex((sheet) => sheet.view.id === view.previous_view_id) : -1;
    for (const sheet of this.#sheets.splice(under + 1)) sheet.node.remove();
    const sheet = new Sheet(this.client, view, this, entered);
    this.#sheets.push(sheet);
    this.#present(true);
  }

  /** Takes in a changed view only where it is open here. */
  update(view) {
    if (this.#sheet(view.id)) this.show(view);
  }

  #present(focus) {
    const { top } = this;
    if (!top) {
      if (this.dialog.open) this.dialog.close();
      return;
    }
    for (const sheet of this.#sheets) if (sheet !== top) sheet.node.remove();
    if (!top.node.isConnected) this.dialog.prepend(top.node);
    this.dialog.setAttribute("aria-labelledby", top.titleId);
    if (!this.dialog.open) this.dialog.showModal();
    if (focus) top.focusFirst();
  }

  /** Takes a view and everything over it away. */
  drop(viewId) {
    this.changes += 1;
    const at = this.#sheets.findIndex((sheet) => sheet.view.id === viewId);
    if (at < 0) return;
    for (const sheet of this.#sheets.splice(at)) sheet.node.remove();
    this.#present(true);
  }

  async back() {
    const { top } = this;
    if (!top) return;
    const viewId = top.view.id;
    this.drop(viewId);
    try {
      const answer = await this.client.api.close(viewId);
      if (answer.view) this.update(answer.view);
    } catch {
      this.client.notify(t("actionFailed"), "error");
    }
  }

  async submit(sheet) {
    const viewId = sheet.view.id;
    sheet.busy(true);
    let answer;
    try {
      answer = await this.client.api.submit(viewId, sheet.surface.values());
    } catch {
      answer = { result: "failed", message: t("submitFailed") };
    }
    sheet.busy(false);
    if (answer.result === "errors") sheet.fail(answer.errors);
    else if (answer.result === "closed") this.#closed(viewId, answer);
    else if (answer.view) this.show(answer.view);
    else sheet.say(answer.message ?? (answer.result === "timeout" ? t("submitTimeout") : t("submitFailed")));
  }

  #closed(viewId, answer) {
    if (answer.view) this.show(answer.view);
    this.drop(viewId);
  }
}
