import { el, replace } from "./dom.js";
import { icon, mark } from "./icons.js";
import { Surface } from "./surface.js";
import { t } from "./words.js";

/** The app's own page for one person. */
export class HomeView {
  constructor(client) {
    this.client = client;
    this.id = "home";
    this.view = null;
    this.changes = 0;
    this.surface = null;
    this.body = el("div", { class: "home-body" }, el("p", { class: "loading", role: "status" }, t("loading")));
    const { app } = client.state;
    this.node = el(
      "section",
      { class: "channel", "data-testid": "home", "aria-label": t("appHome") },
      el(
        "header",
        { class: "bar" },
        client.menuButton(),
        el(
          "div",
          { class: "bar-title" },
          el("h1", {}, el("span", { class: "avatar avatar-small avatar-app", "aria-hidden": "true" }, mark()), el("span", {}, app.name), el("span", { class: "tag" }, t("appTag"))),
          app.description ? el("p", { class: "bar-topic", title: app.description }, app.description) : null,
        ),
      ),
      client.tabs(client.state.botChannel(), true),
      el("div", { class: "home-scroll", tabindex: "0", role: "region", "aria-label": t("appHome") }, this.body),
    );
    this.#fetch();
  }

  async #fetch() {
    try {
      await this.catchUp();
      await this.client.api.openHome();
    } catch {
      const again = el("button", { type: "button", class: "button", on: { click: () => this.#fetch() } }, t("retry"));
      replace(this.body, el("div", { class: "empty" }, icon("alert"), el("p", { role: "alert" }, t("homeFailed")), again));
    }
  }

  /** Shows the view as it is now, unless a newer one comes while it asks. */
  async catchUp() {
    const { changes } = this;
    const { view } = await this.client.api.home();
    if (changes === this.changes) this.show(view);
  }

  show(view) {
    this.changes += 1;
    this.view = view;
    if (!view?.blocks?.length) {
      this.surface = null;
      replace(this.body, el("div", { class: "empty", "data-testid": "empty" }, icon("home"), el("p", {}, t("emptyHome"))));
      return;
    }
    if (this.surface?.container.view_id !== view.id) {
      this.surface = new Surface(this.client, { type: "view", view_id: view.id });
      replace(this.body, this.surface.node);
    }
    this.surface.show(view.blocks);
  }
}
