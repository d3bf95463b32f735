// One picture's reading: what it says, what was decided, where the digits are, and why.

import { byId, h, s } from "./dom.js";
import { stages, bars } from "./why.js";
import { chance, known, percent, say, tag } from "./words.js";

const TEMPORARY = [-1, 0, 401, 503]; // statuses of problems that may be over: the others are the picture's

let open = null; // the picture and the digit of which the probabilities are shown: [id, number]

/** Return what a decision is in words. */
export function decided(answer) {
  return answer.decision === "accept" ? say("reading.accept") : say("reading.because", { reason: reason(answer.reason) });
}

/** Return why a picture was refused, in words. */
export function reason(name) {
  return known(`reason.${name}`) ? say(`reason.${name}`) : name;
}

/** Return what to do about a problem: sentences, the service's own last. */
export function problemSentences(problem) {
  const own = say(known(`problem.${problem.status}`) ? `problem.${problem.status}` : "problem.other");
  return problem.detail ? [own, say("problem.detail", { detail: problem.detail })] : [own];
}

let drawn = []; // what the reading shows: drawn anew only where it changes, so that no button loses the focus

/** Show `picture`, or that there is none, in `place`; `again` asks about it once more. */
export function showReading(place, picture, again) {
  place.setAttribute("aria-busy", String(picture?.state === "reading" || picture?.state === "waiting"));
  place.dataset.state = picture?.state ?? "none";
  const now = [picture, picture?.url, picture?.answer, picture?.problem, tag()];
  if (now.every((each, i) => each === drawn[i]) && drawn.length) return;
  drawn = now;
  draw(place, picture, again);
}

function draw(place, picture, again) {
  if (!picture) place.replaceChildren(...nothing());
  else if (picture.problem) place.replaceChildren(...failed(picture, again));
  else if (picture.answer) place.replaceChildren(...read(place, picture, again));
  else place.replaceChildren(titled("…", "empty"), h("p", { class: "decision" }, say("reading.reading")), shown(picture));
}

function nothing() {
  return [titled(say("reading.none"), "empty"), h("p", { class: "decision" }, say("reading.empty")), h("p", { class: "note" }, say("reading.empty-more"))];
}

function titled(text, kind = "") {
  return h("h2", { id: "text", class: `text ${kind}` }, text);
}

function failed(picture, again) {
  const [own, ...theirs] = problemSentences(picture.problem);
  return [
    titled(say("reading.none"), "empty"),
    h("p", { class: "decision failed" }, say("reading.failed")),
    h("p", { class: "problem" }, own),
    ...theirs.map((each) => h("p", { class: "note" }, each)),
    TEMPORARY.includes(picture.problem.status) ? h("p", {}, h("button", { type: "button", onclick: () => again(picture) }, say("problem.again"))) : null,
  ].filter(Boolean);
}

function read(place, picture, again) {
  const { answer } = picture;
  const [best, ...others] = answer.candidates;
  const redraw = () => draw(place, picture, again);
  return [
    titled(answer.formatted || say("reading.none"), answer.decision),
    h("p", { class: `decision ${answer.decision}` }, decided(answer)),
    best && h("p", { class: "note" }, say("reading.sure", { chance: chance(answer.confidence), threshold: percent(answer.threshold) }), " · ", say("reading.took", { ms: Math.max(1, Math.round(answer.elapsed_ms)) })),
    answer.turned ? h("p", { class: "note" }, say("reading.turned", { degrees: answer.turned })) : null,
    answer.reason === "country_needed" ? h("p", {}, h("button", { type: "button", onclick: () => byId("country").focus() }, say("reading.country"))) : null,
    shown(picture, redraw),
    answer.digits.length ? digits(picture, redraw) : null,
    others.length ? readings("reading.others", others) : null,
    answer.others.length ? readings("reading.elsewhere", answer.others) : null,
    answer.explanation?.stages.length ? stages(answer) : null,
  ].filter(Boolean);
}

