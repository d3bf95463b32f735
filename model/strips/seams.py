"""A line of writing -> pieces: cuts from top to bottom that cross as little ink as they can.

Source: Burges, Matan, LeCun, Denker, Jackel, Stenard, Nohl and Ben 1992, "Shortest path segmentation: a method for
training a neural network to recognize character strings".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.strips.line import Line

_BEND = np.float32(0.15)  # of full ink, the price of a step to the side: a cut runs straight where ink does not matter
_LENGTH = np.float32(0.001)  # the price of a row
_NEAREST = 0.05  # of a digit's height: two cuts nearer to each other are one
_APART = 0.2  # of a digit's height: two cuts that are nowhere further apart are one
_DEAREST = 0.8  # of a digit's height: more ink than this no cut crosses between two digits
_THROUGH = (0.0, -0.3, 0.3)  # heights of a digit from the line's middle: the rows in which cuts are sought
_MOST_CUTS = 120  # no code has more pieces


@dataclass(frozen=True)
class Pieces:
    """A line cut into pieces, from left to right.

    owners: (H, W) int16, the piece that each pixel belongs to. prices: (N + 1,) float32, the ink that each cut crosses
    as a share of a digit's height, the first and the last being the line's ends.
    """

    owners: NDArray[np.int16]
    prices: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.prices) - 1


def cut(line: Line) -> Pieces:
    """Return `line` cut wherever two digits might meet: too often rather than too seldom."""
    n, width = line.strength.shape
    from_top, from_bottom = _prices(line.strength), _prices(line.strength[::-1])[::-1]
    through = from_top + from_bottom - line.strength - _LENGTH
    middle = int(np.clip(round(line.middle), 0, n - 1))
    nearest, dearest = max(1, round(_NEAREST * line.height)), _DEAREST * line.height
    paths, prices = np.zeros((n, 0), np.int64), np.zeros(0, np.float32)
    for share in _THROUGH:
        row = int(np.clip(round(middle + share * line.height), 0, n - 1))
        starts = _minima(through[row], dearest, nearest)
        more = np.empty((n, len(starts)), np.int64)
        more[row::-1] = _traced(from_top[: row + 1], starts)
        more[row:] = _traced(from_bottom[: row - 1 if row else None : -1], starts)
        apart = (
            np.abs(more[:, :, None] - paths[:, None, :]).max(axis=0).min(axis=1, initial=width) > _APART * line.height
        )
        paths = np.concatenate([paths, more[:, apart]], axis=1)
        prices = np.concatenate([prices, through[row, starts[apart]]])
    cheapest = np.argsort(prices, kind="stable")[:_MOST_CUTS]
    order = cheapest[np.argsort(paths[:, cheapest].sum(axis=0), kind="stable")]
    # A cut's column belongs to the piece on its right. Where two cuts cross, each goes on as the other: row by row, the
    # first is the leftmost. Where they run together, the piece between them is empty.
    steps = np.zeros((n, width + 1), np.int16)
    np.add.at(steps, (np.arange(n)[:, None], paths[:, order]), 1)
    owners = np.cumsum(steps[:, :width], axis=1, dtype=np.int16)
    return Pieces(owners, np.concatenate([[0], prices[order] / line.height, [0]]).astype(np.float32))


def _prices(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the price (H, W) of the cheapest way from the first row to each pixel, itself included."""
    prices = strength + _LENGTH
    sides = np.full(strength.shape[1] + 2, np.inf, np.float32)
    for row in range(1, len(prices)):
        sides[1:-1] = prices[row - 1]
        cheapest = np.minimum(sides[:-2], sides[2:])
        cheapest += _BEND
        np.minimum(cheapest, sides[1:-1], out=cheapest)
        prices[row] += cheapest
    return prices


def _traced(prices: NDArray[np.float32], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the columns (H, N), from the last row to the first, of the cheapest ways to `ends` (N,) of that row."""
    n, width = prices.shape
    padded = np.full((n, width + 2), np.inf, np.float32)
    padded[:, 1:-1] = prices
    paths = np.empty((n, len(ends)), np.int64)
    paths[0] = columns = ends
    for step in range(1, n):
        above = padded[n - 1 - step]
        straight = above[columns + 1]
        left, right = above[columns] + _BEND, above[columns + 2] + _BEND
        columns = columns + np.where(left < np.minimum(straight, right), -1, np.where(right < straight, 1, 0))
        paths[step] = columns
    return paths


def _minima(through: NDArray[np.float32], dearest: float, nearest: int) -> NDArray[np.int64]:
    """Return the columns, ascending, where `through` is least within `nearest` columns and at most `dearest`.

    In a stretch of equal columns, such as the paper between two digits, it is the one in the middle.
    """
    padded = np.pad(through, nearest, constant_values=np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * nearest + 1)
    level = np.flatnonzero((through <= windows.min(axis=1) + _BEND) & (through <= dearest))
    if len(level) == 0:
        return level
    groups = np.split(level, np.flatnonzero(np.diff(level) > 1) + 1)
    middles = np.array([group[len(group) // 2] for group in groups])
    inner = middles[(middles > 0) & (middles < len(through) - 1)]
    cheapest = np.argsort(through[inner], kind="stable")[:_MOST_CUTS]
    return np.sort(inner[cheapest])
