import { locale, t } from "./words.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let zone = "Europe/Stockholm";
const formats = new Map();

/** All times on the page are shown in this zone. */
export function useZone(name) {
  zone = name || zone;
}

function format(options) {
  const key = locale() + zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), { timeZone: zone, ...options }));
  return formats.get(key);
}

/** Milliseconds of a Slack timestamp such as "1772790000.000100". */
export function fromTs(ts) {
  return Number.parseFloat(ts) * 1000;
}

/** The day as "2026-03-09". */
export function dayKey(ms) {
  const parts = localParts(ms);
  return `${parts.year}-${parts.month}-${parts.day}`;
}

export function clockTime(ms) {
  return format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
}

/** "måndag 9 mars", with the year when it is not the year of `now`. */
export function longDay(ms, now) {
  const year = dayKey(ms).slice(0, 4) === dayKey(now).slice(0, 4) ? {} : { year: "numeric" };
  return format({ weekday: "long", day: "numeric", month: "long", ...year }).format(ms).replace(",", "");
}

/** "i dag", "i går", "i morgon" or the day's name and date. */
export function relativeDay(ms, now) {
  const difference = Math.round((Date.parse(dayKey(ms)) - Date.parse(dayKey(now))) / DAY);
  if (difference === 0) return t("today");
  if (difference === -1) return t("yesterday");
  if (difference === 1) return t("tomorrow");
  return longDay(ms, now);
}

export function fullMoment(ms) {
  const date = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(ms).replace(",", "");
  return t("atTime", { date, time: clockTime(ms) });
}

/** "mån 9 mars 2026" */
export function shortDay(ms) {
  return format({ weekday: "short", day: "numeric", month: "short", year: "numeric" })
    .format(ms)
    .replace(/[.,]/g, "");
}

/** A date without a time ("2026-03-09"), in words. */
export function dateInWords(date) {
  const moment = Date.parse(`${date}T12:00:00Z`);
  if (Number.isNaN(moment)) return "";
  const options = { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric" };
  return new Intl.DateTimeFormat(locale(), options).format(moment).replace(",", "");
}

/** ISO 8601 week number of the day in the zone. */
export function isoWeek(ms) {
  const day = new Date(`${dayKey(ms)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
  const first = Date.UTC(day.getUTCFullYear(), 0, 1);
  return Math.ceil(((day.getTime() - first) / DAY + 1) / 7);
}

function localParts(ms) {
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(ms);
  return Object.fromEntries(made.map((part) => [part.type, part.value]));
}

/** What a datetime-local field shows for a moment: "2026-03-09T08:00" in the zone. */
export function toLocal(ms) {
  const parts = localParts(ms);
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** The moment that a datetime-local value means in the zone, in milliseconds; NaN when it is no date. */
export function fromLocal(value) {
  const wanted = Date.parse(`${value}Z`);
  if (Number.isNaN(wanted)) return wanted;
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) guess += wanted - Date.parse(`${toLocal(guess)}Z`);
  return guess;
}

function ago(ms, now) {
  const names = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  const difference = ms - now;
  if (Math.abs(difference) < HOUR) return names.format(Math.round(difference / 60_000), "minute");
  if (Math.abs(difference) < DAY) return names.format(Math.round(difference / HOUR), "hour");
  return names.format(Math.round(difference / DAY), "day");
}

/** Slack's `<!date^…>` pattern filled in for a moment. */
export function slackDate(ms, pattern, now) {
  const long = () => longDay(ms, now);
  const short = () => shortDay(ms);
  const near = (otherwise) => {
    const named = relativeDay(ms, now);
    return named === long() ? otherwise() : named;
  };
  const fill = {
    date_num: () => dayKey(ms),
    date_slash: () => format({ day: "2-digit", month: "2-digit", year: "numeric" }).format(ms),
    date: () => format({ day: "numeric", month: "long", year: "numeric" }).format(ms),
    date_short: short,
    date_long: long,
    date_long_full: () => format({ dateStyle: "full" }).format(ms),
    date_pretty: () => near(fill.date),
    date_short_pretty: () => near(short),
    date_long_pretty: () => near(long),
    time: () => clockTime(ms),
    time_secs: () =>
      format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(ms),
    ago: () => ago(ms, now),
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(fill, name) ? fill[name]() : whole));
}
