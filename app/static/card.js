// The model card for people: what reads, how good it is, what is accepted, and what it learnt from.

import { byId, h } from "./dom.js";
import { acceptedPlot, confusionTable, figure, reliabilityPlot } from "./plots.js";
import { number, oneIn, percent, say, tag } from "./words.js";

const WAYS = ["digit", "counted", "uncounted"];
const SHORT = 12; // characters of a SHA-256 that tell files apart
const LONG = 100; // characters of data's name

let shown = []; // the card and the language that are on screen

/** Show the section in `place`; again only where the card or the language is another. */
export function show(place, { card }) {
  if (shown[0] === card && shown[1] === tag() && place.childElementCount) return;
  shown = [card, tag()];
  const title = h("h1", { id: "model-title" }, say("model.title"));
  place.replaceChildren(title, ...(card ? parts(card) : [h("p", { class: "blank-card" }, say("model.waiting"))]));
}

/** A share with one decimal even where that is 0, so that those of a column line up. */
const aligned = (share) => new Intl.NumberFormat(tag(), { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share);

function parts(card) {
  return [
    h("p", { class: "lead-in" }, whatItIs(card), " ", say("model.by-hand")),
    figures(card),
    accepted(card.calibration),
    plots(card.scores.test ?? {}),
    gallery(),
    learnt(card),
    files(card),
  ].filter(Boolean);
}

function whatItIs({ kind, name, description, strips }) {
  if (kind !== "committee") return say("model.network", { name, strips: strips.length });
  return say("model.committee", { members: description.members.length, views: description.views?.length ?? 0, strips: strips.length });
}

/** Return how good it is, in large figures. */
function figures({ scores: { test, validation } }) {
  const tile = (share, sentence, more) => h("li", {}, h("b", {}, share), h("p", {}, sentence), more && h("p", { class: "note" }, more));
  const range = ({ errors, interval: [low, high] }) => say("model.errors", { errors: number(errors), low: percent(low, 2), high: percent(high, 2) });
  return h(
    "ul",
    { class: "tiles" },
    test && tile(percent(test.accuracy, 2), say("model.right", { n: number(test.n) }), test.interval && range(test)),
    validation && tile(percent(validation.accuracy, 2), say("model.validation", { n: number(validation.n) }), say("model.wrong", { errors: number(validation.errors) })),
  );
}

/** Return from which confidence on readings are accepted, and what share of the mail that is, where it was measured. */
function accepted({ thresholds, made }) {
  const ways = WAYS.filter((way) => thresholds?.[way]);
  if (!ways.length) return null;
  const errors = Object.keys(thresholds[ways[0]]).sort((a, b) => a - b);
  const shares = made?.accepted ?? {};
  const cell = (way, error) => {
    const share = shares[way]?.[error];
    const threshold = aligned(thresholds[way][error]);
    return h("td", {}, ...(share === undefined ? [threshold] : [h("b", {}, aligned(share)), " ", h("small", {}, say("model.from", { threshold }))]));
  };
  const table = h(
    "table",
    { class: "facts" },
    h("caption", {}, say(made?.accepted ? "model.thresholds" : "model.thresholds-only")),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("model.error")), ...ways.map((way) => h("th", { scope: "col" }, say(`model.${way}`))))),
    h("tbody", {}, ...errors.map((error) => h("tr", {}, h("th", { scope: "row" }, oneIn(error)), ...ways.map((way) => cell(way, error))))),
  );
  return section("model.accepted", h("p", { class: "lead-in" }, say("model.accepted-lead")), h("div", { class: "side" }, wide(table, "model.accepted"), made?.accepted && curve(made.accepted)));
}

function curve(shares) {
  const measured = Object.fromEntries(WAYS.filter((way) => shares[way]).map((way) => [way, shares[way]]));
  const names = Object.fromEntries(WAYS.map((way) => [way, say(`model.${way}`)]));
  const sentences = Object.entries(measured).map(([way, at]) => {
    const [first, ...rest] = Object.keys(at).sort((a, b) => a - b);
    const last = rest.at(-1) ?? first;
    return say("model.curve-text", { way: names[way], low: percent(at[first], 0), strict: oneIn(first), high: percent(at[last], 0), loose: oneIn(last) });
  });
  return acceptedPlot(measured, names, sentences.join(" "));
}

function plots({ reliability, confusion_matrix: counts }) {
  if (!reliability?.length && !counts) return null;
  return h("div", { class: "side" }, reliability?.length && reliabilityPlot(reliability), counts && confusionTable(counts));
}

/** Return the picture of its errors; nothing where the file is not there. */
function gallery() {
  const picture = h("img", { src: "static/card/errors.png", alt: say("model.gallery-text") });
  const shownSo = figure(say("model.gallery"), picture, say("model.gallery-text"));
  shownSo.classList.add("gallery");
  picture.addEventListener("error", () => shownSo.remove());
  return shownSo;
}

/** Return each network's data with their licences. */
function learnt(card) {
  const rows = networks(card).flatMap(([name, { training }]) =>
    (training.data ?? []).map((each, i, all) =>
      h("tr", {}, i === 0 && h("th", { scope: "rowgroup", rowSpan: all.length }, name), h("td", {}, ...named(each)), h("td", {}, each.licence ?? say("model.unstated"))),
    ),
  );
  const heads = ["model.network-name", "model.data", "model.licence"].map((name) => h("th", { scope: "col" }, say(name)));
  const table = h("table", { class: "facts" }, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows));
  return section("model.made-of", wide(table, "model.made-of"));
}

/** Return what data are called; a long list after a colon is folded away. */
function named({ name, images }) {
  const [head, ...list] = name.split(": ");
  const title = list.length && name.length > LONG ? h("details", {}, h("summary", {}, head), list.join(": ")) : name;
  return [title, images && h("small", {}, ` ${say("model.images", { from: number(images[0]), to: number(images[1] - 1) })}`)].filter(Boolean);
}

/** Return the names and fingerprints of what answers. */
function files(card) {
  const { name, sha256 } = card.calibration;
  const all = [...networks(card).map(([title, each]) => [`${title} ${each.version}`, each.sha256]), [say("model.calibration", { name }), sha256]];
  const terms = all.filter(([, sum]) => sum).flatMap(([title, sum]) => [h("dt", {}, title), h("dd", {}, "SHA-256 ", h("code", { title: sum }, `${sum.slice(0, SHORT)}…`))]);
  return section("model.files", h("dl", { class: "files" }, ...terms));
}

const networks = (card) => [[card.name, card], ...card.strips.map((each, i) => [`${each.name} ${i + 1}`, each])];

const wide = (table, name) => h("div", { class: "wide-table", tabIndex: 0, role: "group", "aria-label": say(name) }, table);

function section(name, ...children) {
  const id = `${name.replace(".", "-")}-title`;
  return h("section", { class: "chapter", "aria-labelledby": id }, h("h2", { id }, say(name)), ...children.filter(Boolean));
}
