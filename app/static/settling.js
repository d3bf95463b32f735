// Settling, with the keyboard alone: one picture after another, and the download that `calibrate` takes.

import { Asked } from "./asked.js";
import { drawCrop } from "./crop.js";
import { byId, h } from "./dom.js";
import { labelsZip } from "./labels.js";
import { chance, say, tag } from "./words.js";

const LETTERS = "ABCDEFGHIJKLM"; // of the candidates; N, S and U mean something else
const KEYS = { n: "settle-nothing", s: "settle-skip", u: "settle-back" };
const FEWEST = 20; // pictures that `calibrate` takes
const LONGEST = 64; // digits of a code
const SPACES_AND_HYPHENS = /[\s\-\u2010-\u2015]/g;

const asked = new Asked();
let page = null;
let shown = {}; // the picture, its answer and the language that are on screen

/** Show the section in `place`, as it is now. */
export function show(place, of) {
  page = of;
  asked.follow(page.pictures.all);
  const first = !byId("settle-code");
  if (first) build(place);
  const { current, all, settled } = asked;
  byId("settle-none").hidden = all.length > 0;
  byId("settle-work").hidden = all.length === 0;
  byId("settle-one").hidden = current === null;
  byId("settle-all").hidden = current !== null;
  byId("settle-bar").max = all.length || 1;
  byId("settle-bar").value = settled.length;
  byId("settle-of").textContent = progress();
  byId("settle-skip").disabled = !asked.canSkip;
  byId("settle-back").disabled = !asked.canGoBack;
  byId("settle-download").disabled = settled.length === 0;
  byId("settle-download").className = current ? "" : "main";
  byId("settle-few").textContent = few(settled);
  if (!current) shown = {};
  else if (shown.current !== current || shown.answer !== current.answer || shown.language !== tag()) showCurrent(current);
  if (first) focusCode();
}

function progress() {
  const { current, all, settled } = asked;
  return current ? say("settle.of", { number: all.indexOf(current) + 1, all: all.length, settled: settled.length }) : say("settle.done");
}

/** Say what `calibrate` would still miss in what was settled. */
function few(settled) {
  if (settled.length < FEWEST) return say("settle.few", { fewest: FEWEST, count: settled.length });
  return asked.rows.some(({ decision }) => decision === "accept") ? "" : say("settle.no-accepted");
}

const key = (name) => h("kbd", { "aria-hidden": "true" }, name);
const word = (name) => h("span", { "data-word": name }, say(name));
const button = (id, name, letter, onclick, kind = "") =>
  h("button", { id, type: "button", class: kind, "aria-keyshortcuts": letter, onclick }, word(name), " ", key(letter));

/** Make what stays while one picture follows another. */
function build(place) {
  const code = h("input", { id: "settle-code", type: "text", inputMode: "numeric", autocomplete: "off", maxLength: 2 * LONGEST, "aria-describedby": "settle-error settle-keys" });
  code.addEventListener("input", () => complain(""));
  const form = h(
    "form",
    { id: "settle-form" },
    h("div", { id: "settle-candidates", class: "candidates" }),
    h("label", { class: "small", for: "settle-code" }, word("settle.code")),
    h("div", { class: "settle-typed" }, code, h("button", { id: "settle-confirm", type: "submit", class: "main" }, word("settle.confirm"), " ", key("↵"))),
    h("p", { id: "settle-error", class: "decision failed", role: "alert" }),
    button("settle-nothing", "settle.nothing", "N", () => settle("")),
    h("p", { id: "settle-keys", class: "note", "data-word": "settle.keys" }, say("settle.keys")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    confirm();
  });
  const picture = h(
    "figure",
    { id: "settle-picture", class: "settle-picture", tabIndex: -1, "aria-labelledby": "settle-name" },
    h(
      "div",
      { class: "settle-crop" },
      h("canvas", { id: "settle-crop", role: "img" }),
      h("p", { id: "settle-unseen", class: "note", "data-word": "reading.no-preview" }, say("reading.no-preview")),
    ),
    h("figcaption", { id: "settle-name", class: "note" }),
    h("details", { id: "settle-whole", class: "stages" }, h("summary", {}, word("settle.whole")), h("img", { id: "settle-image", alt: "" })),
  );
  const done = h("p", { id: "settle-all", class: "settle-all", tabIndex: -1 }, word("settle.done-more"));
  place.replaceChildren(
    h("h1", { id: "settle-title", "data-word": "settle.title" }, say("settle.title")),
    h("p", { class: "lead-in", "data-word": "settle.lead" }, say("settle.lead")),
    h("p", { id: "settle-live", class: "unseen", role: "status" }), // on screen, the progress says it
    h("p", { id: "settle-none", class: "blank-card", "data-word": "settle.empty" }, say("settle.empty")),
    h(
      "div",
      { id: "settle-work", class: "settle-work" },
      h(
        "div",
        { class: "settle-head" },
        h("p", { id: "settle-of" }),
        h("progress", { id: "settle-bar", "aria-labelledby": "settle-of" }),
        button("settle-back", "settle.back", "U", back, "quiet"),
        button("settle-skip", "settle.skip", "S", skip, "quiet"),
      ),
      h("div", { id: "settle-one", class: "settle-one" }, picture, form),
      done,
      h("div", { class: "settle-end" }, h("button", { id: "settle-download", type: "button", onclick: download }, word("settle.download")), h("p", { id: "settle-few", class: "note" })),
    ),
  );
  document.addEventListener("keydown", (event) => pressed(event, place));
  addEventListener("hashchange", () => location.hash === "#settle" && focusCode());
}

