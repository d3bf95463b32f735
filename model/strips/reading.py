"""Ink of a strip -> its likeliest readings: the stages of this folder in their order, each one's result kept."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier, Images
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
    probabilities = classifier.probabilities(_images(line, pieces, units, looked_at))
    rows = dict(zip(looked_at, probabilities, strict=True))
    read = [np.stack([rows[unit] for unit in way.units]) for way in ways]
    readings = weighed_readings([(way.chance, each) for way, each in zip(ways, read, strict=True)], codes, top)
    text = readings[0][0]
    best = max(
        (way for way in ways if len(way.units) == len(text)),
        key=lambda way: way.chance * np.prod([rows[u][int(d)] for u, d in zip(way.units, text, strict=True)]),
    )
    digits = tuple(
        ReadDigit(int(digit), _box(line, pieces, units, unit), rows[unit], float(evidence.digits[unit]))
        for digit, unit in zip(text, best.units, strict=True)
    )
    return StripReading(readings, digits, line, pieces, units, evidence, ways)


def _mine(pieces: Pieces, units: Units, unit: int) -> NDArray[np.bool_]:
    """Return which pixels of the line, (H, W), belong to `unit`."""
    mine: NDArray[np.bool_] = (pieces.owners >= units.firsts[unit]) & (pieces.owners < units.ends[unit])
    return mine


def _images(line: Line, pieces: Pieces, units: Units, looked_at: list[int]) -> Images:
    """Return the units `looked_at` as the classifier is shown digits, (N, 28, 28)."""
    images = [
        to_mnist_geometry(np.where(_mine(pieces, units, unit), line.strength, np.float32(0))) for unit in looked_at
    ]
    return np.stack(images)


def _box(line: Line, pieces: Pieces, units: Units, unit: int) -> tuple[int, int, int, int]:
    """Return the box of the unit's ink in the ink map: top, left, bottom, right, the last two exclusive."""
    mine = _mine(pieces, units, unit) & (line.strength > 0.15)
    rows, columns = (at[mine] for at in line.places())
    half = 0.5 / line.scale
    return (
        round(float(rows.min()) + 0.5 - half),
        round(float(columns.min()) + 0.5 - half),
        max(round(float(rows.max()) + 0.5 + half), round(float(rows.min()) + 0.5 - half) + 1),
        max(round(float(columns.max()) + 0.5 + half), round(float(columns.min()) + 0.5 - half) + 1),
    )
