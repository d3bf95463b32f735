// Which pictures a person is asked about, in which order, and which of them now.

/** The pictures to settle. `current` is the one that is asked about, null where all are settled or there is none. */
export class Asked {
  #noted = new Map(); // each picture with what was decided, and the share asked about, when it last belonged here
  #left = []; // the pictures gone through, last one last
  current = null;

  /** Take over what belongs to the list now. Its order stays, and so does what was settled. */
  follow(all) {
    for (const picture of all) {
      if (picture.sampling) this.#noted.set(picture, { decision: picture.answer.decision, sampling: picture.sampling });
      // While it is read again, nothing is decided.
      else if (picture.state === "read" && picture.label === undefined && picture !== this.current) this.#noted.delete(picture);
    }
    for (const picture of this.#noted.keys()) if (!all.includes(picture)) this.#noted.delete(picture);
    this.#left = this.#left.filter((picture) => this.#noted.has(picture));
    if (!this.#noted.has(this.current)) this.current = null;
    this.current ??= this.#nextOpen();
  }

  get all() {
    return [...this.#noted.keys()];
  }

  get settled() {
    return this.all.filter((picture) => picture.label !== undefined);
  }

  /** What was settled, as labels.js takes it. */
  get rows() {
    return this.settled.map((picture) => ({ name: picture.name, blob: picture.blob, code: picture.label, ...this.#noted.get(picture) }));
  }

  get canSkip() {
    const open = this.#nextOpen();
    return this.current !== null && open !== null && open !== this.current;
  }

  get canGoBack() {
    return this.#left.length > 0;
  }

  /** Note what the current picture says, "" where there is nothing to read, and go on. */
  settle(label) {
    this.current.label = label;
    this.#go();
  }

  skip() {
    if (this.canSkip) this.#go();
  }

  back() {
    if (this.canGoBack) this.current = this.#left.pop();
  }

  #go() {
    const next = this.#nextOpen();
    this.#left.push(this.current);
    this.current = next;
  }

  /** Return the next picture that is not settled, after the current one and round again. */
  #nextOpen() {
    const all = this.all;
    const from = all.indexOf(this.current) + 1;
    return [...all.slice(from), ...all.slice(0, from)].find((picture) => picture.label === undefined) ?? null;
  }
}
