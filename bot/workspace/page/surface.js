import { renderBlock } from "./blocks.js";
import { confirmed } from "./confirm.js";
import { el, keepingFocus, reconcile } from "./dom.js";
import { t } from "./words.js";

/**
 * Blocks on one place (a message, a modal, the app's home) with what the person has entered in them.
 * Showing new blocks keeps entered values wherever block id, action id and element type stay the same.
 */
export class Surface {
  constructor(client, container, { conversation = null } = {}) {
    this.client = client;
    this.container = container;
    this.conversation = conversation;
    this.controls = new Map();
    this.kept = new Map();
    this.node = el("div", { class: "blocks", "data-testid": "blocks" });
    for (const kind of ["input", "change"]) this.node.addEventListener(kind, (event) => this.#mend(event.target));
  }

  /** `entered` is what the workspace remembers as entered, for a place that is drawn for the first time. */
  show(blocks, entered = {}) {
    this.entered = entered;
    const shown = blocks ?? [];
    keepingFocus(this.node, () => {
      reconcile(this.node, shown, {
        key: (block, index) => block.block_id ?? `at-${index}`,
        signature: (block) => JSON.stringify(block),
        create: (block, old, index) => this.#create(block, block.block_id ?? `at-${index}`),
      });
    });
    const present = new Set(shown.map((block, index) => block.block_id ?? `at-${index}`));
    for (const blockId of this.controls.keys()) if (!present.has(blockId)) this.controls.delete(blockId);
  }

  #create(block, blockId) {
    this.kept = new Map();
    for (const [actionId, { control, type }] of this.controls.get(blockId) ?? []) {
      this.kept.set(`${type} ${actionId}`, control.read());
    }
    this.controls.delete(blockId);
    return renderBlock(block, { surface: this, blockId, people: this.client.people });
  }

  /** What was entered in this element before its block was drawn (again), or null. */
  before(spec, blockId) {
    const kept = this.kept.get(`${spec.type} ${spec.action_id}`);
    const entered = this.entered[blockId]?.[spec.action_id];
    return kept ?? (entered?.type === spec.type ? entered : null);
  }

  register(blockId, spec, control) {
    if (!this.controls.has(blockId)) this.controls.set(blockId, new Map());
    this.controls.get(blockId).set(spec.action_id, { control, type: spec.type });
  }

  values() {
    const all = {};
    for (const [blockId, actions] of this.controls) {
      all[blockId] = {};
      for (const [actionId, { control }] of actions) all[blockId][actionId] = control.read();
    }
    return all;
  }

  /** What the browser itself cannot read (half a date), by block id; the rest is the workspace's to judge. */
  problems() {
    const found = {};
    for (const [blockId, actions] of this.controls) {
      for (const { control } of actions.values()) {
        const problem = control.problem?.();
        if (problem) found[blockId] = problem;
      }
    }
    return found;
  }

  /** Shows errors at their fields, clears the others, and puts focus in the first; says which blocks it knew. */
  showErrors(errors) {
    const known = new Set();
    for (const field of this.node.querySelectorAll(".field[data-block-id]")) {
      const text = errors[field.dataset.blockId] ?? "";
      mark(field, text);
      if (text && !known.size) field.querySelector("input, textarea")?.focus();
      if (text) known.add(field.dataset.blockId);
    }
    return known;
  }

  /** An error goes away when its field is changed; "mended" tells when none is left. */
  #mend(target) {
    const field = target.closest(".field-wrong");
    if (!field) return;
    mark(field, "");
    if (!this.node.querySelector(".field-wrong")) this.node.dispatchEvent(new Event("mended"));
  }

  /** Sends an action to the app after any confirmation. False when the person said no. */
  async act(blockId, spec, payload, node) {
    if (node.getAttribute("aria-busy") === "true") return true;
    if (spec.confirm && !(await confirmed(spec.confirm, this.client.people))) return false;
    node.setAttribute("aria-busy", "true");
    const action = { type: spec.type, block_id: blockId, action_id: spec.action_id, ...payload };
    try {
      const answer = await this.client.api.act(this.container, action, this.values());
      if (answer.ok === false) this.client.notify(answer.message ?? t("actionFailed"), "error");
    } catch (error) {
      this.client.notify(t(error.status === 404 ? "changedMeanwhile" : "actionFailed"), "error");
    } finally {
      node.removeAttribute("aria-busy");
    }
    return true;
  }

  options(blockId, spec, typed) {
    return this.client.api.options(this.container, blockId, spec.action_id, typed);
  }
}

function mark(field, text) {
  const place = field.querySelector(".field-error");
  field.classList.toggle("field-wrong", Boolean(text));
  place.textContent = text;
  place.hidden = !text;
  for (const input of field.querySelectorAll("input, textarea")) {
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}
