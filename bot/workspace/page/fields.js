import { dateInWords, fromLocal, toLocal } from "./dates.js";
import { el, freshId } from "./dom.js";
import { plain } from "./text.js";
import { t } from "./words.js";

function shared(spec, place, extra = {}) {
  return {
    id: place.inputId,
    class: "input",
    "data-action-id": spec.action_id,
    placeholder: plain(spec.placeholder?.text) || null,
    "aria-describedby": [place.describedBy, extra.noteId].filter(Boolean).join(" ") || null,
    "aria-labelledby": place.labelledBy,
    "aria-label": place.labelledBy ? null : place.label,
    "aria-required": place.required ? "true" : null,
    autofocus: Boolean(spec.focus_on_load),
    autocomplete: "off",
  };
}

/** Text of one or several lines, an e-mail address or a web address. */
export function textInput(spec, place) {
  const before = place.surface.before(spec, place.blockId);
  const noteId = spec.max_length ? freshId("count") : null;
  const kind = { email_text_input: "email", url_text_input: "url" }[spec.type] ?? "text";
  const value = (before ? before.value : spec.initial_value) ?? "";
  const props = shared(spec, place, { noteId });
  const input = spec.multiline
    ? el("textarea", { ...props, class: "input input-multi", rows: "4", value })
    : el("input", { ...props, type: "text", inputmode: kind, value });
  const counter = noteId && el("span", { class: "field-count", id: noteId });
  const count = () => {
    if (!counter) return;
    counter.textContent = t("counter", { used: [...input.value].length, max: spec.max_length });
    counter.classList.toggle("field-count-over", [...input.value].length > spec.max_length);
  };
  count();
  input.addEventListener("input", count);
  return {
    node: input,
    counter,
    read: () => ({ type: spec.type, value: input.value === "" ? null : input.value }),
    write: (kept) => {
      input.value = kept.value ?? "";
      count();
    },
    onChange: (listener) => whenTyped(spec, input, listener),
  };
}

function whenTyped(spec, input, listener) {
  const on = spec.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (on.includes("on_character_entered")) input.addEventListener("input", listener);
  if (!on.includes("on_enter_pressed")) return;
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || (spec.multiline && event.shiftKey)) return;
    event.preventDefault();
    listener(event);
  });
}

/** A whole or decimal number; a decimal comma is understood. */
export function numberInput(spec, place) {
  const before = place.surface.before(spec, place.blockId);
  const value = (before ? before.value : spec.initial_value) ?? "";
  const mode = spec.is_decimal_allowed ? "decimal" : "numeric";
  const input = el("input", { ...shared(spec, place), class: "input input-short", type: "text", inputmode: mode, value });
  const read = () => input.value.trim().replace(",", ".").replace("−", "-");
  return {
    node: input,
    read: () => ({ type: spec.type, value: read() === "" ? null : read() }),
    write: (kept) => {
      input.value = kept.value ?? "";
    },
    onChange: (listener) => whenTyped(spec, input, listener),
  };
}

function picker(spec, place, { kind, first, toValue, words }) {
  const noteId = words ? freshId("note") : null;
  const input = el("input", { ...shared(spec, place, { noteId }), class: "input input-short", type: kind, value: first ?? "" });
  const note = words && el("span", { class: "field-note", id: noteId });
  const tell = () => note && (note.textContent = words(input.value));
  tell();
  input.addEventListener("input", tell);
  return {
    node: note ? el("div", { class: "noted" }, input, note) : input,
    read: () => ({ type: spec.type, ...toValue(input.value || null) }),
    input,
    tell,
    problem: () => (input.validity.badInput ? t("dateMissing") : null),
    onChange: (listener) => input.addEventListener("change", listener),
  };
}

function writer(made, toInput) {
  return {
    ...made,
    write: (kept) => {
      made.input.value = toInput(kept) ?? "";
      made.tell();
    },
  };
}

export function datePicker(spec, place) {
  const before = place.surface.before(spec, place.blockId);
  const made = picker(spec, place, {
    kind: "date",
    first: before ? before.selected_date : spec.initial_date,
    toValue: (value) => ({ selected_date: value }),
    words: dateInWords,
  });
  return writer(made, (kept) => kept.selected_date);
}

export function timePicker(spec, place) {
  const before = place.surface.before(spec, place.blockId);
  const made = picker(spec, place, {
    kind: "time",
    first: before ? before.selected_time : spec.initial_time,
    toValue: (value) => ({ selected_time: value }),
  });
  return writer(made, (kept) => kept.selected_time);
}

export function dateTimePicker(spec, place) {
  const before = place.surface.before(spec, place.blockId);
  const seconds = before ? before.selected_date_time : spec.initial_date_time;
  const toInput = (moment) => (moment ? toLocal(moment * 1000) : null);
  const made = picker(spec, place, {
    kind: "datetime-local",
    first: toInput(seconds),
    toValue: (value) => ({ selected_date_time: value ? fromLocal(value) / 1000 : null }),
  });
  return writer(made, (kept) => toInput(kept.selected_date_time));
}
