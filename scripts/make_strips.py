"""Make labelled pictures of handwritten postal codes out of MNIST's training digits.

`fit` uses digits 0 to 54,999 (`validation` those from 50,000 on), for fitting and calibrating; `test` uses digits
55,000 to 59,999, which no weights have seen, with papers, pens, slants and gaps of its own. One code in ten is not on
France's list. labels.csv says which, and from which MNIST images each code is made.
Example: python scripts/make_strips.py --data data/mnist --out data/strips --part test --kind natural --count 1000
"""

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.strips.postal import UNLISTED, is_listed, listed_codes
from model.training import mnist
from shared import data_folder
from synthesis.marks import KINDS
from synthesis.strips import Strip, Writer
from synthesis.worlds import FIT, TEST

PARTS = {
    "fit": (slice(0, mnist.VALIDATION.stop), FIT),
    "validation": (mnist.VALIDATION, FIT),
    "test": (mnist.STRIPS, TEST),
}


def draw_code(random: np.random.Generator) -> str:
    """Return a code on France's list or, one time in ten, another one of five digits."""
    codes = listed_codes("fr")
    if codes is None:
        raise ValueError("data/postal_codes/fr.txt is missing: run `python scripts/fetch_postal_codes.py`")
    if random.random() >= UNLISTED:
        return codes[int(random.integers(len(codes)))]
    while is_listed("fr", code := f"{random.integers(100_000):05}"):
        pass
    return code


def label(strip: Strip, name: str, first: int) -> list[object]:
    """Return the row for `strip`, whose sources are counted from training image `first`."""
    boxes = json.dumps([[digit, *box] for digit, box in zip(strip.code, strip.boxes, strict=True)])
    sources = json.dumps([first + source for source in strip.sources])  # neither world has drawn digits
    return [name, strip.code, strip.kind, int(is_listed("fr", strip.code)), boxes, sources]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures and labels.csv")
    parser.add_argument("--kind", choices=KINDS, help="kind of strips to make (all kinds)")
    parser.add_argument("--part", choices=PARTS, default="fit", help="which digits to use, and in which world (fit)")
    parser.add_argument("--count", type=int, default=1000, help="how many strips of each kind (1000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same strips (1)")
    options = parser.parse_args()
    if options.count < 1 or options.seed < 0:
        parser.error(f"--count must be at least 1 and --seed at least 0; got {options.count} and {options.seed}")
    try:
        images, world = PARTS[options.part]
        digits = mnist.load(data_folder(options.data))[images]
        random = np.random.default_rng(options.seed)
        writer = Writer(digits, world, random)
        kinds = [options.kind] if options.kind else list(KINDS)
        options.out.mkdir(parents=True, exist_ok=True)
        with (options.out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["file", "code", "kind", "listed", "boxes", "images"])
            for kind in kinds:
                for index in tqdm(range(options.count), desc=kind):
                    strip = writer.write(draw_code(random), kind)
                    name = f"{kind}-{index:05}.png"
                    Image.fromarray(strip.picture).save(options.out / name)
                    rows.writerow(label(strip, name, images.start))
    except (OSError, ValueError) as error:
        print(f"make_strips.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
