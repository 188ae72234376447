import { el, freshId } from "./dom.js";
import { renderElement } from "./elements.js";
import { richText } from "./richtext.js";
import { plain, textNodes } from "./text.js";
import { t } from "./words.js";

function frame(tag, kind, place, props, ...content) {
  return el(tag, { class: `block block-${kind}`, "data-block-id": place.blockId, "data-testid": `block-${kind}`, ...props }, content);
}

function header(block, place) {
  return frame("h3", "header", place, {}, plain(block.text?.text));
}

function divider(block, place) {
  return frame("hr", "divider", place, {});
}

function image(block, place) {
  const title = block.title?.text ? el("figcaption", { class: "image-title" }, plain(block.title.text)) : null;
  return frame("figure", "image", place, {}, title, picture(block));
}

function picture(spec) {
  const node = el("img", { class: "picture", src: spec.image_url, alt: spec.alt_text ?? "", loading: "lazy" });
  node.addEventListener("error", () => node.replaceWith(el("span", { class: "picture-missing" }, spec.alt_text ?? "")));
  return node;
}

function section(block, place) {
  const labelId = freshId("section");
  const body = el("div", { class: "section-body", id: labelId });
  if (block.text) body.append(el("div", { class: "text" }, textNodes(block.text, place.people)));
  if (block.fields?.length) {
    const fields = block.fields.map((field) => el("div", { class: "text" }, textNodes(field, place.people)));
    body.append(el("div", { class: "section-fields" }, fields));
  }
  const accessory = block.accessory && loose(block.accessory, place, labelId);
  return frame("div", "section", place, {}, body, accessory && el("div", { class: "accessory" }, accessory));
}

function context(block, place) {
  const items = (block.elements ?? []).map((item) =>
    item.type === "image"
      ? el("span", { class: "context-image" }, picture(item))
      : el("span", { class: "context-text" }, textNodes(item, place.people)),
  );
  return frame("div", "context", place, {}, items);
}

function actions(block, place) {
  return frame("div", "actions", place, {}, (block.elements ?? []).map((item) => loose(item, place, null)));
}

/** An element outside an input block: every change is sent at once. */
function loose(spec, place, labelId) {
  const made = renderElement(spec, {
    ...place,
    live: true,
    required: false,
    inputId: freshId("element"),
    labelledBy: labelId,
    label: spec.placeholder?.text ?? null,
    describedBy: null,
  });
  if (made.read) place.surface.register(place.blockId, spec, made);
  return made.node;
}

function input(block, place) {
  const ids = { input: freshId("input"), label: freshId("label"), hint: freshId("hint"), error: freshId("error") };
  const spec = block.element ?? {};
  const required = !block.optional;
  const made = renderElement(spec, {
    ...place,
    live: Boolean(block.dispatch_action),
    required,
    inputId: ids.input,
    labelledBy: ids.label,
    label: block.label?.text ?? "",
    describedBy: [block.hint ? ids.hint : null, ids.error].filter(Boolean).join(" "),
  });
  if (made.read) place.surface.register(place.blockId, spec, made);
  const label = made.group
    ? el("span", { class: "field-label", id: ids.label }, plain(block.label?.text))
    : el("label", { class: "field-label", id: ids.label, for: ids.input }, plain(block.label?.text));
  return el(
    "div",
    { class: "block field", "data-block-id": place.blockId, "data-testid": "field" },
    el("div", { class: "field-head" }, label, required ? null : el("span", { class: "field-optional" }, t("optional"))),
    made.node,
    el("p", { class: "field-error", id: ids.error, "data-testid": "field-error", hidden: true }),
    block.hint || made.counter
      ? el(
          "div",
          { class: "field-foot" },
          block.hint ? el("p", { class: "field-hint", id: ids.hint }, plain(block.hint.text)) : null,
          made.counter ?? null,
        )
      : null,
  );
}

function rich(block, place) {
  return frame("div", "rich", place, {}, el("div", { class: "text" }, richText(block, place.people)));
}

function unknown(block, place) {
  return frame("p", "unknown", place, {}, t("unknownBlock"));
}

const kinds = { header, divider, image, section, context, actions, input, rich_text: rich };

/** One Block Kit block as a node. `place` is {surface, blockId, people}. */
export function renderBlock(block, place) {
  return (kinds[block.type] ?? unknown)(block, place);
}
