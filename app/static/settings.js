// What is known of the mail, and how many errors may be accepted.

import { byId, h } from "./dom.js";
import { oneIn, percent, say, tag } from "./words.js";

const COUNTRIES = "at au be bg br ch cn co cz de dk ee es fi fr gr hr hu id in it jp kr li lu ma mx my no nz ph pl pt ro rs ru se sg si sk th tn tr us za".split(" ");
const MOST_DIGITS = 12;
const ERRORS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
const WAYS = { 1: "digit" };

let card = null; // the model card, which says what share is expected to be accepted

/** Make the settings call `changed` where they change. */
export function installSettings(changed) {
  byId("digits").append(...Array.from({ length: MOST_DIGITS }, (_, i) => h("option", { value: String(i + 1) }, String(i + 1))));
  byId("settings").addEventListener("submit", (event) => event.preventDefault());
  byId("settings").addEventListener("input", () => {
    showError();
    changed();
  });
  byId("country").addEventListener("input", () => {
    byId("digits").value = ""; // the country says it
    byId("digits").disabled = byId("country").value !== "";
  });
}

/** Return the settings as `api.query` takes them. */
export function settings() {
  return { country: byId("country").value, digits: byId("digits").value, maxError: ERRORS[byId("error").value] };
}

/** Write the settings in the page's language, with what `known`, the model card, expects. Where either is another. */
export function showSettings(known) {
  card = known;
  const names = new Intl.DisplayNames(tag(), { type: "region" });
  const select = byId("country");
  const chosen = select.value;
  const options = COUNTRIES.map((code) => [names.of(code.toUpperCase()), code]).sort(([a], [b]) => a.localeCompare(b, tag()));
  select.replaceChildren(select.firstElementChild, ...options.map(([name, value]) => h("option", { value }, name)));
  select.value = chosen;
  showError();
}

function showError() {
  const { country, digits, maxError } = settings();
  byId("error-value").textContent = oneIn(maxError);
  const way = WAYS[digits] ?? (country || digits ? "counted" : "uncounted");
  const share = card?.calibration?.made?.accepted?.[way]?.[String(maxError)];
  byId("share").textContent = share === undefined ? "" : say("settings.share", { share: percent(share, 0) });
  byId("share").title = say("settings.measured");
}
