const SVG = "http://www.w3.org/2000/svg";
const rendered = new WeakMap();
let counter = 0;

/** A document id nobody else has. */
export function freshId(prefix = "x") {
  counter += 1;
  return `${prefix}-${counter}`;
}

function apply(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    } else if (name === "dataset") {
      for (const [key, item] of Object.entries(value)) {
        if (item !== null && item !== undefined) node.dataset[key] = item;
      }
    } else if (name === "value" || name === "checked" || name === "indeterminate") {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

function children(node, content) {
  for (const item of content.flat(Infinity)) {
    if (item === null || item === undefined || item === false) continue;
    node.append(item instanceof Node ? item : document.createTextNode(String(item)));
  }
}

/** An element with attributes, listeners (`on`) and children; strings become text, never markup. */
export function el(tag, props = {}, ...content) {
  const node = document.createElement(tag);
  apply(node, props);
  children(node, content);
  return node;
}

export function svg(tag, props = {}, ...content) {
  const node = document.createElementNS(SVG, tag);
  apply(node, props);
  children(node, content);
  return node;
}

export function replace(parent, ...content) {
  parent.replaceChildren();
  children(parent, content);
  return parent;
}

/**
 * Makes `parent` show `items` in order. A node is kept untouched while its item stays the same, so that
 * focus, carets and half-typed text inside it survive. `create(item, oldNode)` makes a node.
 */
export function reconcile(parent, items, { key, signature, create }) {
  const before = rendered.get(parent) ?? new Map();
  const after = new Map();
  for (const [index, item] of items.entries()) {
    let id = key(item, index);
    while (after.has(id)) id = `${id}+`;
    const known = before.get(id);
    const sign = signature(item, index);
    const node = known && known.sign === sign ? known.node : create(item, known?.node ?? null, index);
    after.set(id, { node, sign });
  }
  const wanted = new Set([...after.values()].map((entry) => entry.node));
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let cursor = parent.firstChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
  rendered.set(parent, after);
}

/** Runs `change` and puts focus and caret back where they were, by block and action, when the node was replaced. */
export function keepingFocus(root, change) {
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  const place = active && {
    block: active.closest("[data-block-id]")?.dataset.blockId,
    action: active.closest("[data-action-id]")?.dataset.actionId,
    value: active.matches("input[type=radio], input[type=checkbox]") ? active.value : null,
    from: typeof active.selectionStart === "number" ? active.selectionStart : null,
    to: active.selectionEnd,
    message: active.closest("[data-ts]")?.dataset.ts,
  };
  change();
  if (!active || document.activeElement === active || !place) return;
  if (active.isConnected) {
    active.focus({ preventScroll: true });
  } else if (place.action) {
    const scope = place.message ? root.querySelector(`[data-ts="${CSS.escape(place.message)}"]`) ?? root : root;
    const holder = [...scope.querySelectorAll(`[data-action-id="${CSS.escape(place.action)}"]`)].find(
      (node) => node.closest("[data-block-id]")?.dataset.blockId === place.block,
    );
    const target = holder && focusTarget(holder, place.value);
    if (!target) return;
    target.focus({ preventScroll: true });
    if (place.from !== null && typeof target.setSelectionRange === "function") {
      try {
        target.setSelectionRange(place.from, place.to);
      } catch {
        return;
      }
    }
  }
}

function focusTarget(holder, value) {
  if (value !== null) {
    const same = [...holder.querySelectorAll("input")].find((input) => input.value === value);
    if (same) return same;
  }
  return holder.matches("input, textarea, button, a") ? holder : holder.querySelector("input, textarea, button, a");
}
