"""Line -> whether it is two: digits about as high, one row above the other."""

import numpy as np
from numpy.typing import NDArray

from model.strips.band import band_of
from model.strips.decoding import likeliest_strings
from model.strips.line import WRITTEN, Line, find_line
from model.strips.sliding import SlidingNetwork

_MOST_BEYOND = 0.3  # of the ink: where more lies above or below the digits, more is written there
_LEAST_HEIGHT = 0.45  # of the line's digits: lower strokes are dots, dashes and bars of digits
_APART = 0.6  # of the line's height, at least, between the middles of two rows' strokes: their digits may reach as low
_MOST_UNLIKE = 2.0  # times: between the heights of two lines that one hand wrote
_TALL = 1.5  # heights of a digit: two lines are higher than this
_FEWEST = 2  # digits of a line
_SEVERAL = 0.5  # the chance of several digits from which on a row counts as a line of them

Flags = NDArray[np.bool_]


def holds_two(line: Line, network: SlidingNetwork) -> bool:
    """Return whether `line` holds two lines of digits, or a line of digits and as good as another of something else.

    What lies far above or below the digits shows that, or where its strokes lie and what `network` reads there.
    """
    if line.beyond > _MOST_BEYOND:
        return True
    if len(line.strength) < _TALL * line.height:
        return False
    rows = _rows(line)
    return rows is not None and all(_reads(line, chosen, network) for chosen in rows)


def _rows(line: Line) -> tuple[Flags, Flags] | None:
    """Return which strokes, (N,), lie in the upper and which in the lower of two rows; None where there is one row."""
    n = int(line.strokes.max()) + 1
    y, x = np.nonzero(line.source > WRITTEN)
    owners = line.strokes[y, x]
    shifts = line.column_shifts[np.minimum((x * line.scale).astype(np.int64), len(line.column_shifts) - 1)]
    level = y * line.scale + shifts
    tops, bottoms = np.full(n, float(len(line.strength))), np.zeros(n)
    np.minimum.at(tops, owners, level)
    np.maximum.at(bottoms, owners, level + line.scale)
    tops[0], bottoms[0] = 0, 0  # what is no stroke
    tall = np.flatnonzero(bottoms - tops >= _LEAST_HEIGHT * line.height)
    if len(tall) < 2:
        return None
    middles = (tops + bottoms) / 2
    order = tall[np.argsort(middles[tall], kind="stable")]
    steps = np.diff(middles[order])
    split = int(steps.argmax())
    rows = order[: split + 1], order[split + 1 :]
    if steps[split] < _APART * line.height:
        return None
    heights = [float(np.median(bottoms[row] - tops[row])) for row in rows]
    if max(heights) > _MOST_UNLIKE * min(heights):
        return None
    above = middles < middles[order][split : split + 2].mean()
    return above & (np.arange(n) > 0), ~above


def _reads(line: Line, chosen: Flags, network: SlidingNetwork) -> bool:
    """Return whether the strokes `chosen` of `line` read as several digits."""
    found = find_line(np.where(chosen[line.strokes], line.source, np.float32(0)))
    if found is None:
        return False
    strings = likeliest_strings(network.log_chances(band_of(found)))
    return sum(chance for text, chance in strings.items() if len(text) >= _FEWEST) > _SEVERAL
