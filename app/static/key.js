// The key that a service may ask for: a person types it, once a session.

import { h } from "./dom.js";
import { say } from "./words.js";

const QUIET = 1000; // milliseconds after a refusal to give one: the other pictures that wait must not ask again
let asking = null;
let quiet = 0;

/** Ask for the key, or for another where the one that was sent is `wrong`; "" where none is given. */
export function askForKey(wrong) {
  if (performance.now() < quiet) {
    quiet = performance.now() + QUIET;
    return "";
  }
  asking ??= ask(wrong).finally(() => (asking = null));
  return asking;
}

function ask(wrong) {
  const input = h("input", { id: "key", type: "password", autocomplete: "off", spellcheck: false, required: true, pattern: "\\s*[!-~]+\\s*", "aria-describedby": "key-note" });
  const form = h(
    "form",
    {},
    h("h2", { id: "key-title" }, say("key.title")),
    wrong && h("p", { class: "decision failed", role: "alert" }, say("key.wrong")),
    h("label", { for: "key" }, say("key.label")),
    input,
    h("p", { id: "key-note", class: "note" }, say("key.note")),
    h("div", { class: "ways" }, h("button", { class: "main" }, say("key.use")), h("button", { type: "button", onclick: () => dialog.close() }, say("key.cancel"))),
  );
  const dialog = h("dialog", { class: "key", "aria-labelledby": "key-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close(input.value.trim());
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (!dialog.returnValue) quiet = performance.now() + QUIET;
      resolve(dialog.returnValue);
    });
  });
}
