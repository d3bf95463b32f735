"""Line of writing -> whether its first or last mark may be no digit, such as a D before a dash, or part of one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.strips.line import Line

# In heights of a digit.
_LEAST_HEIGHT = 0.6
"""Of a stroke of digits and letters; a dash is lower."""
_HIGHEST, _WIDEST, _NARROWEST = 0.3, 1.0, 0.15
"""Of a dash."""
_FLAT = 1.3  # times its height: so much wider is a dash
_MIDDLE = (0.25, 0.8)  # of the first stroke's height: between these from its top stands a dash
_OVERLAP = 0.1  # heights of a digit: so far over its neighbours
# A bracket reads as a 1: times the highest digit, how far it reaches below all digits, and its width by its height.
_TALLER, _LOWER, _NARROW = 1.15, 0.15, 0.5
_RAISED = 0.2  # of the last digit's height: so far above its foot ends a degree sign
_SMALL, _LEAST = 0.6, 0.15  # heights of a digit, that a degree sign has at most and at least
_AT_SIDE = 1  # pixels: blur may hide the edge of what is cut
_FREE, _SHARE_FREE = 2, 0.04  # pixels, and of a digit's height, above and below


def may_have_sign(line: Line, text: str) -> bool:
    """Return whether a sign that looks like a digit may stand before or after the digits of `line`, read as `text`."""
    strokes = line.stroke_boxes
    height = line.height / line.scale
    tall = np.flatnonzero(strokes.bottoms - strokes.tops >= _LEAST_HEIGHT * height)
    tall = tall[np.argsort(strokes.lefts[tall] + strokes.rights[tall], kind="stable")]
    if text.endswith("0") and len(tall) and _raised_at_end(line, tall, height):
        return True
    if len(tall) < 2:
        return False
    opened = text.startswith("1") and _is_bracket(line, tall[0], tall[1:])
    closed = text.endswith("1") and _is_bracket(line, tall[-1], tall[:-1])
    return opened or closed or _dash_after_first(line, tall, height)


def may_be_cut(boxes: Sequence[tuple[int, int, int, int]], shape: tuple[int, ...]) -> bool:
    """Return whether a side of ink of this `shape` may cut the first or the last digit, or a neighbour of the number.

    boxes: the digits' (top, left, bottom, right). A tight crop cuts none: it leaves as little free above and below.
    """
    tops, lefts, bottoms, rights = np.array(boxes).T
    beside = min(int(lefts.min()), shape[1] - int(rights.max()))
    over, under = int(tops.min()), shape[0] - int(bottoms.max())
    return beside <= _AT_SIDE and min(over, under) >= max(_FREE, _SHARE_FREE * float(np.median(bottoms - tops)))


def _dash_after_first(line: Line, tall: NDArray[np.int64], height: float) -> bool:
    """Return whether a dash stands between the first and the second of the strokes `tall`, which are in order."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    heights, widths = bottoms - tops, rights - lefts
    first, second = tall[:2]
    share = ((tops + bottoms) / 2 - tops[first]) / heights[first]
    room = _OVERLAP * height
    dashes = (heights > 0) & (heights <= _HIGHEST * height) & (widths >= _FLAT * heights)
    dashes &= (widths >= _NARROWEST * height) & (widths <= _WIDEST * height)
    dashes &= (share >= _MIDDLE[0]) & (share <= _MIDDLE[1])
    return bool((dashes & (lefts >= rights[first] - room) & (rights <= lefts[second] + room)).any())


def _is_bracket(line: Line, number: np.int64, others: NDArray[np.int64]) -> bool:
    """Return whether the stroke of this `number` is narrow, and higher or lower than all `others`."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    height, highest = bottoms[number] - tops[number], (bottoms - tops)[others].max()
    above, below = tops[others].min() - tops[number], bottoms[number] - bottoms[others].max()
    higher = min(above, below) > 0 and height >= _TALLER * highest
    return bool((higher or below >= _LOWER * highest) and rights[number] - lefts[number] <= _NARROW * height)


def _raised_at_end(line: Line, tall: NDArray[np.int64], height: float) -> bool:
    """Return whether a single small mark stands after the last of the strokes `tall`, and above its foot."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    last, heights = tall[-1], bottoms - tops
    after = (lefts >= rights[last] - _OVERLAP * height) & (heights >= _LEAST * height)
    after &= heights <= _SMALL * height
    return bool(after.sum() == 1 and bottoms[after][0] <= bottoms[last] - _RAISED * (bottoms[last] - tops[last]))
