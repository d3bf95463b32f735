"""The level of the paper in even or smoothly changing light: a quadratic surface."""

import functools
import itertools

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Mask, share
from model.picture.quantiles import median

_Floats = NDArray[np.float32]

LEAST_CONTRAST = 8.0
"""Of 255: a weaker departure from the paper is compression, not ink."""
_LEAST_PAPER = 0.2  # of a picture: a thick 0 in a tight crop leaves more, and a frame around the picture is less
_BORDER = 6  # of the shorter side: a border this deep is mostly paper, even where a rule runs along it
NEAR = 0.3
"""Of the strongest departure: shading is below this, the inside of a stroke above."""


def fit_surface(samples: _Floats, inside: Mask | None = None) -> _Floats:
    """Return the paper's surface, (6, C) coefficients, from a grid of `samples` (h, w, C), some of which are ink.

    The surface is quadratic in x and y, for each colour, and is fitted to pixels found from the border's colour; with
    `inside` (h, w), only to those of a sheet, found from its usual colour.
    """
    height, width, channels = samples.shape
    (_, x, xx), (_, y, yy) = _powers(width).T, _powers(height).T[:, :, None]
    # A row for each power, and one for each colour, so that one product makes all sums of the least squares.
    rows = np.ones((6 + channels, height, width))
    for row, of_place in zip(rows[1:], (x, xx, y, x * y, yy, *np.moveaxis(samples, 2, 0)), strict=True):
        row[:] = of_place
    rows = rows.reshape(len(rows), -1)
    if inside is not None:
        rows = rows[:, inside.ravel()]
    basis, values = rows[:6], rows[6:]

    # Light varies little over a small crop, whose few pixels could bend the surface into the ink: slopes are penalised.
    stiffness = np.diag([0.0, 1, 1, 1, 1, 1]) * 0.001 * values.shape[1]
    near = _near(values - _usual(_border(samples).T if inside is None else values)[:, None])
    if share(near) < _LEAST_PAPER:
        near = _near(values - _usual(values)[:, None])  # a frame runs round the picture
    for _ in range(5):
        sums = (basis * near) @ rows.T
        paper = np.linalg.solve(sums[:, :6] + stiffness, sums[:, 6:])
        before, near = near, _near(values - paper.T @ basis)
        if np.array_equal(near, before):
            break  # the same pixels give the same surface
    return np.asarray(paper, dtype=np.float32)


def surface(coefficients: _Floats, height: int, width: int) -> _Floats:
    """Return the quadratic surface (height, width, ...) with `coefficients` (6, ...) of 1, x, x2, y, xy, y2."""
    one, x, xx, y, xy, yy = coefficients.reshape(6, -1)
    zero = np.zeros_like(one)
    by_powers = np.array([[one, y, yy], [x, xy, zero], [xx, zero, zero]], np.float32)  # of x, of y, colours
    along_rows = (_powers(width) @ by_powers.reshape(3, -1)).reshape(width, 3, -1)
    made = np.empty((height, width, len(one)), np.float32)
    down = _powers(height)
    for channel in range(len(one)):
        np.matmul(down, along_rows[:, :, channel].T, out=made[:, :, channel])
    return made.reshape(height, width, *coefficients.shape[1:])


def departures(deviations: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return each pixel's greatest departure in any of its colours: (n,) from (n, C)."""
    # Channel by channel: NumPy's reduction along such a short axis takes ten times as long.
    return functools.reduce(np.maximum, (np.abs(channel) for channel in deviations.T))


def strong_departures(deviations: NDArray[np.floating]) -> tuple[NDArray[np.floating], float]:
    """Return those of `deviations` (n, C) at least half as strong as the strongest, (m, C), and how strong that is.

    The strongest is the fourth one, so that no single pixel decides.
    """
    distances = departures(deviations)
    few = min(4, len(distances))
    strongest = float(np.partition(distances, -few)[-few])
    strong = np.flatnonzero(distances >= strongest / 2)
    return deviations.take(strong, axis=0), strongest  # several times as fast as with a mask


@functools.lru_cache(maxsize=64)  # each picture's sides are asked for several times
def _powers(n: int) -> _Floats:
    """Return 1, t and t squared (n, 3) at the centres of `n` pixels that span t from -1 to 1, not to be written to."""
    powers = np.ones((n, 3), np.float32)
    powers[:, 1] = (2 * np.arange(n) + 1) / n - 1
    powers[:, 2] = powers[:, 1] ** 2
    powers.flags.writeable = False
    return powers


def _usual(pixels: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the median of each colour (C,) of `pixels` (C, n)."""
    return np.array([median(channel) for channel in pixels])


def _border(samples: _Floats) -> _Floats:
    """Return the pixels (n, C) along the border of `samples` (h, w, C), towards its corners."""
    height, width, channels = samples.shape
    # Several rows deep, because a rule may run along the edge.
    deep = max(1, min(height, width) // _BORDER)
    # A thick digit that fills its crop touches each side in the middle: paper shows towards the corners.
    high, wide = max(1, height // 4), max(1, width // 4)
    corners = [*_corners(deep, wide), *_corners(high, deep)]
    return np.concatenate([samples[corner].reshape(-1, channels) for corner in corners])


def _corners(rows: int, columns: int) -> list[tuple[slice, slice]]:
    """Return where the four corners of a picture are, so many `rows` high and `columns` wide."""
    return list(itertools.product((slice(rows), slice(-rows, None)), (slice(columns), slice(-columns, None))))


def _near(deviations: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return which pixels depart little from the paper, compared with those that depart most: (n,) bool from (C, n)."""
    distances = departures(deviations.T)
    return np.asarray(distances <= max(NEAR * nearly_most(distances), LEAST_CONTRAST, distances.min()))  # one at least


def nearly_most(distances: NDArray[np.floating]) -> float:
    """Return what 1 % of `distances` (n,) exceed."""
    nearly_all = int(0.99 * (len(distances) - 1))
    return float(np.partition(distances, nearly_all)[nearly_all])
