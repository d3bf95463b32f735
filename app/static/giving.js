// Pictures from outside: dropped, pasted, chosen, photographed, or one of the examples.

import { byId, h } from "./dom.js";
import { say } from "./words.js";

const MOST = 2_000_000; // pixels: the service reads larger pictures one after another, so they are reduced here
const QUALITY = 0.92; // of the JPEG that a reduced photo becomes
const EXAMPLES = ["digit.webp", "code.webp", "envelope.webp", "boxes.webp", "form.webp", "tilted.webp", "signature.webp"];
/** Of a large one, a small picture is shown until it is asked for. */
const LARGE = { "envelope.webp": { small: "envelope-small.webp", about: { kind: "envelope", country: "fr" } } };

/** Take pictures from everywhere; `take` is called with a list of {name, blob} and their origin, `tell` with a sentence. */
export function installGiving(take, tell) {
  const give = async (files) => {
    const kept = [...files];
    if (kept.length) take(await Promise.all(kept.map(async (file) => ({ name: file.name || "picture.png", blob: await reduced(file) }))), "given");
  };

  for (const [button, input] of [["choose", "files"], ["photograph", "camera"]]) {
    byId(button).addEventListener("click", () => byId(input).click());
    byId(input).addEventListener("change", (event) => {
      give(event.target.files);
      event.target.value = ""; // so that the same file can be chosen again
    });
  }

  byId("paste").addEventListener("click", async () => {
    try {
      const items = await navigator.clipboard.read();
      const images = items.flatMap((item) => item.types.filter((type) => type.startsWith("image/")).map((type) => item.getType(type)));
      if (images.length) give(await Promise.all(images));
      else tell(say("give.nothing"));
    } catch {
      tell(say("give.forbidden"));
    }
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) give(event.clipboardData.files);
  });

  const over = (is) => document.body.classList.toggle("over", is);
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  document.addEventListener("dragleave", (event) => !event.relatedTarget && over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    give(event.dataTransfer.files);
  });

  byId("examples").replaceChildren(...EXAMPLES.map((file) => example(file, take)));
}

function example(file, take) {
  const path = (name) => `static/examples/${name}`;
  const { small = file, about } = LARGE[file] ?? {};
  const word = `example.${file.split(".")[0]}`;
  const use = async () => take([{ name: file, blob: await (await fetch(path(file))).blob(), about }], "example");
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", onclick: use },
      h("img", { src: path(small), alt: "", loading: "lazy" }),
      h("span", { "data-word": word }, say(word)),
    ),
  );
}

/** Return `file`, or a smaller JPEG of it where it has more pixels than are worth sending. */
async function reduced(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // of a kind that this browser does not know: the service may
  }
  const pixels = bitmap.width * bitmap.height;
  if (pixels <= MOST) {
    bitmap.close();
    return file;
  }
  const scale = Math.sqrt(MOST / pixels);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? file), "image/jpeg", QUALITY));
}
