"""Line of writing -> whether its first or last mark may be no digit, such as a D before a dash, or part of one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.strips.line import WRITTEN, Line

# In heights of a digit.
_HIGHEST, _WIDEST, _NARROWEST = 0.3, 1.0, 0.15
"""Of a dash."""
_FLAT = 1.3  # times its height: so much wider is a dash
_MIDDLE = (0.25, 0.8)  # of the height of the stroke before it: between these from its top stands a dash
_OVERLAP = 0.1  # heights of a digit: so far over its neighbours
# A bracket reads as a 1: times the highest digit, how far it reaches below all digits, and its width by its height.
_TALLER, _LOWER, _NARROW = 1.15, 0.15, 0.5
_RAISED = 0.2  # of the last digit's height: so far above its foot ends a degree sign
_SMALL, _LEAST = 0.6, 0.15  # heights of a digit, that a degree sign has at most and at least
_DOTTED = "17"  # what ! and ? read as
_DOT, _LEAST_DOT = 0.35, 0.03  # heights of a digit, that the dot of a question mark has at most and at least
_BELOW, _ASIDE, _FOOT = 0.45, 0.2, 0.1  # heights of a digit: how far it is below its stroke and beside its foot
_ROUND = 2.0  # times its lesser side: a longer mark is no dot
_PERCENT = 1.1  # heights of a digit: a percent sign reads as 96, and is no wider
_PARTS = (0.12, 0.4, 0.6, 0.88)  # of a stroke's height: its ends, its middle, and what is between
_BOW = 0.05  # of its height, that a round bracket's middle is beside its ends, at least
_EVEN = (0.5, 1.15)  # of that, what lies between its middle and its ends is beside them
_AT_SIDE = 1  # pixels: blur may hide the edge of what is cut
_FREE, _SHARE_FREE, _SHARE_COUNTED = 2, 0.04, 0.5  # pixels, and of a digit's height, above and below


def may_have_sign(line: Line, text: str, boxes: Sequence[tuple[int, int, int, int]]) -> bool:
    """Return whether a sign that looks like a digit may stand before or after the digits of `line`, read as `text`.

    boxes: the digits' (top, left, bottom, right).
    """
    strokes = line.stroke_boxes
    height = line.height / line.scale
    tall = line.tall_strokes
    tall = tall[np.argsort(strokes.lefts[tall] + strokes.rights[tall], kind="stable")]
    if _is_percent(text, boxes) or (text.endswith("0") and len(tall) and _raised_at_end(line, tall, height)):
        return True
    if len(tall) < 2:
        return False
    between = tall[1:-1] if len(tall) > 2 else tall  # of two marks, either is held against the other
    for digit, number, side in ((text[0], tall[0], -1), (text[-1], tall[-1], 1)):
        if digit == "1" and (_is_bracket(line, number, between[between != number]) or _is_bowed(line, number, side)):
            return True
        if digit in _DOTTED and _is_dotted(line, number, height):
            return True
    first, second, last = *tall[:2], tall[-1]
    if _dash_after(line, first, height, until=strokes.lefts[second]):
        return True
    return text.endswith("1") and _dash_after(line, last, height, until=line.source.shape[1])  # 75/- is 75, and no 751


def may_be_cut(boxes: Sequence[tuple[int, int, int, int]], shape: tuple[int, ...], *, counted: bool) -> bool:
    """Return whether a side of ink of this `shape` may cut the first or the last digit, or a neighbour of the number.

    boxes: the digits' (top, left, bottom, right). counted: whether there are as many as were asked for: then only much
    room above and below tells. A tight crop cuts none: it leaves as little free above and below.
    """
    tops, lefts, bottoms, rights = np.array(boxes).T
    beside = min(int(lefts.min()), shape[1] - int(rights.max()))
    over, under = int(tops.min()), shape[0] - int(bottoms.max())
    share = _SHARE_COUNTED if counted else _SHARE_FREE
    return beside <= _AT_SIDE and min(over, under) >= max(_FREE, share * float(np.median(bottoms - tops)))


def _dash_after(line: Line, number: np.int64, height: float, *, until: int) -> bool:
    """Return whether a dash stands after the stroke of this `number`, and before the column `until`."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    heights, widths = bottoms - tops, rights - lefts
    share = ((tops + bottoms) / 2 - tops[number]) / heights[number]
    room = _OVERLAP * height
    dashes = (heights > 0) & (heights <= _HIGHEST * height) & (widths >= _FLAT * heights)
    dashes &= (widths >= _NARROWEST * height) & (widths <= _WIDEST * height)
    dashes &= (share >= _MIDDLE[0]) & (share <= _MIDDLE[1])
    return bool((dashes & (lefts >= rights[number] - room) & (rights <= until + room)).any())


