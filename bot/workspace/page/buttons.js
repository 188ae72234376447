import { el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { under } from "./popover.js";
import { plain, textNodes } from "./text.js";
import { t } from "./words.js";

const FOLLOWED = /^https?:\/\//i;

/** A button; with a web address it is a link that also tells the app. */
export function button(spec, place) {
  const name = plain(spec.text?.text);
  const props = {
    class: `button ${spec.style === "primary" || spec.style === "danger" ? `button-${spec.style}` : ""}`.trim(),
    "data-action-id": spec.action_id,
    "data-testid": "action",
    "data-value": spec.value,
    "aria-label": spec.accessibility_label ?? null,
  };
  const press = () => place.surface.act(place.blockId, spec, { value: spec.value ?? null }, node);
  const linked = spec.url && FOLLOWED.test(spec.url);
  const node = linked
    ? el("a", { ...props, href: spec.url, target: "_blank", rel: "noopener noreferrer", on: { click: press } }, name, icon("outward"))
    : el("button", { ...props, type: "button", on: { click: press } }, name);
  return { node };
}

/** The three dots with a menu. */
export function overflow(spec, place) {
  const menuId = freshId("menu");
  const items = (spec.options ?? []).map((option) =>
    el(
      "button",
      { type: "button", role: "menuitem", class: "menu-item", tabindex: "-1", on: { click: () => choose(option) } },
      el("span", {}, textNodes(option.text, place.people)),
      option.description ? el("span", { class: "option-note" }, plain(option.description.text)) : null,
    ),
  );
  const menu = el("div", { class: "menu", id: menuId, role: "menu", popover: "auto" }, items);
  const opener = el(
    "button",
    {
      type: "button",
      class: "button button-icon",
      "aria-label": t("moreActions"),
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      popovertarget: menuId,
    },
    icon("more"),
  );
  const node = el("span", { class: "overflow", "data-action-id": spec.action_id, "data-testid": "overflow" }, opener, menu);
  function choose(option) {
    menu.hidePopover();
    opener.focus();
    if (option.url && FOLLOWED.test(option.url)) window.open(option.url, "_blank", "noopener");
    place.surface.act(place.blockId, spec, { selected_option: option }, node);
  }
  menu.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    opener.setAttribute("aria-expanded", String(open));
    if (open) {
      under(opener, menu);
      items[0]?.focus();
    }
  });
  menu.addEventListener("keydown", (event) => walk(event, items));
  return { node };
}

function walk(event, items) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const end = { Home: 0, End: items.length - 1 }[event.key];
  if (step === undefined && end === undefined) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement);
  items[end ?? (at + step + items.length) % items.length].focus();
}
