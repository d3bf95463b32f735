"""Marks: the connected pieces of ink on a mail piece, with the places of their pixels."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.types import Array

_PIXEL = 1 / 12  # the variance of a pixel's width along each axis


@dataclass(frozen=True)
class Marks:
    """The marks of a piece, as pixels of a picture made smaller by `factor` from the corner (`left`, `top`).

    light: the whole picture in the light that shows them. grey: (H, W) float32, 0 to 255, dark ink on light paper.
    paper: (H, W) float32, its level. labels: (H, W) int32, 0 where there is no mark. x, y: (P,), all marks' pixels,
    mark by mark; starts: (N,), where each one's begin.
    """

    light: NDArray[Any]
    grey: NDArray[np.float32]
    paper: NDArray[np.float32]
    labels: NDArray[np.int32]
    x: NDArray[np.int64]
    y: NDArray[np.int64]
    starts: NDArray[np.int64]
    factor: int
    left: int
    top: int

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def areas(self) -> NDArray[np.int64]:
        """Pixels of each, (N,)."""
        return np.diff(self.starts, append=len(self.x))

    @cached_property
    def ink(self) -> NDArray[np.float64]:
        """By how much each one's pixels are darker than the paper, all together, (N,)."""
        away = self.paper[self.y, self.x] - self.grey[self.y, self.x]
        return np.add.reduceat(away.astype(np.float64), self.starts)

    @cached_property
    def elongations(self) -> NDArray[np.float64]:
        """How many times longer than wide each is, (N,): the root of the ratio of its variances along its axes."""
        x, y = self.x.astype(np.float64), self.y.astype(np.float64)
        mean_x, mean_y, xx, yy, xy = (
            np.add.reduceat(each, self.starts) / self.areas for each in (x, y, x * x, y * y, x * y)
        )
        xx, yy, xy = xx - mean_x**2 + _PIXEL, yy - mean_y**2 + _PIXEL, xy - mean_x * mean_y
        half, away = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
        return np.asarray(np.sqrt((half + away) / np.maximum(half - away, _PIXEL / 2)))

    def some(self, count: int) -> Array:
        """Return the middles (n, 2) of about `count` pixels of the marks, evenly thinned out."""
        step = -(-len(self.x) // count)
        return np.stack([self.x[::step], self.y[::step]], axis=1) + 0.5

    def boxes(self, degrees: float) -> Array:
        """Return the boxes (N, 4) u0, u1, v0, v1 of the marks in axes turned by `degrees` clockwise.

        u runs along a line of writing that lies by `degrees`, v from line to line.
        """
        angle = np.radians(degrees)
        u = self.x * np.cos(angle) + self.y * np.sin(angle)
        v = self.y * np.cos(angle) - self.x * np.sin(angle)
        half = 0.5 * (abs(np.cos(angle)) + abs(np.sin(angle)))
        low_u, high_u = np.minimum.reduceat(u, self.starts), np.maximum.reduceat(u, self.starts)
        low_v, high_v = np.minimum.reduceat(v, self.starts), np.maximum.reduceat(v, self.starts)
        return np.stack([low_u - half, high_u + half, low_v - half, high_v + half], axis=1)

    def grey_at(self, x: NDArray[np.float32], y: NDArray[np.float32], *, fine: bool = False) -> NDArray[np.float32]:
        """Return the grey at `x`, `y`, between pixels too; `fine` where the picture's own pixels are wanted."""
        if fine and self.factor > 1:
            return _between(self.light, x * self.factor + self.left, y * self.factor + self.top)
        return _between(self.grey, x, y)

    def paper_at(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the level of the paper at `x`, `y`."""
        return _nearest(self.paper, x, y)

    def labels_at(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return the number, from 1, of the mark at `x`, `y`, or close by: 0 for none."""
        return _nearest(self._grown, x, y)

    def to_picture(self, points: Array) -> Array:
        """Return `points` (n, 2), x and y of the marks, in pixels of the picture."""
        return np.asarray(points) * self.factor + [self.left, self.top]

    @cached_property
    def _grown(self) -> NDArray[np.int32]:
        """`labels` with each mark one pixel wider, as far as there is room."""
        grown = self.labels.copy()
        for axis in (0, 1):
            for shift in (1, -1):
                moved = np.roll(self.labels, shift, axis)
                np.copyto(grown, moved, where=grown == 0)
        return grown


def _between(pixels: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `pixels` (H, W) at places whose pixel (0, 0) has its middle at (0.5, 0.5); at the edge beyond it."""
    height, width = pixels.shape
    x, y = np.clip(x - 0.5, 0, width - 1.001), np.clip(y - 0.5, 0, height - 1.001)
    left, top = x.astype(np.int64), y.astype(np.int64)
    right, below = x - left, y - top
    upper = pixels[top, left] * (1 - right) + pixels[top, left + 1] * right
    lower = pixels[top + 1, left] * (1 - right) + pixels[top + 1, left + 1] * right
    return np.asarray(upper * (1 - below) + lower * below, np.float32)


def _nearest(pixels: NDArray[Any], x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[Any]:
    """Return the pixel of `pixels` (H, W) at each place; at the edge beyond it."""
    height, width = pixels.shape
    return pixels[np.clip(y.astype(np.int64), 0, height - 1), np.clip(x.astype(np.int64), 0, width - 1)]
