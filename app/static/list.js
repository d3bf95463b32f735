// The pictures of this session, as a list with progress.

import { byId, h } from "./dom.js";
import { decided } from "./reading.js";
import { say } from "./words.js";

/** Show all of `pictures`, a Pictures, to choose from. */
export function showList(pictures) {
  const all = pictures.all;
  byId("pictures").hidden = all.length === 0;
  const done = all.filter((each) => each.state === "read" || each.state === "failed").length;
  const progress = byId("progress");
  progress.hidden = done === all.length;
  progress.max = all.length || 1;
  progress.value = done;
  progress.setAttribute("aria-label", say("list.progress", { done, all: all.length }));
  const focused = document.activeElement?.dataset?.id;
  byId("list").replaceChildren(...all.map((each) => item(each, pictures)));
  if (focused) byId("list").querySelector(`[data-id="${focused}"]`)?.focus();
}

function item(picture, pictures) {
  const { answer, state } = picture;
  const said = state === "waiting" || state === "reading" ? say(`list.${state}`) : picture.problem ? say("reading.failed") : decided(answer);
  const kind = picture.problem ? "failed" : (answer?.decision ?? "");
  const thumbnail = h("img", { src: picture.url, alt: "", loading: "lazy" });
  thumbnail.addEventListener("error", () => thumbnail.replaceWith(h("span", { class: "blank" })));
  return h(
    "li",
    { class: picture === pictures.selected ? "current" : "" },
    h(
      "button",
      { type: "button", class: "row", "data-id": `p${picture.id}`, "aria-current": picture === pictures.selected ? "true" : "false", onclick: () => pictures.select(picture) },
      thumbnail,
      h("span", { class: "name" }, picture.name),
      h("b", {}, answer?.formatted ?? ""),
      h("span", { class: `badge ${kind}` }, said),
    ),
    h("button", { type: "button", class: "quiet remove", "data-id": `remove${picture.id}`, "aria-label": say("list.remove", { name: picture.name }), onclick: () => pictures.remove(picture) }, "×"),
  );
}
