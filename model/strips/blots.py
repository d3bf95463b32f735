"""Line of writing -> whether a blot is among its digits: a hole, a sticker, a drop of ink."""

import numpy as np

from model.strips.line import WRITTEN, Line

_SIDE, _RUNS = 0.42, 2.2  # heights of a digit, and median runs of ink in a row: no pen fills a square of this side


def has_blot(line: Line) -> bool:
    """Return whether ink fills a square of `line` that no stroke of a pen fills: what is under it nobody can read.

    How broad the pen is, the runs of ink in all rows say: felt pens fill the loops of small digits.
    """
    inked = np.pad(line.source > WRITTEN, 1)
    ends = np.flatnonzero(np.diff(inked.reshape(-1)))  # of the runs, the first end and the last in turn
    run = float(np.median(ends[1::2] - ends[::2])) if len(ends) else 0.0
    side = max(2, round(max(_SIDE * line.height / line.scale, _RUNS * run)))
    if min(inked.shape) <= side:
        return False
    sums = np.cumsum(np.cumsum(inked, axis=0, dtype=np.int32), axis=1, dtype=np.int32)
    held = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return bool((held == side * side).any())
