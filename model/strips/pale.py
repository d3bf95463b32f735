"""Line of writing -> whether a digit among its others is so pale that it may have been left out."""

import numpy as np
from numpy.typing import NDArray

from model.strips.line import Line

_PALE = 0.75  # of the other strokes' strength: one pen writes no paler
# A form's lines are pale too. In heights of the other strokes, a digit is about as high, on their level, and wider.
_HEIGHTS, _OFF_LEVEL, _NARROWEST = (0.75, 1.1), 0.25, 0.05


def may_lack_pale_digit(line: Line, text: str) -> bool:
    """Return whether more strokes stand side by side in `line` than `text` has digits, one of them a pale digit."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    heights, levels = bottoms - tops, (tops + bottoms) / 2
    tall = line.tall_strokes
    if len(tall) <= len(text):
        return False
    strengths = np.zeros(len(tops))
    np.maximum.at(strengths, line.strokes.ravel(), line.source.ravel())
    is_pale = strengths[tall] < _PALE * np.median(strengths[tall])
    dark, pale = tall[~is_pale], tall[is_pale]
    height, level = np.median(heights[dark]), np.median(levels[dark])
    alike = (heights[pale] >= _HEIGHTS[0] * height) & (heights[pale] <= _HEIGHTS[1] * height)
    alike &= (np.abs(levels[pale] - level) <= _OFF_LEVEL * height) & ((rights - lefts)[pale] >= _NARROWEST * height)
    digits = np.concatenate([dark, pale[alike]])
    apart = _apart(lefts[digits], rights[digits])
    return bool(apart.sum() > len(text) and apart[len(dark) :].any())


def _apart(lefts: NDArray[np.int64], rights: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the strokes with these sides, (N,), have their middle over no other stroke."""
    middles = (lefts + rights)[:, None] / 2
    over = (lefts < middles) & (middles < rights)  # each over itself
    return np.asarray(over.sum(axis=1) <= 1)
