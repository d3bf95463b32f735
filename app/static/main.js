// The page, put together from its parts.

import { modelCard } from "./api.js";
import { byId } from "./dom.js";
import { installPad } from "./drawing.js";
import { installGiving } from "./giving.js";
import { showList } from "./list.js";
import { Pictures } from "./pictures.js";
import { decided, problemSentences, showReading } from "./reading.js";
import { installSettings, settings, showSettings } from "./settings.js";
import { installSwitch, say } from "./words.js";

const SECTIONS = { read: null, settle: "./settling.js", model: "./card.js", use: "./requests.js" };
const SHOWN = 6000; // milliseconds that a sentence stays on screen
/** What the other sections are made by, once they have been opened: modules with `show(place, page)`. */
const loaded = {};

const pictures = new Pictures(settings);
const page = { pictures, settings, card: null, tell };

const pad = installPad((blob) => pictures.draw(blob));
installGiving((given, origin) => {
  pictures.draw(null);
  pad.clear();
  pictures.add(given, origin);
  byId("reading").scrollIntoView({ block: "nearest" }); // on a phone it is above the buttons
}, tell);
byId("keep").addEventListener("click", () => {
  pictures.keep(`${say("draw.name").toLowerCase()}-${pictures.all.length + 1}.png`);
  pad.clear();
});
installSettings(() => pictures.readAgain());
installSwitch(byId("language"), () => {
  showSettings(page.card);
  show();
});
pictures.addEventListener("change", show);
addEventListener("hashchange", show);
showSettings(page.card);
show();

modelCard()
  .then((card) => {
    page.card = card;
    showSettings(card);
    show();
  })
  .catch(() => {}); // the page reads without it

/** Show everything as it is now. */
function show() {
  const current = location.hash.slice(1) in SECTIONS ? location.hash.slice(1) : "read";
  for (const name of Object.keys(SECTIONS)) {
    byId(name).hidden = name !== current;
    const link = document.querySelector(`nav a[href="#${name}"]`);
    if (name === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const open = pictures.all.filter((each) => each.sampling && each.label === undefined).length;
  byId("settle-count").textContent = open;
  byId("settle-count").hidden = open === 0;
  showReading(byId("reading"), pictures.selected, (picture) => pictures.read(picture));
  showList(pictures);
  announce(pictures.selected);
  if (SECTIONS[current]) showOther(current);
}

async function showOther(name) {
  try {
    loaded[name] ??= await import(SECTIONS[name]);
  } catch {
    tell(say("problem.0"));
    return;
  }
  if (!byId(name).hidden) loaded[name].show(byId(name), page);
}

let announced = "";

/** Tell screen readers what was read, once. */
function announce(picture) {
  if (!picture || picture.state === "reading" || picture.state === "waiting") return;
  const said = picture.problem ? problemSentences(picture.problem)[0] : say("reading.live", { text: picture.answer.text.split("").join(" "), decision: decided(picture.answer) });
  const once = `${picture.id} ${said}`;
  if (once !== announced) byId("live").textContent = said;
  announced = once;
}

/** Say a sentence to screen readers, and on screen for a moment. */
function tell(sentence) {
  byId("live").textContent = sentence;
  const told = byId("told");
  told.textContent = sentence;
  told.hidden = false;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (told.hidden = true), SHOWN);
}
