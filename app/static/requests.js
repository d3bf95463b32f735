// The same request as programs send it, to copy, and the answer to it.

import { query } from "./api.js";
import { byId, h } from "./dom.js";
import { json, samples } from "./samples.js";
import { say } from "./words.js";

const SHOWN = ["curl", "client", "requests", "fetch", "java", "answer"];
const UNNAMED = "picture.png"; // where no picture is shown

/** Show the section in `place`, as it is now. */
export function show(place, page) {
  if (!byId("use-curl")) build(place, page);
  const picture = page.pictures.selected;
  const settings = page.pictures.asked(picture);
  const answer = picture?.state === "read" ? picture.answer : null;
  const programs = samples({ base: document.baseURI, name: picture?.name ?? UNNAMED, query: query(settings), ...settings });
  for (const [name, program] of Object.entries(programs)) write(name, program);
  write("answer", answer ? json({ ...answer, explanation: undefined }) : say("use.no-answer"));
  byId("use-copy-answer").hidden = !answer;
  const save = byId("use-save");
  save.hidden = !picture || picture.origin === "given"; // what was given lies on this machine already
  if (picture) Object.assign(save, { href: picture.url, download: picture.name, textContent: say("use.save", { name: picture.name }) });
}

/** Write only what changed: what a person has selected to copy stays selected. */
function write(name, text) {
  const code = byId(`use-${name}`);
  if (code.textContent !== text) code.textContent = text;
}

function build(place, page) {
  place.replaceChildren(
    h("h1", { id: "use-title", "data-word": "use.title" }, say("use.title")),
    h("p", { class: "lead-in" }, h("span", { "data-word": "use.lead" }, say("use.lead")), " ", h("a", { id: "use-save" })),
    h("div", { class: "samples" }, ...SHOWN.map((name) => sample(name, page))),
  );
}

function sample(name, page) {
  const heading = h("h2", { id: `use-title-${name}`, class: "small", "data-word": `use.${name}` }, say(`use.${name}`));
  const code = h("code", { id: `use-${name}`, translate: false });
  const button = h("button", { id: `use-copy-${name}`, type: "button", class: "quiet", "aria-describedby": heading.id, "data-word": "use.copy", onclick: () => copy(button, code, page) }, say("use.copy"));
  return h("section", { class: "sample" }, heading, button, h("pre", { tabIndex: 0, role: "group", "aria-labelledby": heading.id }, code));
}

/** Copy the code; where the browser does not let the page do so, select it, so that one key does. */
async function copy(button, code, page) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    page.tell(say("use.copied"));
    button.textContent = say("use.copied");
    setTimeout(() => (button.textContent = say("use.copy")), 2000);
  } catch {
    getSelection().selectAllChildren(code);
    page.tell(say("use.select"));
    button.textContent = say("use.select");
  }
}
