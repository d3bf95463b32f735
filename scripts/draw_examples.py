"""Draw the page's and the README's examples with the project's own pens: a letter, digits, codes, a signature.

They hold no digit of MNIST, no font and no photograph.
Example: python scripts/draw_examples.py --out app/static/examples
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from model.training.drawing.pen import Variation, draw, patterns
from model.types import Array
from synthesis.envelopes.example import ADDRESSEE, letter_on_a_table
from synthesis.field.kinds import KINDS
from synthesis.no_code import signature
from synthesis.pages import Pixels, on_paper, scanned
from synthesis.worlds import Dice

EXAMPLES = {
    "digit": "5",
    "code": "75011",
    "tilted": "75017",
    "boxes": "57901",
    "form": "57901",
    "signature": "",
    "envelope": ADDRESSEE.code,
    "envelope-small": ADDRESSEE.code,
}
"""What each picture shows; 75011 and 75017 are codes of Paris."""
SHAPES = {
    "0": ".45,0 .05,.35 .15,.9 .5,1 .8,.6 .7,.1 .45,0",
    "1": ".15,.3 .5,0 | .5,0 .48,1",
    "5": ".75,0 .2,.03 | .2,.03 .12,.42 | .12,.42 .45,.36 .75,.62 .5,1 .05,.9",
    "7": "0,.06 .7,0 | .7,0 .3,1 | .15,.5 .7,.46",
}
"""Each digit's strokes, as `pen.patterns` reads them."""
HAND = Variation(rotation=0.12, slant=0.2, aspect=0.15, bend=0.05)
SEED = 1
HEIGHT = 50  # of a digit, in pixels
GAP = 12  # between digits
MARGIN = 18  # around the writing
WANDER = 3  # pixels by which a digit may be above or below the line
TILT = 9  # degrees
OF_KIND = {"boxes": "boxes of a colour", "form": "an underlined number"}
"""Examples that are drawn as the pictures of such a kind are (see docs/field.md), with SEED."""
SMALL = (140, 94)  # width and height in pixels of the envelope in the page's list
OF_README = {"digit", "code"}
"""Examples that are drawn as PNG too."""
QUALITY = 85  # of WebP: the page's first view is small


def glyph(digit: str, random: np.random.Generator) -> Pixels:
    """Return `digit` as this hand writes it, cut out: (HEIGHT, width) uint8, ink bright on dark."""
    ink = draw(HAND.apply(patterns(SHAPES[digit]), random), random)[0]
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    cut = Image.fromarray(np.rint(255 * ink).astype(np.uint8)).crop(
        (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    )
    return np.asarray(cut.resize((round(cut.width * HEIGHT / cut.height), HEIGHT), Image.Resampling.BICUBIC))


def example(text: str, seed: int = SEED) -> Pixels:
    """Return a picture of `text`, dark pen on light paper, (H, W) uint8; the same seed gives the same picture."""
    random = np.random.default_rng(seed)
    glyphs = [glyph(digit, random) for digit in text]
    width = sum(each.shape[1] for each in glyphs) + GAP * (len(glyphs) - 1)
    page: Array = np.zeros((HEIGHT + 2 * MARGIN, width + 2 * MARGIN), np.uint8)
    left = MARGIN
    for each in glyphs:
        top = MARGIN + int(random.integers(-WANDER, WANDER + 1))
        page[top : top + HEIGHT, left : left + each.shape[1]] = each
        left += each.shape[1] + GAP
    return scanned(on_paper(page), random)


def files_of(name: str) -> list[str]:
    """Return the names of the files of an example."""
    return [f"{name}.webp", *([f"{name}.png"] if name in OF_README else [])]


def drawn(name: str) -> Pixels:
    """Return the picture of the example `name`, (H, W) or (H, W, 3) uint8."""
    if name in OF_KIND:
        kind = next(each for each in KINDS if each.name == OF_KIND[name])
        return np.asarray(kind.make(np.random.default_rng(SEED)).picture)
    if name == "signature":
        ink = signature(HEIGHT, Dice(np.random.default_rng(SEED)))
        return scanned(on_paper(np.pad(np.rint(255 * ink).astype(np.uint8), MARGIN)), np.random.default_rng(SEED))
    if name.startswith("envelope"):
        piece = Image.fromarray(letter_on_a_table())
        return np.asarray(piece if name == "envelope" else piece.resize(SMALL, Image.Resampling.LANCZOS))
    picture = example(EXAMPLES[name])
    if name == "tilted":
        paper = int(np.median(picture))
        turned = Image.fromarray(picture).rotate(TILT, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)
        return np.asarray(turned)
    return picture


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=Path("app/static/examples"), metavar="DIR", help="where they go (%(default)s)"
    )
    options = parser.parse_args()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        for name in EXAMPLES:
            picture = Image.fromarray(drawn(name))
            for file in files_of(name):
                picture.save(options.out / file, optimize=True, quality=QUALITY)
    except OSError as error:
        print(f"draw_examples.py: {error}", file=sys.stderr)
        return 1
    print(f"{', '.join(file for name in EXAMPLES for file in files_of(name))} are in {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
