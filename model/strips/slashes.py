"""Line of writing -> its strokes that may be slashes between digits, as in dates: the network takes them for 1s."""

import math

import numpy as np
from numpy.typing import NDArray

from model.strips.line import WRITTEN, Line, find_line, slant_of

_THIN = 0.2  # deviation across a stroke by that along it: bent strokes and digits have more
_FLATTEST = 3.0  # columns a row: a stroke that lies flatter is a dash
# Slashes lean more than the writing (columns a row), and end above and below the digits beside them (of their height).
# Weights from a logistic regression of drawn slashes against straight 1s of cheques, photos and registers.
_LEAN, _BEYOND = 7.0, 30.0
_MIDDLE, _SURENESS = 1.6, 4.0  # where slashes and 1s are as likely, and how fast that changes
_LEAST_CHANCE = 0.005  # of a slash: less is not worth a second look
_MOST_SLASHES = 3
_MOST_STROKES = 24  # as high as digits: in a longer line no slashes are sought, so that time is bounded
_POINTS = 4_000  # ink pixels that the slant is estimated from

Slashes = list[tuple[int, float]]
"""Strokes, by their number in the line, and the chance that each is a slash; the likeliest first."""


def likely_slashes(line: Line) -> Slashes:
    """Return the strokes of `line` that may be slashes: straight, by themselves, and with digits on either side."""
    rows, columns = np.nonzero(line.source > WRITTEN)
    owners = line.strokes[rows, columns]
    tops, bottoms, _, _ = line.stroke_boxes
    n = len(tops)
    middles = np.zeros(n)
    np.add.at(middles, owners, columns)
    middles /= np.maximum(1, np.bincount(owners, minlength=n))
    tall = line.tall_strokes
    found: Slashes = []
    if len(tall) > _MOST_STROKES:
        return found
    for number in tall:
        before, after = tall[middles[tall] < middles[number]], tall[middles[tall] > middles[number]]
        if len(before) == 0 or len(after) == 0:
            continue
        lean = _lean(rows[owners == number], columns[owners == number])
        if lean is None:
            continue
        beside = [before[middles[before].argmax()], after[middles[after].argmin()]]
        top, bottom = tops[beside].mean(), bottoms[beside].mean()
        beyond = min(top - tops[number], bottoms[number] - bottom) / (bottom - top)
        step = -(-len(rows) // _POINTS)
        others = np.flatnonzero(owners != number)[::step]
        score = _LEAN * (lean - slant_of(rows[others], columns[others])) + _BEYOND * beyond
        found.append((int(number), (1 + math.tanh(_SURENESS * (score - _MIDDLE) / 2)) / 2))
    found = [(number, chance) for number, chance in found if chance >= _LEAST_CHANCE]
    return sorted(found, key=lambda each: -each[1])[:_MOST_SLASHES]


def without_strokes(line: Line, numbers: list[int]) -> Line | None:
    """Return `line` found anew without the strokes of these `numbers`; None where nothing else is written."""
    found = find_line(np.where(np.isin(line.strokes, numbers), np.float32(0), line.source))
    return None if found is None else found.moved(line.top, line.left)


def _lean(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float | None:
    """Return how many columns a row the straight stroke through these pixels leans to the right; None if it is bent."""
    if len(rows) < 2:
        return None
    spreads, axes = np.linalg.eigh(np.cov(np.stack([rows, columns])))
    along = axes[:, 1]
    if spreads[1] <= 0 or max(spreads[0], 1 / 12) > _THIN**2 * spreads[1] or abs(along[1]) > _FLATTEST * abs(along[0]):
        return None
    return float(-along[1] / along[0])
