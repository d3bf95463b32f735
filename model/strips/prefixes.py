"""Line of writing -> whether its first mark may be a letter, as in D-80331: a D looks like a 0."""

import numpy as np

from model.strips.line import WRITTEN, Line

# In heights of a digit.
_LEAST_HEIGHT = 0.6
"""Of a stroke of digits and letters; a dash is lower."""
_HIGHEST, _WIDEST, _NARROWEST = 0.3, 1.0, 0.15
"""Of a dash."""
_FLAT = 1.3  # times its height: so much wider is a dash
_MIDDLE = (0.25, 0.8)  # of the first stroke's height: between these from its top stands a dash
_OVERLAP = 0.1  # heights of a digit: so far over its neighbours


def may_begin_with_letter(line: Line) -> bool:
    """Return whether a dash stands between the first and the second stroke of `line` that are as high as digits."""
    rows, columns = np.nonzero(line.source > WRITTEN)
    owners = line.strokes[rows, columns]
    n, height = int(line.strokes.max()) + 1, line.height / line.scale
    tops, lefts = np.full(n, len(line.source)), np.full(n, line.source.shape[1])
    bottoms, rights = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for edges, places, ufunc in ((tops, rows, np.minimum), (lefts, columns, np.minimum),
                                 (bottoms, rows + 1, np.maximum), (rights, columns + 1, np.maximum)):  # fmt: skip
        ufunc.at(edges, owners, places)
    heights, widths = bottoms - tops, rights - lefts
    tall = np.flatnonzero(heights >= _LEAST_HEIGHT * height)
    if len(tall) < 2:
        return False
    first, second = tall[np.argsort(lefts[tall] + rights[tall], kind="stable")[:2]]
    share = ((tops + bottoms) / 2 - tops[first]) / heights[first]
    room = _OVERLAP * height
    dashes = (heights > 0) & (heights <= _HIGHEST * height) & (widths >= _FLAT * heights)
    dashes &= (widths >= _NARROWEST * height) & (widths <= _WIDEST * height)
    dashes &= (share >= _MIDDLE[0]) & (share <= _MIDDLE[1])
    return bool((dashes & (lefts >= rights[first] - room) & (rights <= lefts[second] + room)).any())
