"""A line of writing -> pieces: cuts from top to bottom that cross as little ink as they can.

Source: Burges, Matan, LeCun, Denker, Jackel, Stenard, Nohl and Ben 1992, "Shortest path segmentation: a method for
training a neural network to recognize character strings".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.strips.line import Line

_BEND = np.float32(0.04)  # of full ink, the price of a step to the side: a cut runs straight where ink does not matter
_LENGTH = np.float32(0.001)  # the price of a row
_NEAREST = 0.1  # of a digit's height: two cuts nearer to each other are one
_DEAREST = 0.55  # of a digit's height: more ink than this no cut crosses between two digits
_MOST_CUTS = 120  # no code has more pieces


@dataclass(frozen=True)
class Pieces:
    """A line cut into pieces, from left to right.

    owners: (H, W) int16, the piece that each pixel belongs to. prices: (N + 1,) float32, the ink that each cut crosses
    as a share of a digit's height, the first and the last being the line's ends. middles: (N + 1,) float32, the column
    in which each cut crosses the line's middle.
    """

    owners: NDArray[np.int16]
    prices: NDArray[np.float32]
    middles: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.prices) - 1


def cut(line: Line) -> Pieces:
    """Return `line` cut wherever two digits might meet: too often rather than too seldom."""
    strength = line.strength
    n, width = strength.shape
    middle = int(np.clip(round(line.middle), 0, n - 1))
    from_top, from_bottom = _prices(strength[: middle + 1]), _prices(strength[: middle - 1 if middle else None : -1])
    through = from_top[-1] + from_bottom[-1] - strength[middle] - _LENGTH
    starts = _minima(through, _DEAREST * line.height, max(1, round(_NEAREST * line.height)))
    paths = np.empty((n, len(starts)), np.int64)
    paths[middle::-1] = _traced(from_top, starts)
    paths[middle:] = _traced(from_bottom, starts)
    # A cut's column belongs to the piece on its right; where two cuts run together, the piece between them is empty.
    steps = np.zeros((n, width + 1), np.int16)
    np.add.at(steps, (np.arange(n)[:, None], paths), 1)
    owners = np.cumsum(steps[:, :width], axis=1, dtype=np.int16)
    prices = np.concatenate([[0], through[starts] / line.height, [0]]).astype(np.float32)
    return Pieces(owners, prices, np.concatenate([[0], starts, [width]]).astype(np.float32))


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
