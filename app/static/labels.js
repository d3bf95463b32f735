// What was settled, as the file that `calibrate` takes: labels.csv and the pictures in one zip.

import { zip } from "./zip.js";

const FOLDER = "labels/"; // of the zip file, so that unpacking it fills no folder that holds other things
const LONGEST = 80; // characters of a picture's own name
const DIGITS_OF_NUMBER = 4;

/** Return `name` without what some system does not allow in a file's name, numbered, so that no two are equal. */
export function fileName(name, number) {
  const safe = name.normalize("NFC").replace(/[\p{Cc}\p{Cf}\p{Cs}\\/:*?"<>|]/gu, "_").replace(/[. ]+$/, "");
  return `${String(number).padStart(DIGITS_OF_NUMBER, "0")}-${[...safe].slice(-LONGEST).join("") || "picture"}`;
}

const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value));

/** Return labels.csv for `rows`: {file, code, decision, sampling}. */
export function table(rows) {
  const lines = rows.map(({ file, code, decision, sampling }) => [file, code, decision, String(sampling)].map(quoted).join(","));
  return ["file,code,decision,sampling", ...lines, ""].join("\n");
}

/** Return the zip file of what was `settled`: {name, blob, code, decision, sampling} each. */
export function labelsZip(settled) {
  const rows = settled.map((each, i) => ({ ...each, file: fileName(each.name, i + 1) }));
  const pictures = rows.map(({ file, blob }) => ({ name: FOLDER + file, blob }));
  return zip([{ name: `${FOLDER}labels.csv`, blob: new Blob([table(rows)]) }, ...pictures]);
}
