"""Score the reading of labelled strips: exact strings, digits, what is accepted, why readings fail, time.

DIR holds pictures and labels.csv. Its columns are file and code and, where known, kind, listed (0 or 1), boxes (JSON,
each digit's [digit, x, y, width, height]) and images (JSON, each digit's index among MNIST's training images), which
serve to tell causes of errors apart.
Example: python scripts/evaluate_strips.py --data data/strips --country fr --digits 5
"""

import argparse
import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from model import artifact, evaluation
from model.classifiers.classifier import Classifier
from model.reader import Reader
from model.reading import Reading
from model.shipped import CNN
from model.strips import sliding
from model.training import mnist
from pictures import read_picture

PARTS = ("all", "even", "odd")
UNKNOWN = "-"


@dataclass(frozen=True)
class Read:
    """One strip's row of labels.csv, its reading, and the milliseconds that it took."""

    label: dict[str, str]
    reading: Reading
    milliseconds: float

    @property
    def right(self) -> bool:
        return self.reading.text == self.label["code"]

    @property
    def cause(self) -> str:
        """Why the reading is wrong: digits were not found where they are, or a digit was taken for another."""
        if len(self.reading.text) != len(self.label["code"]):
            return "segmentation"
        for (_, x, _, width, _), digit in zip(json.loads(self.label.get("boxes") or "[]"), self.reading.digits,
                                              strict=False):  # fmt: skip
            shared = min(x + width, digit.box.x + digit.box.width) - max(x, digit.box.x)
            if shared < 0.5 * max(width, digit.box.width):
                return "segmentation"
        return "recognition"

    @property
    def taken_for_others(self) -> list[int]:
        """The image indices of digits that were taken for others, where the label has them."""
        sources = json.loads(self.label.get("images") or "[]")
        digits = zip(sources, self.reading.text, self.label["code"], strict=False)
        return [source for source, text, code in digits if text != code]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(
        "artifact",
        type=Path,
        nargs="*",
        help="the files that fit_strips.py wrote (the shipped ones)",
    )
    made.add_argument("--data", type=Path, required=True, help="folder of pictures and labels.csv")
    made.add_argument("--country", help="country of the codes: fr, us, de … (any digits)")
    made.add_argument("--digits", type=int, help="how many digits to expect (any number)")
    made.add_argument("--max-error", type=float, default=0.005, help="highest share of errors to accept (%(default)s)")
    made.add_argument("--half", choices=PARTS, default="all", help="only strips with even or odd index (all)")
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    made.add_argument("--mnist", type=Path, help="folder of MNIST's files, to tell reading errors from label errors")
    made.add_argument("--errors", type=Path, metavar="FILE.csv", help="file for a list of the wrong readings")
    return made


def main() -> int:
    options = parser().parse_args()
    try:
        networks = [sliding.load(path) for path in options.artifact]
        classifier = artifact.load_digits(CNN).classifier
        digits = mnist.load(options.mnist) if options.mnist else None
        reader = Reader(classifier, networks)
        labels = labels_in(options.data, options.half)
        read = [
            read_one(reader, options.data / label["file"], label, options)
            for label in tqdm(labels, desc="reading", disable=options.json)
        ]
    except (OSError, ValueError) as error:
        print(f"evaluate_strips.py: {error}", file=sys.stderr)
        return 1
    if options.errors:
        list_errors(options.errors, read)
    if options.json:
        print(json.dumps(scores(read)))
    else:
        show(", ".join(map(str, options.artifact)) or "the shipped networks", read)
        if digits:
            alone = misread_alone(read, classifier, digits)
            print(f"of those by recognition, {alone} have a digit that is also misread in MNIST's own image")
    return 0


