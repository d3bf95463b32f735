// What the page says, in each language, and which language that is.

import en from "./words-en.js";
import fr from "./words-fr.js";

const LANGUAGES = { en, fr };
const REMEMBERED = "language";

let language = chosen();

function chosen() {
  const wished = [remembered(), ...navigator.languages].filter(Boolean).map((tag) => tag.slice(0, 2).toLowerCase());
  return wished.find((tag) => tag in LANGUAGES) ?? "en";
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // a browser that keeps nothing
  }
}

/** Return the sentence named `key`, with `{name}` replaced by the value of that name. */
export function say(key, values = {}) {
  const sentence = LANGUAGES[language][key] ?? LANGUAGES.en[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Whether there is a sentence named `key`. */
export const known = (key) => key in LANGUAGES.en;

/** The language's tag. */
export const tag = () => language;

/** Return a number as this language writes it. */
export const number = (value) => new Intl.NumberFormat(language).format(value);

/** Return a greatest share of errors in words. */
export const oneIn = (share) => say("settings.one-in", { n: number(Math.round(1 / share)) });

/** Return a share as a percentage of so many decimals, as this language writes it. */
export const percent = (share, decimals = 1) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: decimals }).format(share);

/** Return a chance as a percentage that never says 100 % of what is not certain. */
export function chance(value) {
  if (value > 0.999) return `> ${percent(0.999)}`;
  if (value < 0.001) return `< ${percent(0.001)}`;
  return percent(value);
}

/** Put the words into all elements within `root` that name them. */
export function put(root = document) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
}

/** Speak the other language from now on; `changed` is told. */
export function installSwitch(button, changed) {
  const show = () => {
    document.documentElement.lang = language;
    const other = language === "en" ? "fr" : "en";
    button.textContent = LANGUAGES[other].name;
    button.lang = other;
    put();
  };
  button.addEventListener("click", () => {
    language = language === "en" ? "fr" : "en";
    try {
      localStorage.setItem(REMEMBERED, language);
    } catch {
      // it is asked again next time
    }
    show();
    changed();
  });
  show();
}
