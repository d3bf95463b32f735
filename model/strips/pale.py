"""Line of writing -> whether a stroke as high as its digits is so pale that it may have been left out."""

import numpy as np

from model.strips.line import Line

_HEIGHTS = (0.6, 1.25)  # of a digit's: lower strokes are parts of digits, dots and dashes; higher ones sides of boxes
_PALE = 0.75  # of the other strokes' strength: one pen writes no paler


def may_lack_pale_digit(line: Line, text: str) -> bool:
    """Return whether more strokes as high as digits stand side by side in `line` than `text` has, one of them pale."""
    tops, bottoms, lefts, rights = line.stroke_boxes
    heights = (bottoms - tops) * line.scale / line.height
    tall = np.flatnonzero((heights >= _HEIGHTS[0]) & (heights <= _HEIGHTS[1]))
    if len(tall) <= len(text):
        return False
    strengths = np.zeros(len(tops))
    np.maximum.at(strengths, line.strokes.ravel(), line.source.ravel())
    pale = tall[strengths[tall] < _PALE * np.median(strengths[tall])]
    middles = (lefts + rights) / 2
    inside = (lefts[tall] < middles[tall, None]) & (middles[tall, None] < rights[tall]) & (tall[:, None] != tall)
    apart = tall[~inside.any(axis=1)]
    return len(apart) > len(text) and bool(np.isin(pale, apart).any())
