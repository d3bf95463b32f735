"""Score what the reader does with codes that lie sideways or upside down, and with two lines of digits.

Codes are drawn with MNIST's validation digits and read as if they had been posted with kind=strip: as they are said to
lie (turned=0), and whichever way they are read best (turned=auto). Of two lines, whatever is accepted is wrong.
Example: python scripts/evaluate_refusals.py --data data/mnist --count 250
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from make_strips import draw_code
from model import artifact
from model.reader import Reader
from model.shipped import CNN
from model.training import mnist
from model.turning import TURNS
from shared import data_folder
from synthesis.marks import KINDS
from synthesis.strips import Writer
from synthesis.two_lines import two_lines
from synthesis.worlds import TEST, Dice

QUESTIONS: dict[str, tuple[int | None, str | None]] = {"nothing": (None, None), "digits=5": (5, None), "fr": (5, "fr")}
"""What is known of a code, as it is shown: the number of its digits and its country."""


@dataclass
class Score:
    """How many pictures there are, and what became of them as they were said to lie, and with turned=auto."""

    n: int = 0
    accepted: int = 0
    wrong: int = 0
    named: int = 0
    right: int = 0
    wrong_of_auto: int = 0

    def row(self) -> str:
        shares = (f"{count / self.n:.1%}" for count in (self.accepted, self.named, self.right))
        accepted, named, right = shares
        return f"{self.n:,} | {accepted} | {self.wrong} | {named} | {right} | {self.wrong_of_auto}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument("--count", type=int, default=250, help="how many of each kind of codes (%(default)s)")
    parser.add_argument("--lines", type=int, metavar="N", help="how many pictures of two lines (as many as of a kind)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same pictures (%(default)s)")
    options = parser.parse_args()
    lines = options.count if options.lines is None else options.lines
    if min(options.count, lines) < 1 or options.seed < 0:
        parser.error(
            f"--count and --lines must be at least 1, --seed at least 0; got {options.count}, {lines}, {options.seed}"
        )
    try:
        reader = Reader(artifact.load_digits(CNN).classifier)
        digits = mnist.load(data_folder(options.data))[mnist.VALIDATION]
    except (OSError, ValueError) as error:
        print(f"evaluate_refusals.py: {error}", file=sys.stderr)
        return 1
    scores: dict[str, Score] = {}
    for picture, code in tqdm(codes(digits, options.count, options.seed), total=len(KINDS) * options.count):
        for known in QUESTIONS:
            for degrees in TURNS:
                score = scores.setdefault(f"codes | {degrees} | {known}", Score())
                count(score, reader, np.rot90(picture, -degrees // 90), code, known, "turned")
    for picture in tqdm(pairs(digits, lines, options.seed), total=lines):
        for known in QUESTIONS:
            count(scores.setdefault(f"two lines | 0 | {known}", Score()), reader, picture, "", known, "two_lines")
    print("| what | lies by | known | n | accepted | wrong | refused for that | right with auto | wrong with auto |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, score in scores.items():
        print(f"| {name} | {score.row()} |")
    return 0


def codes(digits: mnist.Digits, each: int, seed: int) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Yield `each` pictures of codes of every kind, with the codes."""
    random = np.random.default_rng(seed)
    writer = Writer(digits, TEST, random, boxes=False)
    for kind in KINDS:
        for _ in range(each):
            code = draw_code(random)
            yield writer.write(code, kind).picture, code


def pairs(digits: mnist.Digits, each: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    """Yield `each` pictures of two lines of digits."""
    dice = Dice(np.random.default_rng(seed))
    writer = Writer(digits, TEST, dice.random, boxes=False)
    for _ in range(each):
        line, height = two_lines(writer, dice)
        yield writer.show(line, height, in_print=False)


def count(score: Score, reader: Reader, picture: NDArray[np.uint8], code: str, known: str, reason: str) -> None:
    """Add to `score` what `reader` says of `picture`, which holds `code`; reason: for which it ought to be refused."""
    length, country = QUESTIONS[known]
    reading = reader.read(picture, kind="strip", digits=length, country=country)
    found = reader.read(picture, kind="strip", digits=length, country=country, turned="auto")
    score.n += 1
    score.accepted += reading.decision == "accept"
    score.wrong += reading.decision == "accept" and reading.text != code
    score.named += reading.reason == reason
    score.right += found.text == code
    score.wrong_of_auto += found.decision == "accept" and found.text != code


if __name__ == "__main__":
    sys.exit(main())
