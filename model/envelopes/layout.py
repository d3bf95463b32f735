"""Lines around a run of digits -> where it stands: below which lines, beside which words, where on the piece."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.envelopes.lines import Segment
from model.envelopes.piece import Piece
from model.types import Array

_BESIDE = 4.0  # heights: a word further away belongs to something else
_WORD = 1.4  # heights: shorter marks are no word
_SPACING = 3.2  # heights between the middles of neighbouring lines of a block, at most
_LEAST_SPACING = 0.7
_ALIKE = 2.2  # times: between the heights of a block's lines
_FEW, _LARGER = 2, 0.75  # marks of a line that may be none, and the share of writing that is smaller
_MOST = 4  # lines that are counted


@dataclass(frozen=True)
class Place:
    """Where a run of digits stands, as one reads it.

    above, below: how many lines of the same block. before, after: whether a word stands on its line to the left, to the
    right. x, y: of its middle, in shares of the piece as it is then upright. tall: its height over that of the larger
    writing on the piece. postage: how much more ink lies where the stamp should be than in the opposite corner, a log.
    """

    above: int
    below: int
    before: bool
    after: bool
    x: float
    y: float
    tall: float
    postage: float


@dataclass(frozen=True)
class Layout:
    """The pieces of lines of one direction. boxes: (S, 4), u0, u1, v0, v1. heights: (S,). counts: of marks, (S,)."""

    boxes: Array
    heights: Array
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> "Layout":
        return cls(
            np.array([each.box for each in segments]).reshape(-1, 4),
            np.array([each.height for each in segments]),
            np.array([len(each.members) for each in segments], np.int64),
        )

    @cached_property
    def tall(self) -> float:
        """The height of the larger writing: a quarter of what stands in lines of several marks is as high or higher."""
        heights = np.repeat(self.heights, np.where(self.counts > _FEW, self.counts, 0))
        return float(np.quantile(heights, _LARGER)) if len(heights) else 0.0

    def place(
        self, box: tuple[float, float, float, float], height: float, share: Array, postage: float, *, turned: bool
    ) -> Place:
        """Return where the run in `box`, u0, u1, v0, v1, stands, read upside down with `turned`.

        share: (2,), its middle in shares of the upright piece. postage: as in Place.
        """
        boxes = self.boxes
        if turned:
            boxes = -boxes[:, [1, 0, 3, 2]]
            box = (-box[1], -box[0], -box[3], -box[2])
        u0, u1, v0, v1 = box
        middles = boxes[:, 2:].mean(axis=1)
        middle = (v0 + v1) / 2
        alike = (self.heights < _ALIKE * height) & (self.heights * _ALIKE > height)
        words = alike & (boxes[:, 1] - boxes[:, 0] > _WORD * height)
        level = words & (np.abs(middles - middle) < 0.6 * height)
        # A piece of a line that holds the run may go on beside it.
        after = level & (boxes[:, 1] > u1 + _WORD * height) & (boxes[:, 0] < u1 + _BESIDE * height)
        before = level & (boxes[:, 0] < u0 - _WORD * height) & (boxes[:, 1] > u0 - _BESIDE * height)
        near = words & ~level & (boxes[:, 0] < u1 + 12 * height) & (boxes[:, 1] > u0 - 12 * height)
        away = (middles - middle)[near] / height
        return Place(
            _stacked(-away), _stacked(away), bool(before.any()), bool(after.any()),
            float(share[0]), float(share[1]), height / (self.tall or height), postage,
        )  # fmt: skip


def _stacked(away: NDArray[np.floating]) -> int:
    """Return how many lines follow each other, by how far their middles are `away`, in heights."""
    reached, count = 0.0, 0
    for distance in np.sort(away[away > _LEAST_SPACING]).tolist():
        if distance < reached + _LEAST_SPACING:
            continue
        if distance > reached + _SPACING or count == _MOST:
            break
        reached, count = distance, count + 1
    return count


def upright_share(piece: Piece, middle: Array, degrees: float) -> Array:
    """Return where `middle`, x and y in the picture, lies on the piece once writing at `degrees` is upright: (2,)."""
    return np.asarray(upright(piece.to_piece(middle[None]), quarter_of(piece, degrees))[0])


def quarter_of(piece: Piece, degrees: float) -> int:
    """Return how many quarter turns clockwise `piece` lies where writing on it lies by `degrees`: 0 to 3."""
    return round((degrees - piece.degrees) / 90) % 4


def upright(shares: Array, quarter: int) -> Array:
    """Return `shares` (N, 2) of a piece that lies by `quarter` turns clockwise as shares of it once it is upright."""
    x, y = shares.T
    across, down = ((x, y), (y, 1 - x), (1 - x, 1 - y), (1 - y, x))[quarter]
    return np.stack([across, down], axis=1)
