"""Digits of a line -> the tight rectangle round them, tilted as the line is."""

from collections.abc import Sequence

import numpy as np

from model.strips.line import WRITTEN, Line
from model.types import Array


def corners_of(line: Line, boxes: Sequence[tuple[int, int, int, int]]) -> Array:
    """Return the corners, (4, 2) float64, x and y in the ink map, of the rectangle round the ink in `boxes`.

    They go clockwise from the upper left of the first digit. boxes: of the line's digits: top, left, bottom, right.
    """
    rows, columns = np.nonzero(line.within(boxes) & (line.source > WRITTEN))
    if len(rows) == 0:  # nothing but faint ink: then it is the whole line's
        rows, columns = np.nonzero(line.source)
    shifts = line.column_shifts
    angle = np.arctan2(int(shifts[0]) - int(shifts[-1]), max(1, len(shifts) - 1))
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    middles = np.stack([columns + line.left, rows + line.top], axis=1) + 0.5
    half = np.abs(along).sum() / 2  # of a pixel, seen along the line or across it
    lengths, heights = middles @ along, middles @ across
    ends = [
        (start, level)
        for level, starts in (
            (heights.min() - half, (lengths.min() - half, lengths.max() + half)),
            (heights.max() + half, (lengths.max() + half, lengths.min() - half)),
        )
        for start in starts
    ]
    return np.asarray(np.array(ends) @ np.stack([along, across]))
