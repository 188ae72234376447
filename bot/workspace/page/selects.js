import { Combobox } from "./combobox.js";
import { plain } from "./text.js";
import { t } from "./words.js";

const PAUSE = 200;

/** Lower case without accents, so that "harva" finds "Härva". */
export function folded(text) {
  return String(text ?? "")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLocaleLowerCase("sv");
}

function matching(choices, typed) {
  const wanted = folded(typed).trim();
  return wanted ? choices.filter((choice) => folded(`${choice.label} ${choice.note ?? ""}`).includes(wanted)) : choices;
}

function fromOption(option) {
  return { value: option.value, label: plain(option.text?.text), note: plain(option.description?.text) || null, raw: option };
}

function grouped(source) {
  if (source.option_groups) {
    return source.option_groups.map((group) => ({ label: plain(group.label?.text), choices: group.options.map(fromOption) }));
  }
  return [{ label: null, choices: (source.options ?? []).map(fromOption) }];
}

function staticFind(spec) {
  const groups = grouped(spec);
  return (typed) => groups.map((group) => ({ ...group, choices: matching(group.choices, typed) }));
}

/** Asks the app, after a pause in typing; the first opening is asked at once. */
function externalFind(spec, place) {
  const least = spec.min_query_length ?? 3;
  let asked = 0;
  return (typed) => {
    if (typed.length < least) return { note: t("optionsMore", { n: least }) };
    asked += 1;
    const mine = asked;
    const pause = new Promise((resolve) => setTimeout(resolve, typed ? PAUSE : 0));
    return pause.then(async () => {
      if (mine !== asked) return [];
      const answer = await place.surface.options(place.blockId, spec, typed);
      if (answer.error || answer.ok === false) throw new Error(answer.error);
      return grouped(answer);
    });
  };
}

function person(user) {
  return { value: user.id, label: user.real_name || user.name, note: user.title || null, user, raw: user.id };
}

function conversation(channel, people) {
  if (channel.kind === "im") {
    const other = people.partner(channel);
    return { value: channel.id, label: other?.real_name ?? channel.name, user: other, raw: channel.id };
  }
  return { value: channel.id, label: channel.kind === "mpim" ? channel.name : `#${channel.name}`, note: channel.kind === "private" ? t("privateChannel") : null, raw: channel.id };
}

const KINDS = { public: "channel", private: "private", im: "im", mpim: "mpim" };

function conversationsOf(spec, people) {
  const include = spec.filter?.include?.map((name) => KINDS[name]);
  return people
    .channels()
    .filter((channel) => !channel.is_archived && (!include || include.includes(channel.kind)))
    .filter((channel) => !(spec.filter?.exclude_bot_users && people.partner(channel)?.is_bot))
    .map((channel) => conversation(channel, people));
}

const sources = {
  users: (spec, people) => people.users().filter((user) => !user.deleted).map(person),
  conversations: conversationsOf,
  channels: (spec, people) => people.channels().filter((channel) => channel.kind === "channel" && !channel.is_archived).map((channel) => conversation(channel, people)),
};

/** What every select says about itself: single or many, and the names Slack uses for its value. */
function select({ many, source, one }) {
  const field = many ? `selected_${one}s` : `selected_${one}`;
  const initial = many ? `initial_${one}s` : `initial_${one}`;
  return (spec, place) => {
    const { people } = place;
    const all = sources[source] ? sources[source](spec, people) : null;
    const toChoice = (raw) => (all ? all.find((choice) => choice.value === raw) ?? unknownChoice(raw, people) : fromOption(raw));
    const before = place.surface.before(spec, place.blockId);
    const given = before ? before[field] : spec[initial] ?? current(spec, place, many);
    const combo = new Combobox({
      attributes: attributes(spec, place),
      multiple: many,
      max: spec.max_selected_items ?? null,
      chosen: [given ?? []].flat().map(toChoice),
      clearable: !place.required && !place.live,
      find: all ? (typed) => [{ label: null, choices: matching(all, typed) }] : source === "external" ? externalFind(spec, place) : staticFind(spec),
    });
    return {
      node: combo.node,
      read: () => {
        const raw = combo.chosen.map((choice) => choice.raw);
        return { type: spec.type, [field]: many ? raw : raw[0] ?? null };
      },
      write: (value) => combo.write([value[field] ?? []].flat().map(toChoice)),
      onChange: (listener) => combo.onChange(listener),
    };
  };
}

function unknownChoice(raw, people) {
  const channel = people.channel(raw);
  return { value: raw, raw, label: channel ? `#${channel.name}` : people.user(raw)?.real_name ?? raw };
}

function current(spec, place, many) {
  if (!spec.default_to_current_conversation || !place.surface.conversation) return null;
  return many ? [place.surface.conversation] : place.surface.conversation;
}

function attributes(spec, place) {
  return {
    id: place.inputId,
    "data-action-id": spec.action_id,
    placeholder: plain(spec.placeholder?.text) || null,
    "aria-describedby": place.describedBy,
    "aria-labelledby": place.labelledBy,
    "aria-label": place.labelledBy ? null : place.label,
    "aria-required": place.required ? "true" : null,
    autofocus: Boolean(spec.focus_on_load),
  };
}

/** All menus of Block Kit by element type. */
export const selects = {
  static_select: select({ many: false, source: "static", one: "option" }),
  multi_static_select: select({ many: true, source: "static", one: "option" }),
  external_select: select({ many: false, source: "external", one: "option" }),
  multi_external_select: select({ many: true, source: "external", one: "option" }),
  users_select: select({ many: false, source: "users", one: "user" }),
  multi_users_select: select({ many: true, source: "users", one: "user" }),
  conversations_select: select({ many: false, source: "conversations", one: "conversation" }),
  multi_conversations_select: select({ many: true, source: "conversations", one: "conversation" }),
  channels_select: select({ many: false, source: "channels", one: "channel" }),
  multi_channels_select: select({ many: true, source: "channels", one: "channel" }),
};
