"""Fit what tells the addressee's code from the other numbers on a mail piece.

DIR holds pictures of mail pieces and labels.csv, as make_envelopes.py writes them. Of each piece, the runs of digits
that look like a code are weighed: the one that stands where the label says, and says the same, is the addressee's. What
counts at first sight is fitted on every third piece, and then what counts at a closer look on all of them.
Example: python scripts/fit_choice.py --data data/envelopes-fit
"""

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from envelope_scores import FOUND, Quad, covered, quad_of
from evaluate_envelopes import labels_in
from model import shipped
from model.confidence.logistic import Logistic
from model.envelopes.choice import FIRST, SECOND, Choice, features
from model.envelopes.reading import Asked, look_closely, runs_on
from model.envelopes.survey import survey
from model.strips import sliding
from model.strips.postal import FORMATS
from model.types import Array
from pictures import read_picture
from shared import checkout

PENALTY = 3.0  # of the pieces, each of which weighs 1
_THIRD = 3
_TOGETHER = 8  # pieces that a process is given at once

Label = Mapping[str, str]
"""A row of labels.csv."""
Rows = Sequence[tuple[Array, bool]]
"""What is known of each run of a piece, and whether it is the addressee's code."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of pictures and labels.csv")
    made.add_argument("--out", type=Path, default=shipped.CHOICE, help="the file to write (the shipped one)")
    return made


def main() -> int:
    options = parser().parse_args()
    try:
        labels = labels_in(options.data, "all")
        first = fitted(_each(partial(at_first_sight, options.data), labels[::_THIRD], "first"))
        rough = Choice(first, first, {})
        second = fitted(_each(partial(closely, options.data, rough), labels, "second"))
        made = {
            "command": shlex.join(["python", f"scripts/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
            **checkout(),
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "pieces": len(labels),
        }
        Choice(first, second, made).save(options.out)
    except (OSError, ValueError) as error:
        print(f"fit_choice.py: {error}", file=sys.stderr)
        return 1
    for name, coefficient in zip(SECOND, second.coefficients, strict=True):
        print(f"{name:20} {coefficient:6.2f}")
    return 0


def _each(look: Callable[[Label], Rows], labels: Sequence[Label], name: str) -> list[Rows]:
    """Return what `look` makes of each piece, on all CPUs."""
    with ProcessPoolExecutor() as processes:
        return list(tqdm(processes.map(look, labels, chunksize=_TOGETHER), total=len(labels), desc=name))


def at_first_sight(folder: Path, label: Label) -> Rows:
    """Return what is known of the runs of a piece at first sight."""
    asked, quad = asked_of(label), quad_of(label["quad"])
    rows = []
    with threadpool_limits(1, user_api="blas"):
        for each in runs_on(survey(read_picture(folder / label["file"])), sliding.shipped()[-1], asked):
            middle = each.written.marks.to_picture(each.clues.run.middle)
            own = _is_code(each.clues.run.text, label, asked) and quad is not None and _inside(middle, quad)
            rows.append((features(each.clues, FIRST), own))
    return rows


def closely(folder: Path, rough: Choice, label: Label) -> Rows:
    """Return what is known of the runs of a piece that are promising by the `rough` choice, after a closer look."""
    asked, quad = asked_of(label), quad_of(label["quad"])
    network = sliding.shipped()[-1]
    rows = []
    with threadpool_limits(1, user_api="blas"):
        runs = runs_on(survey(read_picture(folder / label["file"])), network, asked)
        for each in look_closely(runs, rough, network, asked):
            corners = [(float(x), float(y)) for x, y in each.corners]
            least = FOUND * len(each.text) / max(1, len(label["code"]))
            own = _is_code(each.text, label, asked) and quad is not None and covered(quad, corners) >= least
            rows.append((features(each.clues, SECOND), own))
    return rows


def fitted(pieces: Sequence[Rows]) -> Logistic:
    """Return the regression by what is known of the runs of all `pieces`."""
    rows = [row for runs in pieces for row, _ in runs]
    right = [float(own) for runs in pieces for _, own in runs]
    return Logistic.fitted(np.stack(rows), np.array(right), np.ones(len(right)), PENALTY)


def _is_code(text: str, label: Label, asked: Asked) -> bool:
    """Return whether `text` is the label's code, or the first part of it that is a code by itself: a ZIP code."""
    return bool(text) and len(text) in asked.lengths and label["code"].startswith(text)


def asked_of(label: Label) -> Asked:
    return Asked.of(label["country"], FORMATS[label["country"]].lengths)


def _inside(point: Array, quad: Quad) -> bool:
    """Return whether `point` (2,) lies in `quad`, whose corners go clockwise."""
    sides, away = np.roll(quad, -1, axis=0) - quad, point - quad
    return bool((sides[:, 0] * away[:, 1] - sides[:, 1] * away[:, 0] >= 0).all())


if __name__ == "__main__":
    sys.exit(main())
