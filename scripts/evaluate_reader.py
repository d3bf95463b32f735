"""Score the reader on pictures made of MNIST's validation digits: off-centre on paper, and strips of five.

Example: python scripts/evaluate_reader.py model/weights/two-layer.npz --data data/mnist
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model import artifact, evaluation, mnist
from model.reader import Reader
from train import data_folder

Pixels = NDArray[np.uint8]
PAPER, PEN = 235, 60
PAGE, SIDE = 112, 28
STRIP_DIGITS = 5


def on_paper(ink: Pixels) -> NDArray[np.float32]:
    """Return `ink` (H, W), 0 to 255, as dark pen on light paper."""
    return PAPER - (PAPER - PEN) / 255 * ink.astype(np.float32)


def off_centre(digit: Pixels, random: np.random.Generator) -> Pixels:
    """Return a page of 112 × 112 with the digit somewhere on it, one to three times its size, and a little noise."""
    large = np.kron(digit, np.ones((factor := int(random.integers(1, 4)), factor), np.uint8))
    page = np.full((PAGE, PAGE), PAPER, np.float32)
    top, left = random.integers(0, PAGE - SIDE * factor + 1, 2)
    page[top : top + SIDE * factor, left : left + SIDE * factor] = on_paper(large)
    return np.clip(page + random.normal(0, 2, page.shape), 0, 255).astype(np.uint8)


def strip(digits: Pixels, random: np.random.Generator) -> Pixels:
    """Return the digits beside each other with 4 to 16 empty pixels more than MNIST's own margin between them."""
    page = np.full((48, 40 + 44 * len(digits)), PAPER, np.float32)
    left = 10
    for digit in digits:
        page[10 : 10 + SIDE, left : left + SIDE] = on_paper(digit)
        left += SIDE + int(random.integers(4, 17))
    return np.clip(page + random.normal(0, 2, page.shape), 0, 255).astype(np.uint8)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", type=Path, help="the file that train.py wrote")
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    options = parser.parse_args()
    try:
        loaded = artifact.load(options.artifact)
        artifact.require_digits(loaded, options.artifact)
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
