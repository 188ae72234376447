import { el, freshId } from "./dom.js";
import { textNodes } from "./text.js";

function sameValue(one, other) {
  return one?.value === other?.value;
}

function row(kind, name, option, place, checked) {
  const ids = { input: freshId(kind), note: freshId("note") };
  const input = el("input", {
    type: kind,
    id: ids.input,
    name,
    value: option.value,
    checked,
    "aria-describedby": option.description ? ids.note : null,
  });
  const label = el("label", { class: "choice-label", for: ids.input }, textNodes(option.text, place.people));
  const note = option.description && el("span", { class: "option-note", id: ids.note }, textNodes(option.description, place.people));
  return { input, option, node: el("div", { class: "choice" }, input, el("div", { class: "choice-text" }, label, note)) };
}

function group(spec, place, kind, chosen) {
  const name = freshId("choice");
  const rows = (spec.options ?? []).map((option) => row(kind, name, option, place, chosen.some((one) => sameValue(one, option))));
  const node = el(
    "div",
    {
      class: "choices",
      role: kind === "radio" ? "radiogroup" : "group",
      "data-action-id": spec.action_id,
      "aria-labelledby": place.labelledBy,
      "aria-describedby": place.describedBy,
    },
    rows.map((one) => one.node),
  );
  if (spec.focus_on_load) rows[0]?.input.setAttribute("autofocus", "");
  return {
    node,
    group: true,
    chosen: () => rows.filter((one) => one.input.checked).map((one) => one.option),
    choose: (options) => {
      for (const one of rows) one.input.checked = options.some((option) => sameValue(option, one.option));
    },
    onChange: (listener) => node.addEventListener("change", listener),
  };
}

/** One of several. */
export function radioButtons(spec, place) {
  const before = place.surface.before(spec, place.blockId);
  const first = before ? before.selected_option : spec.initial_option;
  const made = group(spec, place, "radio", first ? [first] : []);
  return {
    ...made,
    read: () => ({ type: spec.type, selected_option: made.chosen()[0] ?? null }),
    write: (value) => made.choose(value.selected_option ? [value.selected_option] : []),
  };
}

/** Any number of several. */
export function checkboxes(spec, place) {
  const before = place.surface.before(spec, place.blockId);
  const made = group(spec, place, "checkbox", (before ? before.selected_options : spec.initial_options) ?? []);
  return {
    ...made,
    read: () => ({ type: spec.type, selected_options: made.chosen() }),
    write: (value) => made.choose(value.selected_options),
  };
}
