// Why it was read so: the chances of the ten digits, and the stages from the picture to the reading.

import { h, s } from "./dom.js";
import { chance, say } from "./words.js";

const WIDTH = 320; // of the drawing of the frames, in its own units
const HEIGHT = 60;
const LEAST = 0.15; // of a chance: a digit that is less likely in a frame is not named there

/** Return bars of `chances`, one for each digit from 0, as a table that screen readers read too. */
export function bars(chances) {
  const most = chances.indexOf(Math.max(...chances));
  return h(
    "table",
    { class: "bars" },
    ...chances.map((value, digit) => {
      const bar = h("i", {});
      bar.style.width = `${100 * value}%`;
      return h("tr", { class: digit === most ? "most" : "" }, h("th", { scope: "row" }, String(digit)), h("td", {}, h("span", { class: "bar" }, bar)), h("td", {}, chance(value)));
    }),
  );
}

/** Return the stages of `answer`, which the service explained, folded away. */
export function stages({ explanation }) {
  const pictures = explanation.stages.map(({ name, image, width, height }) =>
    h("figure", {}, h("img", { src: image, alt: "", width, height }), h("figcaption", {}, say(`stage.${name}`))),
  );
  if (explanation.frames) pictures.push(h("figure", {}, frames(explanation.frames), h("figcaption", {}, say("stage.frames"), h("small", {}, say("stage.frames-more")))));
  const details = h("details", { class: "part stages" }, h("summary", {}, say("reading.stages")), h("div", {}, ...pictures));
  details.open = stages.open ?? false;
  details.addEventListener("toggle", () => (stages.open = details.open));
  return details;
}

/** Return a drawing of the frames (T × 11): each one's chance of any digit, and the likeliest digit's name at peaks. */
function frames(rows) {
  const said = rows.map((row) => row.slice(0, -1).reduce((sum, value) => sum + value, 0));
  const step = WIDTH / rows.length;
  const top = said.map((value) => HEIGHT * (1 - 0.75 * value));
  const columns = said.map((value, i) => s("rect", { x: i * step, y: top[i], width: 0.9 * step, height: HEIGHT - top[i] }));
  const names = rows.flatMap((row, i) => {
    const best = Math.max(...row.slice(0, -1));
    const peak = best > LEAST && said[i] >= (said[i - 1] ?? 0) && said[i] > (said[i + 1] ?? 0);
    return peak ? [s("text", { x: (i + 0.5) * step, y: top[i] - 2 }, String(row.indexOf(best)))] : [];
  });
  return s("svg", { class: "frames", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": say("stage.frames") }, ...columns, ...names);
}