def labels_in(folder: Path, half: str) -> list[dict[str, str]]:
    """Return the rows of the folder's labels.csv that are in that half. Raises ValueError where there are none."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"file", "code"} <= rows[0].keys():
        raise ValueError(f"{folder / 'labels.csv'} must have the columns file and code, and at least one row")
    return {"all": rows, "even": rows[::2], "odd": rows[1::2]}[half]


def read_one(reader: Reader, path: Path, label: dict[str, str], options: argparse.Namespace) -> Read:
    picture = read_picture(path)
    before = time.perf_counter()
    reading = reader.read(
        picture, kind="strip", digits=options.digits, country=options.country, max_error=options.max_error
    )
    return Read(label, reading, (time.perf_counter() - before) * 1000)


def scores(read: list[Read]) -> dict[str, Any]:
    """Return the scores that `--json` prints."""
    accepted = [each for each in read if each.reading.decision == "accept"]
    digits = sum(len(each.label["code"]) for each in read)
    return {
        "n": len(read),
        "exact": sum(each.right for each in read) / len(read),
        "digit_error_rate": sum(edits(each.reading.text, each.label["code"]) for each in read) / max(digits, 1),
        "accepted": len(accepted) / len(read),
        "error_among_accepted": sum(not each.right for each in accepted) / max(len(accepted), 1),
        "milliseconds_per_strip": round(float(np.median([each.milliseconds for each in read])), 2),
    }


def edits(read: str, real: str) -> int:
    """Return the smallest number of digits to insert, delete or replace. Source: Levenshtein 1966."""
    row = list(range(len(real) + 1))
    for i, digit in enumerate(read, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(real, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (digit != other))
    return row[-1]


def show(name: str, read: list[Read]) -> None:
    """Print the scores for a person: of all strips, by kind, and by whether the code is listed."""
    print(f"{name}, {len(read)} strips")
    print(f"{'':22} {'n':>5} {'exact':>8} {'95 % interval':>16} {'digits wrong':>13} {'accepted':>9} "
          f"{'wrong among':>12} {'ms':>6}")  # fmt: skip
    for title, group in groups(read):
        report = scores(group)
        right = sum(each.right for each in group)
        low, high = evaluation.wilson_interval(right, len(group))
        print(f"{title:22} {len(group):5} {report['exact']:8.2%} {f'{low:.1%} to {high:.1%}':>16} "
              f"{report['digit_error_rate']:13.2%} {report['accepted']:9.1%} {report['error_among_accepted']:12.2%} "
              f"{report['milliseconds_per_strip']:6.1f}")  # fmt: skip
    wrong = [each for each in read if not each.right]
    causes = Counter(each.cause for each in wrong)
    print(f"{len(wrong)} wrong: {', '.join(f'{count} by {cause}' for cause, count in causes.most_common()) or 'none'}")
    reasons = Counter(each.reading.reason for each in read if each.reading.reason)
    print(f"rejected: {', '.join(f'{count} {reason}' for reason, count in reasons.most_common()) or 'none'}")


def groups(read: list[Read]) -> Iterable[tuple[str, list[Read]]]:
    """Yield all strips, then those of each kind, then the unlisted and the listed ones, where labels say so."""
    yield "all", read
    names: tuple[tuple[str, Callable[[Read], str]], ...] = (
        ("kind", lambda each: each.label.get("kind") or UNKNOWN),
        (
            "listed",
            lambda each: {"0": "unlisted codes", "1": "listed codes"}.get(each.label.get("listed", ""), UNKNOWN),
        ),
    )
    for _, name_of in names:
        for name in sorted({name_of(each) for each in read} - {UNKNOWN}):
            yield name, [each for each in read if name_of(each) == name]


def misread_alone(read: list[Read], classifier: Classifier, digits: mnist.Digits) -> int:
    """Return how many readings fail on a digit whose own image among `digits` is misread too."""
    taken = [each.taken_for_others for each in read if not each.right and each.cause == "recognition"]
    sources = np.array(sorted({source for some in taken for source in some}), np.int64)
    if len(sources) == 0:
        return 0
    answers = classifier.probabilities(mnist.as_ink(digits.images[sources])).argmax(axis=1)
    misread = set(sources[answers != digits.labels[sources]].tolist())
    return sum(not misread.isdisjoint(some) for some in taken)


def list_errors(path: Path, read: list[Read]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["file", "code", "read", "confidence", "decision", "cause"])
        for each in read:
            if not each.right:
                rows.writerow([each.label["file"], each.label["code"], each.reading.text,
                               f"{each.reading.confidence:.4f}", each.reading.decision, each.cause])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
