"""Marks -> the direction in which they are written: lines of writing leave empty rows between them."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.envelopes.marks import Marks
from model.envelopes.piece import Piece

Angle = TypeVar("Angle", float, NDArray[np.float64])

_COARSE, _FINE = 2.0, 0.5  # degrees
_MOST_POINTS = 6_000  # pixels of ink that are looked at
_ASKEW = 6.0  # degrees: lines lie further from the direction of the piece's sides only on a label
_FREE = 0.5  # of the sharpness: how much it counts there
_CLEAR = 1.6  # times sharper than another direction: no doubt which of the two it is
_CLEAR_OF_TABLE = 6.0  # the same where a table may be in the picture, whose grain is sharper than any writing
_MOST = 3  # directions
_APART = 12.0  # degrees between two directions
_BIN = 2.0  # pixels of a row
_TALLEST = 0.12  # of the picture's longer side: larger marks are no writing


def directions_of(marks: Marks, piece: Piece) -> list[float]:
    """Return by how many degrees clockwise lines of writing may lie, 0 to 180, at most three directions.

    A row of pixels along a line of writing has much ink or none: the sum of squares of the ink of all rows is greatest
    in that direction. Lines seldom lie askew on a piece, so its sides are asked first.
    Source: Postl 1986, "Detection of linear oblique structures and skew scan in digitized documents".
    """
    x, y = _points(marks)
    coarse = np.arange(0, 180, _COARSE)
    sharp = _sharpness(x, y, coarse)
    if not piece.whole:
        sharp = np.where(angle_between(coarse, piece.degrees, 90) > _ASKEW, _FREE * sharp, sharp)
    found: list[float] = []
    left = sharp.copy()
    clear = _CLEAR_OF_TABLE if piece.whole else _CLEAR
    while len(found) < _MOST and left.max() * clear > sharp.max():
        best = coarse[left.argmax()]
        found.append(_refined(x, y, float(best)) % 180)
        left[angle_between(coarse, best, 180) <= _APART] = 0
    return found


def angle_between(one: Angle, other: float, turn: int) -> Angle:
    """Return how many degrees lie between directions that come back after `turn` degrees: 360, or 180 of lines."""
    return abs((one - other + turn / 2) % turn - turn / 2)


def _refined(x: NDArray[np.float32], y: NDArray[np.float32], about: float) -> float:
    fine = np.arange(about - _COARSE, about + _COARSE + _FINE, _FINE)
    return float(fine[_sharpness(x, y, fine).argmax()])


def _points(marks: Marks) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return x and y of some of the ink of writing, evenly thinned out."""
    boxes = marks.boxes(0.0)
    sizes = np.maximum(boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2])
    chosen = np.repeat(sizes < _TALLEST * max(marks.labels.shape), marks.areas)
    if not chosen.any():
        chosen[:] = True
    x, y = marks.x[chosen], marks.y[chosen]
    step = max(1, len(x) // _MOST_POINTS)
    return x[::step].astype(np.float32), y[::step].astype(np.float32)


def _sharpness(x: NDArray[np.float32], y: NDArray[np.float32], degrees: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return, for each of `degrees`, the sum of squares of the ink of all rows."""
    angles = np.radians(degrees)[:, None].astype(np.float32)
    rows = ((y * np.cos(angles) - x * np.sin(angles)) / _BIN).astype(np.int64)
    rows -= rows.min()
    n = int(rows.max()) + 1
    rows += np.arange(len(angles))[:, None] * n
    counts = np.bincount(rows.ravel(), minlength=n * len(angles)).reshape(len(angles), n)
    return np.asarray((counts.astype(np.float64) ** 2).sum(axis=1))