def _is_bracket(line: Line, number: np.int64, others: NDArray[np.int64]) -> bool:
    """Return whether the stroke of this `number` is narrow, and higher or lower than all `others`."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    height, highest = bottoms[number] - tops[number], (bottoms - tops)[others].max()
    above, below = tops[others].min() - tops[number], bottoms[number] - bottoms[others].max()
    higher = min(above, below) > 0 and height >= _TALLER * highest
    return bool((higher or below >= _LOWER * highest) and rights[number] - lefts[number] <= _NARROW * height)


def _is_dotted(line: Line, number: np.int64, height: float) -> bool:
    """Return whether a dot stands right below the foot of the stroke of this `number`, as in ! and ?."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    middles, high, wide = (lefts + rights) / 2, bottoms - tops, rights - lefts
    rows, columns = _pixels(line, number)
    foot = columns[rows >= bottoms[number] - max(1.0, _FOOT * height)].mean()
    longer, shorter = np.maximum(high, wide), np.minimum(high, wide)
    dots = (high >= _LEAST_DOT * height) & (longer <= _DOT * height) & (longer <= _ROUND * shorter)
    dots &= np.abs(middles - foot) <= _ASIDE * height
    return bool((dots & (tops >= bottoms[number]) & (tops <= bottoms[number] + _BELOW * height)).any())


def _is_bowed(line: Line, number: np.int64, side: int) -> bool:
    """Return whether the stroke of this `number` is bowed towards `side`: -1 for the left, as ( is, or 1, as ) is.

    A 1 with a hook strays from the line between its ends too, but most of all near its top.
    """
    rows, columns = _pixels(line, number)
    height = max(1, int(np.ptp(rows)))
    places = (rows - rows.min()) / height
    parts = np.digitize(places, _PARTS)
    if np.bincount(parts, minlength=len(_PARTS) + 1).min() == 0:
        return False
    across = np.array([columns[parts == part].mean() for part in range(len(_PARTS) + 1)])
    down = np.array([places[parts == part].mean() for part in range(len(_PARTS) + 1)])
    chord = across[0] + (across[-1] - across[0]) * (down - down[0]) / (down[-1] - down[0])
    upper, middle, lower = side * (across - chord)[1:-1] / height
    return bool(middle >= _BOW and min(upper, lower) >= _EVEN[0] * middle and max(upper, lower) <= _EVEN[1] * middle)


def _pixels(line: Line, number: np.int64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns of the written pixels of the stroke of this `number`, (N,) each."""
    rows, columns = np.nonzero((line.strokes == number) & (line.source > WRITTEN))
    return rows, columns


def _is_percent(text: str, boxes: Sequence[tuple[int, int, int, int]]) -> bool:
    """Return whether `text`, whose digits are in `boxes`, ends with a 96 that is no wider than a percent sign."""
    if not text.endswith("96"):
        return False
    tops, lefts, bottoms, rights = np.array(boxes).T
    return bool(rights[-2:].max() - lefts[-2:].min() <= _PERCENT * np.median(bottoms - tops))


def _raised_at_end(line: Line, tall: NDArray[np.int64], height: float) -> bool:
    """Return whether a single small mark stands after the last of the strokes `tall`, and above its foot."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    last, heights = tall[-1], bottoms - tops
    after = (lefts >= rights[last] - _OVERLAP * height) & (heights >= _LEAST * height)
    after &= heights <= _SMALL * height
    return bool(after.sum() == 1 and bottoms[after][0] <= bottoms[last] - _RAISED * (bottoms[last] - tops[last]))
