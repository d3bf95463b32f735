// This session's pictures, with what was said of them. Views listen for "change".

import { predict, Problem } from "./api.js";

const SAMPLED = 0.1; // of the accepted, to be settled by a person

/**
 * A picture: its `name`, `blob` as it is sent, `url` of that, and `origin` ("drawn", "given" or "example"). `about` is what
 * is known of an example, as settings: it counts where the settings leave it open.
 * `state` is "waiting", "reading", "read" or "failed"; `answer` or `problem` comes with the last two.
 */
class Picture {
  static #last = 0;

  constructor(name, blob, origin, about = {}) {
    this.id = Picture.#last += 1;
    this.name = name;
    this.origin = origin;
    this.about = about;
    this.state = "waiting";
    this.lot = Math.random(); // whether a person is asked about it, if it is accepted
    this.show(blob);
  }

  show(blob) {
    if (this.url) URL.revokeObjectURL(this.url);
    this.blob = blob;
    this.url = URL.createObjectURL(blob);
  }

  /** The share of such pictures that a person is asked about; 0 if not about this one. */
  get sampling() {
    if (this.state !== "read" || this.origin !== "given") return 0;
    if (this.answer.decision === "reject") return 1;
    return this.lot < SAMPLED ? SAMPLED : 0;
  }
}

export class Pictures extends EventTarget {
  /** settings: a function that returns those of the moment. */
  constructor(settings) {
    super();
    this.settings = settings;
    this.all = [];
    this.selected = null;
    this.drawing = null;
    this.queue = Promise.resolve();
  }

  /** Take pictures in, newest last, show the first of them, and read them one after another. */
  add(given, origin) {
    const added = given.map(({ name, blob, about }) => new Picture(name, blob, origin, about));
    this.all.push(...added);
    if (added.length) this.select(added[0]);
    for (const picture of added) this.#later(picture);
  }

  /** Show what is drawn now, a blob, and read it at once; null where nothing is. */
  draw(blob) {
    if (!blob) {
      this.drawing?.asking?.abort();
      if (this.selected === this.drawing) this.selected = null;
      this.drawing = null;
      this.#changed();
      return;
    }
    if (this.drawing) this.drawing.show(blob);
    else this.drawing = new Picture("drawing.png", blob, "drawn");
    this.selected = this.drawing;
    this.read(this.drawing);
  }

  /** Keep what is drawn as a picture of its own. */
  keep(name) {
    if (!this.drawing) return;
    const { blob } = this.drawing;
    this.draw(null);
    this.add([{ name, blob }], "given");
  }

  select(picture) {
    this.selected = picture;
    this.#changed();
  }

  remove(picture) {
    picture.asking?.abort();
    picture.removed = true;
    this.all = this.all.filter((each) => each !== picture);
    if (this.selected === picture) this.selected = this.all.at(-1) ?? null;
    URL.revokeObjectURL(picture.url);
    this.#changed();
  }

  /** Return the settings with which `picture` is asked about; null: any picture. */
  asked(picture) {
    const settings = this.settings();
    if (settings.kind || settings.digits) return settings;
    const { kind = "", country = "" } = picture?.about ?? {};
    return { ...settings, kind, country: settings.country || country };
  }

  /** Ask again about every picture, the one that is shown first: the settings have changed. */
  readAgain() {
    const first = this.selected;
    if (first) this.read(first);
    for (const picture of [this.drawing, ...this.all]) if (picture && picture !== first) this.#later(picture);
  }

  #later(picture) {
    picture.state = "waiting";
    this.#changed();
    this.queue = this.queue.then(() => (picture.removed ? null : this.read(picture)));
  }

  /** Ask about `picture`; an older request about it is given up, so that no old answer comes after a new one. */
  async read(picture) {
    picture.asking?.abort();
    const asking = (picture.asking = new AbortController());
    picture.state = "reading";
    this.#changed();
    try {
      const answer = await predict(picture.blob, this.asked(picture), asking.signal);
      if (picture.asking !== asking) return;
      Object.assign(picture, { state: "read", answer, problem: null });
    } catch (error) {
      if (picture.asking !== asking || error.name === "AbortError") return;
      Object.assign(picture, { state: "failed", answer: null, problem: error instanceof Problem ? error : new Problem(-1, String(error)) });
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