function showCurrent(current) {
  if (shown.current !== current) {
    byId("settle-code").value = current.label ?? "";
    complain("");
  }
  const canvas = byId("settle-crop");
  const image = byId("settle-image");
  if (shown.current !== current || shown.answer !== current.answer) drawPicture(current, canvas, image);
  shown = { current, answer: current.answer, language: tag() };
  canvas.setAttribute("aria-label", say("settle.picture"));
  const { candidates, decision } = current.answer;
  const note = current.label === undefined ? say(decision === "accept" ? "settle.accepted" : "settle.refused") : said(current.label);
  byId("settle-name").replaceChildren(h("span", { class: "name" }, current.name), ` · ${note}`);
  byId("settle-nothing").setAttribute("aria-pressed", String(current.label === ""));
  byId("settle-candidates").replaceChildren(...candidates.slice(0, LETTERS.length).map((each, i) => candidate(each, LETTERS[i], current.label)));
}

function candidate({ text, confidence }, letter, label) {
  return h(
    "button",
    { type: "button", class: "candidate", "aria-keyshortcuts": letter, "aria-pressed": String(label === text), onclick: () => settle(text) },
    key(letter),
    h("b", {}, text),
    h("small", {}, chance(confidence)),
  );
}

/** Show the crop and the whole of the picture, or that this browser cannot. */
function drawPicture(current, canvas, image) {
  const visible = (is) => {
    canvas.hidden = byId("settle-whole").hidden = !is;
    byId("settle-unseen").hidden = is;
  };
  image.onload = () => {
    visible(true);
    drawCrop(canvas, image, current.answer.corners);
  };
  image.onerror = () => visible(false);
  byId("settle-unseen").hidden = true;
  image.src = current.url;
}

const said = (label) => (label === "" ? say("settle.saved-nothing") : say("settle.saved", { code: label }));

function confirm() {
  const typed = byId("settle-code").value;
  const code = typed.replaceAll(SPACES_AND_HYPHENS, "");
  if (!code) complain(say("settle.type"));
  else if (!/^[0-9]+$/.test(code)) complain(say("settle.digits-only", { typed: typed.trim() }));
  else if (code.length > LONGEST) complain(say("settle.too-long", { most: LONGEST }));
  else settle(code);
}

function complain(sentence) {
  byId("settle-error").textContent = sentence;
  byId("settle-code").setAttribute("aria-invalid", String(sentence !== ""));
}

function settle(label) {
  move(() => asked.settle(label), said(label));
}

function skip() {
  move(() => asked.skip());
}

function back() {
  move(() => asked.back());
}

/** Go to another picture, and say so; the keys go on being heard there. */
function move(go, sentence = "") {
  go();
  page.pictures.dispatchEvent(new Event("change"));
  byId("settle-live").textContent = [sentence, progress()].filter(Boolean).join(". ");
  focusCode();
  byId("settle-picture").scrollIntoView({ block: "nearest" });
}

/** Let the next key count; a touch screen's keyboard stays where it is. */
function focusCode() {
  if (asked.all.length === 0) return;
  if (!asked.current) byId("settle-all").focus();
  else if (matchMedia("(pointer: coarse)").matches) byId("settle-picture").focus({ preventScroll: true });
  else byId("settle-code").focus();
}

/** Do what a key means, wherever the focus is in the section. */
function pressed(event, place) {
  const elsewhere = event.target !== document.body && event.target.id !== "main" && !place.contains(event.target);
  if (place.hidden || elsewhere || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const letter = event.key.toLowerCase();
  const code = byId("settle-code");
  const chosen = byId("settle-candidates").children[LETTERS.toLowerCase().indexOf(letter)];
  const meant = letter.length === 1 ? (chosen ?? byId(KEYS[letter])) : null;
  if (meant) {
    event.preventDefault();
    if (!event.repeat && meant.checkVisibility()) meant.click();
  } else if (event.target !== code && asked.current && /^[0-9]$/.test(letter)) {
    event.preventDefault();
    code.value += letter;
    complain("");
    code.focus();
  } else if (event.target !== code && !event.target.closest("button, summary, a") && letter === "enter" && asked.current) {
    confirm();
  }
}

async function download() {
  try {
    const url = URL.createObjectURL(await labelsZip(asked.rows));
    h("a", { href: url, download: "labels.zip" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // seconds in which the browser saves it
  } catch (error) {
    page.tell(String(error.message));
    byId("settle-few").textContent = String(error.message);
  }
}
