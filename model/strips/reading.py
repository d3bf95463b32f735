"""Ink of a strip -> its likeliest readings: the stages of this folder in their order, each one's result kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier, judged
from model.components import Piece, connected_components
from model.geometry import to_mnist_geometry
from model.ink import InkMap
from model.strips.candidates import weighed_readings
from model.strips.lattice import Segmentation, segmentations
from model.strips.line import Line, find_line
from model.strips.rules import without_rules
from model.strips.scorer import Evidence, Scorer
from model.strips.seams import Pieces, cut
from model.strips.units import Units, units_of

_WAYS = 8  # to divide a line, that digits are read for
_WRITTEN = 0.08  # of the pen's full strength: above what shading and blur leave beside a stroke
_LEAST_PART = 0.04  # of a unit's ink: a smaller part is a neighbour's end or a dot
_LEAST_CHANCE = 0.002  # of a way: its digits cost more time than they tell


@dataclass(frozen=True)
class ReadDigit:
    """One digit of the best reading: its box (top, left, bottom, right) in the ink map, and the chances of the ten.

    evidence: the logarithm of how much likelier its ink is one whole digit than anything else.
    """

    digit: int
    box: tuple[int, int, int, int]
    probabilities: NDArray[np.float32]
    evidence: float


@dataclass(frozen=True)
class StripReading:
    """The likeliest strings with their chances, best first, and the digits of the best; with what led there."""

    readings: list[tuple[str, float]]
    digits: tuple[ReadDigit, ...]
    line: Line
    pieces: Pieces
    units: Units
    evidence: Evidence
    ways: list[Segmentation]


def read_strip(
    strength: InkMap,
    classifier: Classifier,
    scorer: Scorer,
    *,
    lengths: Collection[int] | None,
    codes: NDArray[np.uint8] | None,
    top: int,
) -> StripReading | None:
    """Return what the strip with ink `strength` (H, W) says; None where there is no ink.

    lengths: the counts of digits that are expected, and codes: the codes in use, (N, digits) uint8; None where unknown.
    """
    line = find_line(without_rules(strength))
    if line is None:
        return None
    pieces = cut(line)
    units = units_of(line, pieces)
    if len(units) == 0:
        return None
    evidence = scorer.evidence(units.features)
    found = segmentations(units, evidence, len(pieces), lengths, _WAYS)
    ways = [way for way in found if way.chance >= _LEAST_CHANCE]
    looked_at = sorted({unit for way in ways for unit in way.units})
    cutter = _Cutter(line, pieces, units)
    cut_out = {unit: cutter.piece(unit) for unit in looked_at}
    images = np.stack([to_mnist_geometry(each.ink) for each in cut_out.values()])
    probabilities, digit_chances = judged(classifier, images)
    rows = dict(zip(looked_at, probabilities, strict=True))
    ways = _reweighed(ways, dict(zip(looked_at, digit_chances, strict=True)))
    read = [(way.chance, np.stack([rows[unit] for unit in way.units])) for way in ways]
    readings = weighed_readings(read, codes, top)
    text = readings[0][0]
    best = max(
        (way for way in ways if len(way.units) == len(text)),
        key=lambda way: way.chance * np.prod([rows[u][int(d)] for u, d in zip(way.units, text, strict=True)]),
    )
    digits = tuple(
        ReadDigit(int(digit), _box(cut_out[unit]), rows[unit], float(evidence.digits[unit]))
        for digit, unit in zip(text, best.units, strict=True)
    )
    return StripReading(readings, digits, line, pieces, units, evidence, ways)


def _reweighed(ways: Sequence[Segmentation], sure: dict[int, float]) -> list[Segmentation]:
    """Return `ways`, best first, their chances multiplied by those that their units are digits."""
    chances = np.array([way.chance * np.prod([float(sure[unit]) for unit in way.units]) for way in ways])
    chances = chances / max(float(chances.sum()), 1e-300)
    return [Segmentation(ways[k].units, float(chances[k])) for k in np.argsort(-chances, kind="stable")]


class _Cutter:
    """Cuts units out of the ink map as it was, neither sheared nor scaled: that is how the classifier knows digits."""

    def __init__(self, line: Line, pieces: Pieces, units: Units) -> None:
        self._line, self._units = line, units
        self._owners = line.on_source(pieces.owners)
        self._components = connected_components(line.source > _WRITTEN)

    def piece(self, unit: int) -> Piece:
        """Return the ink of `unit` without its neighbours' ends, dots and faint edges."""
        mine = (self._owners >= self._units.firsts[unit]) & (self._owners < self._units.ends[unit])
        columns = np.flatnonzero(mine.any(axis=0))
        if len(columns) == 0:
            return Piece(self._line.top, self._line.left, np.zeros((1, 1), np.float32))
        left, right = int(columns[0]), int(columns[-1]) + 1
        source, labels = self._line.source[:, left:right], self._components.labels[:, left:right]
        mine = mine[:, left:right]
        held = np.bincount(labels[mine], weights=source[mine], minlength=len(self._components) + 1)
        held[0] = 0
        kept = held >= _LEAST_PART * held.sum()
        kept[0] = False
        return Piece(self._line.top, self._line.left + left, np.where(mine & kept[labels], source, np.float32(0)))


def _box(piece: Piece) -> tuple[int, int, int, int]:
    """Return the box of the piece's ink in the ink map: top, left, bottom, right, the last two exclusive."""
    rows, columns = np.flatnonzero(piece.ink.any(axis=1)), np.flatnonzero(piece.ink.any(axis=0))
    if len(rows) == 0:
        return piece.top, piece.left, piece.top + 1, piece.left + 1
    return (
        piece.top + int(rows[0]),
        piece.left + int(columns[0]),
        piece.top + int(rows[-1]) + 1,
        piece.left + int(columns[-1]) + 1,
    )
