"""Score the reader on digits from elsewhere, read as posted pictures, and on non-digits.

DIR holds usps_train.npz, register_digits/, paper_digits.npz, photographed_characters.npz and mnist/; missing sets are
left out. Each set is split by the parity of the items' indices: even ones may be looked at while the reader is made,
odd ones are only for measuring. Non-digits are rejected by the reader's decision at the default `max_error`. To judge
the chance of a digit on its own, they are also rejected where it is below that of 99 % of validation's digits.

Example: python scripts/evaluate_sets.py model/weights/cnn.npz --data data
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model import artifact
from model.reader import Reader
from model.reading import Reading
from model.training import mnist
from sets import SETS, LabelledPictures
from shared import data_folder
from synthesis.non_digits import Make, kinds
from synthesis.pages import off_centre, ruled

HALVES = {"look": 0, "measure": 1}
PASSED = 0.99  # of validation's digits, judged by the chance of a digit
LETTERS = {
    "look-alikes O o I l S s Z z": "OoIlSsZz",
    "all other letters": "ABCDEFGHJKLMNPQRTUVWXYabcdefghijkmnpqrtuvwxy",
    "of these i": "i",
    "of these b g q B D G Q": "bgqBDGQ",
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("artifact", type=Path, help="the file that train.py wrote")
    made.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the sets and of mnist/")
    made.add_argument("--count", type=int, default=1_000, help="pictures of each kind of non-digit (%(default)s)")
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return made


def main() -> int:
    options = parser().parse_args()
    if options.count < 1:
        parser().error(f"--count must be at least 1; got {options.count}")
    try:
        loaded = artifact.load_digits(options.artifact)
        there = {name: load(options.data) for name, load in SETS.items() if any(options.data.glob(f"{name}*"))}
        digits = validation_digits(options.data)
        if not there and digits is None:
            raise FileNotFoundError(f"{options.data} holds none of {', '.join(SETS)} and mnist/")
    except (OSError, ValueError) as error:
        print(f"evaluate_sets.py: {error}", file=sys.stderr)
        return 1
    reader = Reader(loaded.classifier)
    made = {} if digits is None else made_of(digits)
    sets = {
        name: (read(reader, name, pictures.pictures, quiet=options.json), np.array(pictures.labels, dtype=str))
        for name, pictures in {**there, **made}.items()
    }
    least = None if digits is None else least_chance(sets["validation"][0])
    report: dict[str, Any] = {"model": loaded.name, "least_chance": least, "digits": [], "letters": []}
    for name, (readings, labels) in sets.items():
        whole = name not in there
        for half, parity in {"all": None}.items() if whole else HALVES.items():
            rows = np.arange(len(labels)) % 2 == parity if parity is not None else np.ones(len(labels), np.bool_)
            report["digits"].append({"set": name, "half": half, **digit_scores(readings, labels, rows)})
            report["letters"] += [
                {"set": name, "half": half, **row} for row in letter_scores(readings, labels, rows, least)
            ]
    report["non_digits"] = [
        non_digit_scores(reader, name, options.count, fitted=fitted, make=make, least=least, quiet=options.json)
        for name, (fitted, make) in kinds(None if digits is None else digits.images).items()
    ]
    print(json.dumps(report)) if options.json else show(report)
    return 0


def validation_digits(folder: Path) -> mnist.Digits | None:
    """Return MNIST's validation digits from `folder` or its mnist/; None where they are missing."""
    mnist_folder = data_folder(folder)
    if not any(mnist_folder.glob("train-images-idx3-ubyte*")):
        return None
    return mnist.load(mnist_folder)[mnist.VALIDATION]


def made_of(digits: mnist.Digits) -> dict[str, LabelledPictures]:
    """Return pictures of MNIST's validation digits: as they are, off-centre, with and without the lines of a form."""
    random = np.random.default_rng(0)
    labels: list[str | None] = [str(label) for label in digits.labels]
    apart, touching = ([ruled(digit, random, touching=touches) for digit in digits.images] for touches in (False, True))
    return {
        "validation": LabelledPictures(list(digits.images), labels),
        "validation off-centre": LabelledPictures([off_centre(digit, random) for digit in digits.images], labels),
        "boxed, lines apart": LabelledPictures([lined for lined, _ in apart], labels),
        "the same without lines": LabelledPictures([plain for _, plain in apart], labels),
        "boxed, lines touching": LabelledPictures([lined for lined, _ in touching], labels),
        "the same, without lines": LabelledPictures([plain for _, plain in touching], labels),
    }


def read(reader: Reader, name: str, pictures: Sequence[NDArray[np.uint8]], *, quiet: bool) -> list[Reading]:
    """Return the reading of each of `pictures`, read as one digit at the default `max_error`."""
    return [reader.read(picture, kind="digit") for picture in tqdm(pictures, desc=name, disable=quiet)]


