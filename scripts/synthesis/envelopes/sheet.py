"""The piece while it is made: paper that ink, labels and stamps are put on, whichever way they lie."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthesis.envelopes.line import Layer, Points

Pixels = NDArray[np.uint8]
Colour = NDArray[np.float32]


class Sheet:
    """A piece of paper, `pixels` (H, W, 3) uint8."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def ink(
        self, ink: Layer, at: tuple[float, float], colour: Colour, strength: float = 0.9, degrees: float = 0.0
    ) -> Points:
        """Put `ink` (h, w) with its upper left corner at x, y, then turned clockwise about that corner.

        Returns the matrix (2, 3) that takes points of `ink` to points of the sheet.
        """
        turned, matrix, (left, top) = _turned(ink, at, degrees)
        x, y = max(0, left), max(0, top)
        part = self.pixels[y : max(y, top + turned.shape[0]), x : max(x, left + turned.shape[1])]
        cover = strength * turned[y - top :, x - left :][: part.shape[0], : part.shape[1], None]
        page = part.astype(np.float32)
        part[:] = np.clip(page + cover * (np.minimum(colour, page) - page), 0, 255)
        return matrix

    def picture(
        self, picture: Pixels, at: tuple[float, float], degrees: float = 0.0, cover: Layer | None = None
    ) -> Points:
        """Put a label or a stamp (h, w, 3) with its upper left corner at x, y, then turned about that corner.

        cover: (h, w), where it hides the paper; everywhere when left out. Returns the matrix (2, 3) as `ink` does.
        """
        mask = np.ones(picture.shape[:2], np.float32) if cover is None else cover
        turned, matrix, (left, top) = _turned(mask, at, degrees)
        colours = [_turned(np.asarray(picture[:, :, i] * mask, np.float32), at, degrees)[0] for i in range(3)]
        x, y = max(0, left), max(0, top)
        part = self.pixels[y : max(y, top + turned.shape[0]), x : max(x, left + turned.shape[1])]
        rows, columns = slice(y - top, y - top + part.shape[0]), slice(x - left, x - left + part.shape[1])
        above = np.stack([each[rows, columns] for each in colours], axis=2)
        part[:] = np.clip(part * (1 - turned[rows, columns, None]) + above, 0, 255)
        return matrix


def _turned(ink: Layer, at: tuple[float, float], degrees: float) -> tuple[Layer, Points, tuple[int, int]]:
    """Return `ink` turned clockwise, the matrix from its pixels to the sheet, and where its upper left corner lies."""
    height, width = ink.shape
    if not degrees:
        left, top = round(at[0]), round(at[1])
        return ink, np.array([[1, 0, left], [0, 1, top]], np.float64), (left, top)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) @ turn.T
    low = np.floor(corners.min(axis=0))
    size = np.ceil(corners.max(axis=0) - low).astype(int) + 1
    left, top = round(at[0] + low[0]), round(at[1] + low[1])
    back = turn.T
    offset = back @ low
    turned = Image.fromarray(ink).transform(
        (int(size[0]), int(size[1])),
        Image.Transform.AFFINE,
        (back[0, 0], back[0, 1], offset[0], back[1, 0], back[1, 1], offset[1]),
        Image.Resampling.BILINEAR,
    )
    matrix = np.column_stack([turn, np.array([left, top]) - low])
    return np.asarray(turned, np.float32), matrix, (left, top)


def moved(points: Points, matrix: Points) -> Points:
    """Return `points` (N, 2) taken through `matrix` (2, 3), or through a homography (3, 3)."""
    full = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(full if matrix.shape[0] == 2 else full[:, :2] / full[:, 2:], np.float64)