/** Return the picture with the corners of what was read and its digits' boxes over it. */
function shown(picture, redraw) {
  const image = h("img", { src: picture.url, alt: picture.name });
  const figure = h("figure", { class: "shown" }, h("div", { class: "over-picture" }, image));
  image.addEventListener("error", () => figure.replaceChildren(h("p", { class: "note" }, say("reading.no-preview"))));
  const { answer } = picture;
  if (!answer) return figure;
  image.addEventListener("load", () => {
    const { naturalWidth: width, naturalHeight: height } = image;
    const part = (value, of) => `${(100 * value) / of}%`;
    image.after(outlines(answer, width, height));
    if (answer.kind === "envelope") {
      if (answer.corners) magnify(figure, image, answer.corners);
      return; // its digits are too small to be pointed at
    }
    image.parentElement.append(
      ...answer.digits.map(({ digit, confidence, box }, number) => {
        const button = h("button", { type: "button", class: "box", tabIndex: -1, "aria-hidden": "true", title: say("reading.digit", { digit, chance: chance(confidence) }), onclick: () => toggle(picture, number, redraw) }, h("span", {}, String(digit)));
        Object.assign(button.style, { left: part(box.x, width), top: part(box.y, height), width: part(box.width, width), height: part(box.height, height) });
        return button;
      }),
    );
  });
  return figure;
}

/** Return the outline of what was read, and fainter ones, with their texts, of the codes that stand elsewhere. */
function outlines(answer, width, height) {
  const outline = (corners, kind) => s("polygon", { points: corners.map((corner) => corner.join(",")).join(" "), class: kind, "vector-effect": "non-scaling-stroke" });
  const size = Math.max(width, height) / 28; // of the texts, in pixels of the picture
  const others = answer.others.flatMap(({ text, corners }) => {
    const [x, y] = [0, 1].map((axis) => Math.min(...corners.map((corner) => corner[axis])));
    return [outline(corners, "other"), s("text", { x, y: y - size / 4, "font-size": size }, text)];
  });
  const own = answer.corners ? [outline(answer.corners, "own")] : [];
  return s("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", class: "corners", "aria-hidden": "true" }, ...others, ...own);
}

/** Show the code of a mail piece large and level below the piece. */
async function magnify(figure, image, corners) {
  const canvas = h("canvas", { class: "code", "aria-hidden": "true" });
  figure.append(canvas);
  const { drawCrop } = await import("./crop.js");
  drawCrop(canvas, image, corners);
}

function toggle(picture, number, redraw) {
  open = open?.[0] === picture.id && open[1] === number ? null : [picture.id, number];
  redraw();
  document.querySelector(`.digit[data-number="${number}"]`)?.focus();
}

/** Return the digits, each opening the chances of the ten and what the network saw of it. */
function digits(picture, redraw) {
  const { answer } = picture;
  const which = open?.[0] === picture.id ? open[1] : null;
  const buttons = answer.digits.map(({ digit, confidence }, number) => {
    const seen = answer.explanation?.digits[number];
    return h(
      "button",
      { type: "button", class: "digit", "data-number": number, "aria-expanded": String(which === number), "aria-label": say("reading.digit", { digit, chance: chance(confidence) }), onclick: () => toggle(picture, number, redraw) },
      seen ? h("img", { src: seen, alt: "", width: 28, height: 28 }) : h("span", { class: "unseen-picture", "aria-hidden": "true" }),
      h("b", {}, String(digit)),
      h("small", {}, chance(confidence)),
    );
  });
  const parts = [h("h3", { class: "small" }, say("reading.digits")), h("div", { class: "digits" }, ...buttons)];
  if (which !== null && answer.digits[which]) parts.push(digitPanel(answer, which));
  return h("section", { class: "part" }, ...parts);
}

function digitPanel(answer, number) {
  const seen = answer.explanation?.digits[number];
  return h(
    "div",
    { class: "digit-panel" },
    h("figure", {}, seen ? h("img", { class: "pixels", src: seen, alt: "", width: 28, height: 28 }) : null, h("figcaption", {}, say(seen ? "reading.seen" : "reading.touching"))),
    h("div", {}, h("h4", {}, say("reading.probabilities")), bars(answer.digits[number].probabilities)),
  );
}

function readings(title, others) {
  return h(
    "section",
    { class: "part" },
    h("h3", { class: "small" }, say(title)),
    h("ul", { class: "others" }, ...others.map(({ text, confidence }) => h("li", {}, h("b", {}, text), " ", h("small", {}, chance(confidence))))),
  );
}
