import { ApiError } from "./api.js";
import { el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { Suggestions } from "./suggestions.js";
import { t } from "./words.js";

/** Where one writes. What is half written is kept per person, channel and thread until it is sent. */
export class Composer {
  constructor(client, channel, { thread = null, placeholder }) {
    this.client = client;
    this.channel = channel;
    this.thread = thread;
    this.draftKey = `draft ${client.state.self} ${channel} ${thread ?? ""}`;
    const errorId = freshId("composer");
    this.input = el("textarea", {
      class: "composer-input",
      rows: "1",
      "aria-label": placeholder,
      placeholder,
      "aria-describedby": errorId,
      "data-testid": thread ? "thread-composer" : "composer",
      value: sessionStorage.getItem(this.draftKey) ?? "",
    });
    this.button = el("button", { type: "submit", class: "composer-send", "aria-label": t("send"), title: t("send") }, icon("send"));
    this.error = el("p", { class: "composer-error", id: errorId, role: "alert", "data-testid": "composer-error", hidden: true });
    this.suggestions = thread ? null : new Suggestions(this.input, client.state);
    this.tip = el("p", { class: "composer-tip" }, t("composerTip"));
    this.node = el(
      "form",
      { class: "composer", on: { submit: (event) => this.#submit(event) } },
      this.error,
      this.suggestions?.node,
      el("div", { class: "composer-box" }, this.input, this.button),
      this.tip,
    );
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.#typed();
  }

  focus() {
    this.input.focus();
  }

  #typed() {
    sessionStorage.setItem(this.draftKey, this.input.value);
    this.button.disabled = !this.input.value.trim();
    this.#say("");
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  #say(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text || this.input.readOnly) return;
    this.suggestions?.hide();
    this.#busy(true);
    const problem = await this.#send(text);
    this.#busy(false);
    if (problem) {
      this.#say(problem);
    } else {
      this.input.value = "";
      this.#typed();
    }
  }

  #busy(busy) {
    this.input.readOnly = busy;
    this.node.setAttribute("aria-busy", String(busy));
    this.button.disabled = busy;
  }

  /** Sends; the sentence to show when it did not arrive, else null. */
  async #send(text) {
    const command = text.match(/^(\/\S+)\s*([\s\S]*)$/);
    if (command && this.thread) return t("commandInThread");
    try {
      const answer = command
        ? await this.client.api.command(this.channel, command[1], command[2])
        : await this.client.api.say(this.channel, text, this.thread);
      return answer.ok === false ? (answer.message ?? this.#why(answer.error, command)) : null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.#why(error.code, command);
    }
  }

  #why(code, command) {
    if (code === "read_only") return t("composerReadOnly", { command: this.client.state.commands[0]?.command ?? "/" });
    if (code === "msg_too_long") return t("composerLong");
    if (!command) return t("composerFailed");
    if (code === "timeout") return t("commandTimeout");
    if (code === "unknown_command") return t("commandUnknown", { command: command[1] });
    return t("commandFailed");
  }
}
