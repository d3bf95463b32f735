"""Try `calibrate` on mail that no fitting saw: what is accepted, and wrong, before and after, on other pictures.

Of each kind of mail, 2,300 pictures are read once; what they gave is kept in the cache. Then 300 of them are drawn,
`calibrate` is fitted on these, and the 2,000 others are judged; this is done 20 times.
Example: python scripts/evaluate_calibrate.py --data data/mnist
"""

import argparse
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from calibrating.collecting import Answered, collected
from calibrating.mail import mail
from calibrating.shipped_reader import shipped_reader
from model.confidence.calibration import Calibration
from model.confidence.own import Known, complete, fitted
from model.training import mnist
from shared import data_folder

OTHERS, DRAWS = 2000, 20
Flags = NDArray[np.bool_]
Shares = tuple[float, float]
"""The share that is accepted, and the share of these that is wrong."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument(
        "--cache", type=Path, default=Path("data/mail"), metavar="DIR", help="kept readings (%(default)s)"
    )
    made.add_argument("--pictures", type=int, default=300, metavar="N", help="to calibrate on, to 300 (%(default)s)")
    made.add_argument("--max-error", type=float, default=0.005, metavar="P", help="errors to accept (%(default)s)")
    return made


def main() -> int:
    options = parser().parse_args()
    if not 1 <= options.pictures <= 300 or not 0 < options.max_error <= 1:
        parser().error(
            "--pictures must be 1 to 300, and --max-error above 0 and at most 1; "
            f"got {options.pictures} and {options.max_error}"
        )
    try:
        with threadpool_limits(1, user_api="blas"):
            digits = mnist.load(data_folder(options.data))[mnist.VALIDATION]
            base = complete(shipped_reader()[0].calibration)
            reader, files = shipped_reader(Calibration.none())
            print("| kind | right | before: accepted | wrong of these | after: accepted | wrong of these | most |")
            print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
            for kind, source in mail(digits).items():
                first = {kind: lambda source=source: islice(source(), 300 + OTHERS)}
                answered = collected(reader, first, files, options.cache)
                print(row(kind, answered, tried(base, answered, options.pictures, options.max_error)), flush=True)
    except (OSError, ValueError) as error:
        print(f"evaluate_calibrate.py: {error}", file=sys.stderr)
        return 1
    return 0


def tried(
    base: Calibration, answered: Sequence[Answered], pictures: int, max_error: float
) -> list[tuple[Shares, Shares]]:
    """Return what is accepted and wrong before and after, for each draw of so many `pictures`."""
    known = [Known(each.evidence, each.right, each.possible, str(each.fold)) for each in answered]
    before = accepted(base, known, max_error)
    right = np.array([each.right for each in known])
    found = []
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(len(known))
        others = order[-OTHERS:]
        own = fitted(base, [known[number] for number in order[:pictures].tolist()])
        after = accepted(own, [known[number] for number in others.tolist()], max_error)
        found.append((shares(before[others], right[others]), shares(after, right[others])))
    return found


def accepted(calibration: Calibration, known: Sequence[Known], max_error: float) -> Flags:
    """Return which of the `known` readings are accepted, (N,)."""
    sure = [
        calibration.confidence(each.evidence) >= calibration.threshold(each.evidence.way, max_error) for each in known
    ]
    return np.logical_and(sure, [each.possible for each in known])


def shares(accepted: Flags, right: Flags) -> Shares:
    """Return what is `accepted` (N,) and wrong, by what is `right` (N,)."""
    return float(accepted.mean()), float((accepted & ~right).sum() / max(1, accepted.sum()))


def row(kind: str, answered: Sequence[Answered], found: list[tuple[Shares, Shares]]) -> str:
    (before, wrong_before), (after, wrong_after) = np.mean(found, axis=0).tolist()
    right = sum(each.right for each in answered) / len(answered)
    most = max(wrong for _, (_, wrong) in found)
    return (
        f"| {kind} | {right:.1%} | {before:.1%} | {wrong_before:.2%} | {after:.1%} | {wrong_after:.2%} | {most:.2%} |"
    )


if __name__ == "__main__":
    sys.exit(main())
