import { el } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

const SHOWN = 9000;

/** Short notices in the corner, above everything else; errors are read out at once. */
export class Toasts {
  constructor() {
    this.node = el("div", { class: "toasts", popover: "manual", "data-testid": "toasts" });
    document.body.append(this.node);
  }

  show(text, kind = "info") {
    const close = el("button", { type: "button", class: "tool", "aria-label": t("close"), on: { click: () => this.#drop(toast) } }, icon("close"));
    const toast = el(
      "div",
      { class: `toast toast-${kind}`, role: kind === "error" ? "alert" : "status", "data-testid": "toast" },
      icon(kind === "error" ? "alert" : "check"),
      el("p", {}, text),
      close,
    );
    const host = document.querySelector("dialog[open]") ?? document.body;
    if (this.node.parentNode !== host) host.append(this.node);
    if (this.node.matches(":popover-open")) this.node.hidePopover();
    this.node.append(toast);
    this.node.showPopover();
    setTimeout(() => this.#drop(toast), SHOWN);
  }

  #drop(toast) {
    toast.remove();
    if (!this.node.childElementCount && this.node.matches(":popover-open")) this.node.hidePopover();
  }
}