def digit_scores(readings: Sequence[Reading], labels: NDArray[np.str_], rows: NDArray[np.bool_]) -> dict[str, Any]:
    """Return how many digits among `rows` were read right, with 1s and 7s apart, and how many were accepted."""
    rows = rows & np.char.isdigit(labels)
    right = np.array([reading.text for reading in readings]) == labels
    accepted = np.array([reading.decision == "accept" for reading in readings])
    return {
        "n": int(rows.sum()),
        "accuracy": share(right, rows),
        "ones": share(right, rows & (labels == "1")),
        "sevens": share(right, rows & (labels == "7")),
        "accepted": share(accepted, rows),
        "error_among_accepted": share(~right, rows & accepted),
    }


def digit_chance(reading: Reading) -> float:
    """Return the chance that there is a digit at all: confidence is the product of this and the digit's own chance."""
    return reading.confidence / reading.digits[0].confidence if reading.digits else 0.0


def least_chance(readings: Sequence[Reading]) -> float:
    """Return the chance of a digit at all that the share `PASSED` of `readings`, all of digits, reaches."""
    return float(np.quantile([digit_chance(reading) for reading in readings], 1 - PASSED))


def letter_scores(
    readings: Sequence[Reading], labels: NDArray[np.str_], rows: NDArray[np.bool_], least: float | None
) -> list[dict[str, Any]]:
    """Return how many letters among `rows` were rejected, by group; nothing where there are no letters."""
    groups = {name: rows & np.isin(labels, list(letters)) for name, letters in LETTERS.items()}
    return [
        {"letters": name, **rejections([each for each, one in zip(readings, chosen, strict=True) if one], least)}
        for name, chosen in groups.items()
        if chosen.any()
    ]


def non_digit_scores(
    reader: Reader, name: str, count: int, *, fitted: bool, make: Make, least: float | None, quiet: bool
) -> dict[str, Any]:
    """Return how many of `count` non-digits of one kind were rejected, and how many for each reason."""
    random = np.random.default_rng(0)
    readings = read(reader, name, [make(random) for _ in range(count)], quiet=quiet)
    reasons = Counter(reading.reason for reading in readings if reading.reason is not None)
    return {"kind": name, "fitted": fitted, **rejections(readings, least), "reasons": dict(reasons)}


def rejections(readings: Sequence[Reading], least: float | None) -> dict[str, Any]:
    """Return how many `readings` of non-digits are rejected: by decision, and by the chance of a digit."""
    n = len(readings)
    rejected = sum(reading.decision == "reject" for reading in readings) / n
    below = None if least is None else round(sum(digit_chance(reading) < least for reading in readings) / n, 5)
    return {"n": n, "rejected": round(rejected, 5), "below_least_chance": below}


def share(what: NDArray[np.bool_], rows: NDArray[np.bool_]) -> float | None:
    """Return the share of `rows` for which `what` is true, 0 to 1; None where there are no rows."""
    return round(float(what[rows].mean()), 5) if rows.any() else None


def show(report: dict[str, Any]) -> None:
    """Print the report for a person."""
    print(f"{report['model']}, digits (accepted: at the default max_error)")
    print(f"{'set':24} {'half':8} {'n':>5} {'right':>8} {'1s':>8} {'7s':>8} {'accepted':>9} {'wrong among them':>17}")
    for row in report["digits"]:
        scores = (row["accuracy"], row["ones"], row["sevens"], row["accepted"], row["error_among_accepted"])
        shown = " ".join(
            f"{'-' if score is None else f'{score:.2%}':>{width}}"
            for score, width in zip(scores, (8, 8, 8, 9, 17), strict=True)
        )
        print(f"{row['set']:24} {row['half']:8} {row['n']:5} {shown}")
    least = report["least_chance"]
    score = "-" if least is None else f"{least:.4f}"
    print(
        f"non-digits rejected: by decision, and where the chance of a digit is below {score}, as for 1 % of validation"
    )
    for row in report["letters"]:
        print(f"{row['set']:24} {row['half']:18} {row['n']:5} {both(row)} {row['letters']}")
    for row in report["non_digits"]:
        reasons = ", ".join(f"{reason} {count}" for reason, count in row["reasons"].items())
        drawn = "drawn in training" if row["fitted"] else "never seen"
        print(f"{row['kind']:24} {drawn:18} {row['n']:5} {both(row)} {reasons}")


def both(row: dict[str, Any]) -> str:
    below = row["below_least_chance"]
    return f"{row['rejected']:8.2%} {'-' if below is None else f'{below:.2%}':>8}"


if __name__ == "__main__":
    sys.exit(main())
