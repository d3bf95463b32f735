"""Score what is accepted, and how honest confidences are, on every kind of writing that there is.

DIR holds MNIST's files and, where there are, the sets of others' pictures (data/README.md): of these only the odd items
are read. Drawn pictures show digits, papers and pens that nothing was fitted on. What the pictures gave is kept in the
cache; each look at them that a choice might follow is one line of docs/strips.md.
Example: python scripts/evaluate_confidence.py --data data --plots docs/figures
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from threadpoolctl import threadpool_limits

from calibrating.collecting import Answered, collected
from calibrating.pictures import TO_MEASURE, sources
from calibrating.shipped_reader import shipped_reader
from fit_confidence import interval
from model import evaluation
from model.confidence.calibration import Calibration
from model.confidence.evidence import Way
from model.types import Array
from synthesis.field.kinds import KINDS

ERRORS = (0.005, 0.001)
"""The greatest shares of errors that the table is about."""
FIELD = "pictures from the field"
"""One row for all kinds that evaluate_field.py tells apart."""
_FIELD_NAMES = {kind.name for kind in KINDS}
_DRAWS = 1000  # of what a perfect calibration would show


@dataclass(frozen=True)
class Row:
    """What one kind of writing, sent in one way, shows.

    accepted: for each of ERRORS, how many readings are accepted and how many of these are wrong. calibration_error: the
    mean difference of confidence and share right, over bins. perfect: below it lie 95 % of perfect calibrations.
    """

    kind: str
    way: Way
    n: int
    right: int
    accepted: tuple[tuple[int, int], ...]
    calibration_error: float
    perfect: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of mnist/ and the other sets")
    parser.add_argument(
        "--cache", type=Path, default=Path("data/confidence"), metavar="DIR", help="what pictures gave (%(default)s)"
    )
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the drawn pictures, for a sooner end (%(default)s)"
    )
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw how honest confidences are, in this folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options = parser.parse_args()
    if not 0 < options.share <= 1:
        parser.error(f"--share must be above 0 and at most 1; got {options.share}")
    try:
        with threadpool_limits(1, user_api="blas"):
            calibration = shipped_reader()[0].calibration
            reader, files = shipped_reader(Calibration.none())
            cache = options.cache / f"measured-{options.share:g}"
            answered = collected(reader, sources(options.data, TO_MEASURE, options.share), files, cache)
        rows = scored(answered, calibration)
        if options.plots:
            draw(answered, calibration, options.plots)
    except (OSError, ValueError) as error:
        print(f"evaluate_confidence.py: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"rows": [vars(row) for row in rows]}))
    else:
        show(rows)
    return 0


def scored(answered: Sequence[Answered], calibration: Calibration) -> list[Row]:
    """Return a row for each kind and way of reading, and one for all of a way."""
    groups: dict[tuple[str, Way], list[Answered]] = {}
    for each in answered:
        for kind in (FIELD if each.kind in _FIELD_NAMES else each.kind, "all"):
            groups.setdefault((kind, each.evidence.way), []).append(each)
    in_order = sorted(groups.items(), key=lambda each: (get_args(Way).index(each[0][1]), each[0][0] == "all"))
    return [row_of(kind, way, group, calibration) for (kind, way), group in in_order]


def row_of(kind: str, way: Way, answered: Sequence[Answered], calibration: Calibration) -> Row:
    """Return the row of readings of one kind, at least one."""
    confidences = np.array([calibration.confidence(each.evidence) for each in answered])
    right = np.array([each.right for each in answered])
    possible = np.array([each.possible for each in answered])
    accepted = []
    for error in ERRORS:
        taken = possible & (confidences >= calibration.threshold(way, error))
        accepted.append((int(taken.sum()), int((taken & ~right).sum())))
    read = np.array([bool(each.evidence.text) for each in answered])  # where nothing is read, nothing is claimed
    off, most = _off(confidences[read], right[read]) if read.any() else (0.0, 0.0)
    return Row(kind, way, len(right), int(right.sum()), tuple(accepted), off, most)


def _off(confidences: Array, right: Array) -> tuple[float, float]:
    """Return the calibration error of readings, and that below which 95 % of perfect calibrations lie."""
    random = np.random.default_rng(0)
    drawn = [evaluation.binned_error(confidences, random.random(len(right)) < confidences) for _ in range(_DRAWS)]
    return evaluation.binned_error(confidences, right), float(np.quantile(drawn, 0.95))


def draw(answered: Sequence[Answered], calibration: Calibration, folder: Path) -> None:
    """Draw how honest confidences are, by the way of reading."""
    import plots  # only here: Matplotlib takes a second to load

    folder.mkdir(parents=True, exist_ok=True)
    ways = {way: [each for each in answered if each.evidence.way == way and each.possible] for way in get_args(Way)}
    curves = {
        way: (
            np.array([calibration.confidence(each.evidence) for each in mine]),
            np.array([each.right for each in mine], np.float64),
        )
        for way, mine in ways.items()
    }
    plots.reliability(curves, folder / "reliability.png")


def show(rows: list[Row]) -> None:
    """Print a row for each."""
    print("| kind | way | n | right | accepted at 0.5 %, wrong | 95 % interval of the error | at 0.1 %, wrong "
          "| calibration error (perfect: at most) |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        taken = [f"{n / row.n:.1%}, {wrong}" for n, wrong in row.accepted]
        n, wrong = row.accepted[0]
        print(f"| {row.kind} | {row.way} | {row.n:,} | {row.right / row.n:.1%} | {taken[0]} | {interval(wrong, n)} "
              f"| {taken[1]} | {row.calibration_error:.2%} ({row.perfect:.2%}) |")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
