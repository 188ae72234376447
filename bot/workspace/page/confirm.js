import { el, freshId } from "./dom.js";
import { plain, textNodes } from "./text.js";
import { t } from "./words.js";

/** Asks with Slack's confirm object; true when the person agrees. */
export function confirmed(spec, people) {
  const ids = { title: freshId("confirm"), text: freshId("confirm") };
  const agree = el(
    "button",
    { type: "submit", value: "yes", class: `button ${spec.style === "danger" ? "button-danger" : "button-primary"}` },
    plain(spec.confirm?.text) || t("ok"),
  );
  const refuse = el("button", { type: "submit", value: "no", class: "button" }, plain(spec.deny?.text) || t("cancel"));
  const dialog = el(
    "dialog",
    { class: "dialog dialog-small", role: "alertdialog", "aria-labelledby": ids.title, "aria-describedby": ids.text, "data-testid": "confirm" },
    el(
      "form",
      { method: "dialog", class: "dialog-form" },
      el("header", { class: "dialog-head" }, el("h2", { id: ids.title }, plain(spec.title?.text))),
      el("div", { class: "dialog-body text", id: ids.text }, textNodes(spec.text, people)),
      el(
        "footer",
        { class: "dialog-foot" },
        refuse,
        agree,
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  (spec.style === "danger" ? refuse : agree).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
