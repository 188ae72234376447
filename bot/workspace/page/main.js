import { Chooser } from "./chooser.js";
import { Client } from "./client.js";
import { el, replace } from "./dom.js";
import { icon } from "./icons.js";
import { State } from "./state.js";
import { t } from "./words.js";

async function begin(root) {
  const user = location.pathname.match(/^\/as\/([^/]+)/)?.[1];
  if (user) {
    await new Client(root, decodeURIComponent(user)).start();
    return;
  }
  const state = new State({ user: null, state: () => fetch("/page/state").then((answer) => answer.json()) });
  await state.load();
  new Chooser(root, state);
}

const root = document.getElementById("page");
begin(root).catch((error) => {
  const known = error.status === 403 || error.status === 404;
  const home = el("a", { class: "button", href: known ? "/" : location.href }, known ? t("switchPerson") : t("retry"));
  const text = known ? t("noPerson") : t("workspaceFailed");
  replace(root, el("main", { class: "empty", "data-testid": "failed" }, icon("alert"), el("p", { role: "alert" }, text), home));
  if (!error.status) throw error;
});
