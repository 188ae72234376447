import { svg } from "./dom.js";

const drawings = {
  hash: ["M8.5 3.5 6.5 16.5", "M13.5 3.5 11.5 16.5", "M4 7.5h13", "M3 12.5h13"],
  lock: ["M5 9h10v8H5z", "M7 9V6.5a3 3 0 0 1 6 0V9"],
  close: ["M5 5l10 10", "M15 5 5 15"],
  menu: ["M3 5.5h14", "M3 10h14", "M3 14.5h9"],
  plus: ["M10 4v12", "M4 10h12"],
  search: ["M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z", "M13 13l4 4"],
  send: ["M4 10h11", "M10.5 5.5 15 10l-4.5 4.5"],
  people: ["M7.5 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z", "M2.5 16c.4-2.8 2.3-4.3 5-4.3s4.6 1.5 5 4.3", "M13 9.3a2.5 2.5 0 0 0 0-4.9", "M14.5 12c1.8.5 2.8 1.9 3 4"],
  reply: ["M3.5 4.5h13v9H10l-4 3.3v-3.3H3.5z"],
  more: ["M5 10h.01", "M10 10h.01", "M15 10h.01"],
  clock: ["M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4z", "M10 6v4.3l2.8 1.7"],
  swap: ["M4 7h11", "M12 4l3 3-3 3", "M16 13H5", "M8 10l-3 3 3 3"],
  outward: ["M8 4.5H4.5v11h11V12", "M11.5 4h4.5v4.5", "M16 4l-7 7"],
  chevron: ["M5.5 8l4.5 4.5L14.5 8"],
  check: ["M4.5 10.5l3.7 3.7 7.3-8"],
  down: ["M10 4v11.5", "M5.5 11 10 15.5l4.5-4.5"],
  alert: ["M10 3 2.5 16.5h15z", "M10 8v4", "M10 14.3h.01"],
  eye: ["M2.5 10s2.8-5 7.5-5 7.5 5 7.5 5-2.8 5-7.5 5-7.5-5-7.5-5z", "M10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z"],
  home: ["M3.5 9.5 10 4l6.5 5.5", "M5.5 8.5v8h9v-8"],
  command: ["M12.5 4 7.5 16"],
};

/** A small line drawing that says nothing to a screen reader; the button around it carries the name. */
export function icon(name) {
  const paths = drawings[name].map((d) => svg("path", { d }));
  return svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, paths);
}

/** The app's own mark: two voices that meet. */
export function mark() {
  return svg(
    "svg",
    { class: "mark", viewBox: "0 0 40 40", "aria-hidden": "true", focusable: "false" },
    svg("path", { class: "mark-ask", d: "M8 12a6 6 0 0 1 6-6h9a6 6 0 0 1 6 6v3a6 6 0 0 1-6 6h-7l-5 4.5V20.5A6 6 0 0 1 8 15z" }),
    svg("path", { class: "mark-answer", d: "M33 22a5 5 0 0 0-2.5-4.3V18a8 8 0 0 1-8 8H17v1a5 5 0 0 0 5 5h5l4 3.5V31a5 5 0 0 0 2-4z" }),
  );
}
