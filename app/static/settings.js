// What is known of the mail, and how many errors may be accepted.

import { byId, h } from "./dom.js";
import { oneIn, percent, say, tag } from "./words.js";

const COUNTRIES = "at au be bg br ch cn co cz de dk ee es fi fr gr hr hu id in it jp kr li lu ma mx my no nz ph pl pt ro rs ru se sg si sk th tn tr us za".split(" ");
const KINDS = ["digit", "strip", "envelope"];
const MOST_DIGITS = 12;
const ERRORS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];

let card = null; // the model card, which says what share is expected to be accepted

/** Make the settings call `changed` where they change. */
export function installSettings(changed) {
  byId("digits").append(...Array.from({ length: MOST_DIGITS }, (_, i) => h("option", { value: String(i + 1) }, String(i + 1))));
  byId("kind").append(...KINDS.map((kind) => h("option", { value: kind, "data-word": `kind.${kind}` }, say(`kind.${kind}`))));
  byId("settings").addEventListener("submit", (event) => event.preventDefault());
  byId("settings").addEventListener("input", () => {
    leaveOutContradictions();
    showError();
    changed();
  });
}

/** Leave out what another setting says already, or rules out. */
function leaveOutContradictions() {
  const [kind, country, digits] = ["kind", "country", "digits"].map(byId);
  const one = kind.value === "digit";
  if (one) country.value = "";
  country.disabled = one;
  const single = [...digits.options].find((option) => option.value === "1");
  single.disabled = kind.value === "envelope";
  digits.disabled = one || country.value !== "";
  if (digits.disabled || digits.selectedOptions[0]?.disabled) digits.value = "";
}

/** Return the settings as `api.query` takes them. */
export function settings() {
  return { kind: byId("kind").value, country: byId("country").value, digits: byId("digits").value, maxError: ERRORS[byId("error").value] };
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
  const { kind, country, digits, maxError } = settings();
  byId("error-value").textContent = oneIn(maxError);
  const one = kind === "digit" || (!kind && digits === "1");
  const way = one ? "digit" : kind === "envelope" ? kind : country || digits ? "counted" : "uncounted";
  const share = card?.calibration?.made?.accepted?.[way]?.[String(maxError)];
  byId("share").textContent = share === undefined ? "" : say("settings.share", { share: percent(share, 0) });
  byId("share").title = say("settings.measured");
}
