"""Score the reader on pictures made from MNIST's validation digits: off-centre on paper, and strips of five.

Example: python scripts/evaluate_reader.py model/weights/cnn.npz --data data/mnist
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from model import artifact, evaluation
from model.reader import Reader
from model.training import mnist
from shared import data_folder
from synthesis.pages import PAPER, SIDE, Pixels, off_centre, on_paper, scanned

STRIP_DIGITS = 5


def strip(digits: Pixels, random: np.random.Generator) -> Pixels:
    """Return the digits side by side, with 4 to 16 empty pixels between them besides MNIST's own margin."""
    page = np.full((48, 40 + 44 * len(digits)), PAPER, np.float32)
    left = 10
    for digit in digits:
        page[10 : 10 + SIDE, left : left + SIDE] = on_paper(digit)
        left += SIDE + int(random.integers(4, 17))
    return scanned(page, random)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", type=Path, help="the file that train.py wrote")
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    options = parser.parse_args()
    try:
        loaded = artifact.load_digits(options.artifact)
        digits = mnist.load(data_folder(options.data))[mnist.VALIDATION]
    except (OSError, ValueError) as error:
        print(f"evaluate_reader.py: {error}", file=sys.stderr)
        return 1
    reader, random = Reader(loaded.classifier), np.random.default_rng(0)
    plain = evaluation.errors(reader.digits_probabilities(digits.images), digits.labels)
    moved = 0
    for digit, label in zip(tqdm(digits.images, desc="off-centre"), digits.labels, strict=True):
        moved += reader.read(off_centre(digit, random), kind="digit").text != str(label)
    print(f"as they are: {plain} errors of {len(digits)}; off-centre on paper: {moved}, "
          f"{(moved - plain) / len(digits):+.2%} points")  # fmt: skip
    wrong = {"counted": 0, "auto": 0}
    starts = range(0, len(digits), STRIP_DIGITS)
    for start in tqdm(starts, desc="strips"):
        picture = strip(digits.images[start : start + STRIP_DIGITS], random)
        code = "".join(map(str, digits.labels[start : start + STRIP_DIGITS]))
        wrong["counted"] += reader.read(picture, digits=STRIP_DIGITS).text != code
        wrong["auto"] += reader.read(picture).text != code
    for name, count in wrong.items():
        print(f"strips of five, {name}: {1 - count / len(starts):.1%} exact of {len(starts)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
