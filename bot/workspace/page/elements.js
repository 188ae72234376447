import { button, overflow } from "./buttons.js";
import { checkboxes, radioButtons } from "./choices.js";
import { el } from "./dom.js";
import { datePicker, dateTimePicker, numberInput, textInput, timePicker } from "./fields.js";
import { selects } from "./selects.js";
import { t } from "./words.js";

const elements = {
  button,
  overflow,
  checkboxes,
  radio_buttons: radioButtons,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: numberInput,
  datepicker: datePicker,
  timepicker: timePicker,
  datetimepicker: dateTimePicker,
  image: (spec) => ({ node: el("img", { class: "picture", src: spec.image_url, alt: spec.alt_text ?? "", loading: "lazy" }) }),
  ...selects,
};

/**
 * A Block Kit element as {node}; those that hold a value also have read(), write(value) and, when they are
 * several inputs in a group, `group`; a text field with a limit has its `counter`.
 */
export function renderElement(spec, place) {
  const make = elements[spec.type];
  if (!make) return { node: el("p", { class: "block-unknown" }, t("unknownBlock")) };
  const made = make(spec, place);
  if (made.read) sendChanges(spec, place, made);
  return made;
}

function sendChanges(spec, place, made) {
  if (!place.live || !made.onChange) return;
  let last = made.read();
  made.onChange(async () => {
    const value = made.read();
    const { type, ...payload } = value;
    const carried = await place.surface.act(place.blockId, { ...spec, type }, payload, made.node);
    if (carried) last = value;
    else made.write(last);
  });
}
