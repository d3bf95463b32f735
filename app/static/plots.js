// Plots as SVG: accepted at each error, reliability, and the matrix of what is taken for what.

import { h, s } from "./dom.js";
import { number, percent, say } from "./words.js";

const WIDTH = 420;
const HEIGHT = 260;
const EDGE = { left: 58, right: 24, top: 12, bottom: 44 }; // room for the axes' names and numbers
const SHADES = 5; // of a wrong cell, from one error to the most
const QUARTERS = [0, 0.25, 0.5, 0.75, 1];
const STEP = 0.1; // the axes of reliability begin at a multiple of it below 1

/** Return a figure: a heading, a drawing that `sentence` says in words, and that sentence below it. */
export function figure(title, drawing, sentence) {
  return h("figure", { class: "plot" }, h("h3", { class: "small" }, title), drawing, h("figcaption", { class: "note" }, sentence));
}

/** Return axes from 0 to 1 upwards and along `ticks` ({at, text}; `at` from 0 to 1), with marks by `draw(x, y)` on them. */
function axes(label, xTicks, yTicks, xName, yName, draw) {
  const x = (share) => EDGE.left + share * (WIDTH - EDGE.left - EDGE.right);
  const y = (share) => HEIGHT - EDGE.bottom - share * (HEIGHT - EDGE.top - EDGE.bottom);
  const middle = (EDGE.top + HEIGHT - EDGE.bottom) / 2;
  return s(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    ...yTicks.map(({ at }) => s("line", { class: "grid", x1: x(0), x2: x(1), y1: y(at), y2: y(at) })),
    ...yTicks.map(({ at, text }) => s("text", { x: x(0) - 6, y: y(at) + 4, "text-anchor": "end" }, text)),
    ...xTicks.map(({ at, text }) => s("text", { x: x(at), y: y(0) + 17, "text-anchor": "middle" }, text)),
    s("text", { x: x(0.5), y: HEIGHT - 6, "text-anchor": "middle" }, xName),
    s("text", { x: 11, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, yName),
    ...draw(x, y),
  );
}

const quarters = () => QUARTERS.map((at) => ({ at, text: percent(at, 0) }));

/** Return the shares accepted at each error, a line for each way: {way: {error: share}}; `names` names the ways. */
export function acceptedPlot(ways, names, sentence) {
  const errors = [...new Set(Object.values(ways).flatMap((shares) => Object.keys(shares).map(Number)))].sort((a, b) => a - b);
  const at = (error) => (errors.length < 2 ? 0.5 : Math.log(error / errors[0]) / Math.log(errors.at(-1) / errors[0]));
  const ticks = errors.map((error) => ({ at: at(error), text: percent(error, 1) }));
  const svg = axes(sentence, ticks, quarters(), say("model.curve-x"), say("model.curve-y"), (x, y) =>
    Object.entries(ways).flatMap(([way, shares]) => {
      const points = Object.entries(shares).map(([error, share]) => [x(at(Number(error))), y(share)]).sort(([a], [b]) => a - b);
      return [s("polyline", { class: `curve way-${way}`, points: points.join(" ") }), ...points.map(([cx, cy]) => s("circle", { class: `point way-${way}`, cx, cy, r: 3 }))];
    }),
  );
  const key = h("ul", { class: "key", "aria-hidden": "true" }, ...Object.keys(ways).map((way) => h("li", { class: `way-${way}` }, names[way] ?? way)));
  return figure(say("model.curve"), h("div", {}, svg, key), sentence);
}

/** Return how often each bin's readings are right, by how sure they are: {confidence, right, n}, the first two from 0 to 1. */
export function reliabilityPlot(bins) {
  const filled = bins.filter(({ n }) => n > 0).sort((a, b) => a.confidence - b.confidence);
  const all = filled.reduce((sum, { n }) => sum + n, 0);
  const first = filled[0];
  const sentence = say("model.reliability-text", { n: number(first.n), all: number(all), confidence: percent(first.confidence), right: percent(first.right) });
  // Both axes begin below the least point: most readings are almost sure, and almost always right.
  const least = Math.floor(Math.min(...filled.flatMap(({ confidence, right }) => [confidence, right])) / STEP) * STEP;
  const at = (value) => (value - least) / (1 - least);
  const ticks = QUARTERS.map((share) => ({ at: share, text: percent(least + share * (1 - least)) }));
  const svg = axes(sentence, ticks, ticks, say("model.reliability-x"), say("model.reliability-y"), (x, y) => [
    s("line", { class: "ideal", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
    ...filled.map(({ confidence, right, n }) => {
      const said = say("model.bin", { confidence: percent(confidence, 2), right: percent(right, 2), n: number(n) });
      return s("circle", { class: "point", cx: x(at(confidence)), cy: y(at(right)), r: 4 }, s("title", {}, said));
    }),
  ]);
  return figure(say("model.reliability"), svg, sentence);
}

/** Return the confusion matrix, counts[written][read], as a table with its wrong cells shaded. */
export function confusionTable(counts) {
  const wrong = counts.flatMap((row, written) => row.map((count, read) => ({ count, written, read }))).filter(({ written, read }) => written !== read);
  const worst = wrong.reduce((a, b) => (b.count > a.count ? b : a));
  const shade = (count) => (count ? Math.ceil((SHADES * count) / worst.count) : 0);
  const digits = counts.map((_, digit) => digit);
  const cell = (count, same) => h("td", { class: same ? "same" : `shade-${shade(count)}` }, count ? String(count) : h("span", { class: "zero" }, "0"));
  const table = h(
    "table",
    { class: "confusion" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "corner" }, `${say("model.written")} ╲ ${say("model.read")}`), ...digits.map((digit) => h("th", { scope: "col" }, String(digit))))),
    h("tbody", {}, ...counts.map((row, written) => h("tr", {}, h("th", { scope: "row" }, String(written)), ...row.map((count, read) => cell(count, written === read))))),
  );
  return figure(say("model.confusion"), h("div", { class: "wide-table", tabIndex: 0, role: "group", "aria-label": say("model.confusion") }, table), say("model.confusion-text", worst));
}
