"""Ink of a strip -> its likeliest readings: the stages of this folder in order, with each stage's result kept."""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.classifiers.classifier import Classifier
from model.confidence.evidence import Evidence
from model.strips.apart import Apart, digits_apart
from model.strips.band import MARGIN, band_of
from model.strips.candidates import merged, second_opinion, weighed
from model.strips.decoding import frames_of
from model.strips.evidence import evidence_of
from model.strips.glance import Glance, Look, look_at
from model.strips.line import WRITTEN, Line
from model.strips.pale import may_lack_pale_digit
from model.strips.slashes import likely_slashes, without_strokes
from model.strips.sliding import BLANK, STRIDE, SlidingNetwork
from model.types import SIDE, Image

_CERTAIN = 0.999  # a reading's chance: where none is this likely, all networks look at the line, at other sizes too
# Of the digits' height, which is only an estimate. Without a count, smaller ones lead to more that is only half seen.
_OTHER_SIZES, _SIZES_UNCOUNTED = (0.85, 1.3), (1.3,)
_LONG = 30  # heights of a digit: no number is this long; a longer line is looked at only once, so that time is bounded
_REACH = 0.75  # heights of a digit: no digit's ink lies further from its middle


@dataclass(frozen=True)
class ReadDigit:
    """One digit of the best reading: its box (top, left, bottom, right) in the ink map, and the chances of the ten."""

    digit: int
    box: tuple[int, int, int, int]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True)
class StripReading:
    """The likeliest strings with their chances, best first, the digits of the best one, and what led to them.

    nothing: the chance that the strip holds no digit. look: the one that finds the best string likeliest. bounds: the
    columns of the line between which each digit's ink lies. evidence: what tells whether the best string is right; its
    height is in pixels of the ink map. apart: the digits that stand apart at the first look.
    """

    readings: list[tuple[str, float]]
    nothing: float
    digits: tuple[ReadDigit, ...]
    line: Line
    look: Look
    bounds: NDArray[np.int64]
    evidence: Evidence
    apart: tuple[Apart, ...]

    @property
    def images(self) -> tuple[Image | None, ...]:
        """For each of `digits`, the image that the classifier was asked about; None where it does not stand apart."""
        return tuple(
            next((each.image for each in self.apart if each.is_between(start, end)), None)
            for start, end in self.bounds.tolist()
        )

    @property
    def several(self) -> float:
        """The chance that the strip holds more than one digit."""
        return sum(chance for text, chance in self.readings if len(text) > 1)


def read_strip(
    glance: Glance,
    networks: Sequence[SlidingNetwork],
    classifier: Classifier,
    *,
    lengths: Collection[int] | None,
    codes: Sequence[str] | None,
) -> StripReading:
    """Return the reading of the strip, of which `glance` is the first look, taken by `networks[0]`.

    networks: slide over the line: the first always, all of them where it is in doubt. classifier: reads digits that
    stand apart, for a second opinion. lengths: the expected counts of digits. codes: those in use, in ascending order.
    Both are None where unknown.
    A slash looks like a 1: unless the count fits, strokes that may be slashes are left out in turn, and all ways to see
    the strip are weighed. Without a count, what may lack a pale digit is not sure.
    """
    strip = _read(glance, networks, classifier, lengths, codes)
    if glance.line.squeezed:  # it was looked at, so that the answer says where digits are, but nothing is sure
        readings = [(text, 0.0) for text, _ in strip.readings]
        return replace(strip, readings=readings, evidence=replace(strip.evidence, chance=0.0))
    if glance.doubtful or (lengths is None and may_lack_pale_digit(glance.line, strip.readings[0][0])):
        return replace(strip, evidence=replace(strip.evidence, chance=0.0))
    if lengths is not None and len(strip.readings[0][0]) in lengths:
        return strip
    ways, share = [], 1.0
    slashes = likely_slashes(glance.line)
    for number, (_, chance) in enumerate(slashes):
        ways.append((share * (1 - chance), strip))
        share *= chance
        found = without_strokes(glance.line, [stroke for stroke, _ in slashes[: number + 1]])
        if found is None:
            break
        strip = _read(Glance(found, look_at(band_of(found), networks[0])), networks, classifier, lengths, codes)
    if not ways:
        return strip
    ways.append((share, strip))
    best, readings = merged([(chance, seen.readings) for chance, seen in ways], lengths)
    evidence = replace(ways[best][1].evidence, chance=readings[0][1], slash=slashes[0][1])
    return replace(ways[best][1], readings=readings, evidence=evidence)


def _read(
    glance: Glance,
    networks: Sequence[SlidingNetwork],
    classifier: Classifier,
    lengths: Collection[int] | None,
    codes: Sequence[str] | None,
) -> StripReading:
    """Return what `read_strip` does where every stroke is taken for writing."""
    line, looks = glance.line, [glance.look]
    first = glance.text
    frames = frames_of(looks[0].log_chances, first)
    bounds = _bounds(line, _middles(looks[0], frames))
    owners = _owners(line, bounds)
    apart, opinions, chances = digits_apart(line, bounds, owners, classifier)
    read = first, opinions
    readings = weighed(second_opinion(looks[0].strings, read), lengths, codes)
    if readings[0][1] < _CERTAIN and line.strength.shape[1] <= _LONG * line.height:
        sizes = _SIZES_UNCOUNTED if lengths is None else _OTHER_SIZES
        bands = [glance.look.band, *(band_of(replace(line, height=size * line.height)) for size in sizes)]
        others = list(itertools.product(networks, bands))[1:]  # the first was looked at
        looks += [look_at(each, network) for network, each in others]
        readings = weighed(second_opinion(_mean([look.strings for look in looks]), read), lengths, codes)
    nothing = sum(chance for text, chance in readings if not text)
    readings = [(text, chance) for text, chance in readings if text]
    text = readings[0][0]
    look = max(looks, key=lambda each: each.strings.get(text, 0.0))
    if text != first or look is not looks[0]:
        frames = frames_of(look.log_chances, text)
        bounds = _bounds(line, _middles(look, frames))
        owners = _owners(line, bounds)
    digits = tuple(
        ReadDigit(int(digit), box, _among_digits(look.log_chances[frame]))
        for digit, box, frame in zip(text, _boxes(line, bounds, owners), frames, strict=True)
    )
    evidence = evidence_of(
        readings,
        nothing,
        looks=[each.strings for each in looks],
        digits=[(digit.box, float(digit.probabilities[digit.digit])) for digit in digits],
        chances=chances,
        line=line,
        counted=lengths is not None,
    )
    return StripReading(readings, nothing, digits, line, look, bounds, evidence, apart)


def _middles(look: Look, frames: NDArray[np.int64]) -> NDArray[np.floating]:
    """Return the columns of the line in the middles of `frames`, each of which sees SIDE columns of its band."""
    return np.asarray((frames * STRIDE + (SIDE - 1) / 2 - MARGIN) / look.band.scale)


def _owners(line: Line, bounds: NDArray[np.int64]) -> NDArray[np.int16]:
    """Return, for each pixel of the line's source, (h, w), which of `bounds` it lies between; -1 for none."""
    owners = np.full(line.strength.shape, -1, np.int16)
    for number, (start, end) in enumerate(bounds):
        owners[:, start:end] = number
    return line.on_source(owners)


def _mean(looks: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return each string's mean chance over all `looks`."""
    return {
        text: sum(look.get(text, 0.0) for look in looks) / len(looks)
        for text in dict.fromkeys(text for look in looks for text in look)
    }


def _among_digits(log_chances: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the chance of each digit, (10,), in a frame that says one: log_chances (11,)."""
    chances = np.exp(log_chances[:BLANK] - log_chances[:BLANK].max())
    return np.asarray(chances / chances.sum(), np.float32)


def _bounds(line: Line, middles: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the first and the end column of the line, (n, 2), of each digit's ink, from the digits' `middles`.

    Two digits are parted at the column with least ink; of several, at the one nearest to the middle between them.
    """
    width = line.strength.shape[1]
    ink = line.strength.sum(axis=0)
    cuts = []
    for left, right in itertools.pairwise(middles):
        between = np.arange(min(max(int(left), 0), width - 1), min(max(int(right), 0), width - 1) + 1)
        apart = np.abs(between - (left + right) / 2) / line.height
        cuts.append(int(between[(ink[between] + apart).argmin()]))
    bounds = np.stack([np.array([0, *cuts]), np.array([*cuts, width])], axis=1)
    reach = _REACH * line.height
    bounds[:, 0] = np.clip(bounds[:, 0], middles - reach, width - 1)
    bounds[:, 1] = np.clip(bounds[:, 1], bounds[:, 0] + 1, np.maximum(middles + reach, bounds[:, 0] + 1))
    return np.asarray(bounds, np.int64)


def _boxes(line: Line, bounds: NDArray[np.int64], owners: NDArray[np.int16]) -> list[tuple[int, int, int, int]]:
    """Return the box of the ink between each pair of `bounds`, in the ink map: top, left, bottom, right, exclusive."""
    inked = np.where(line.source > WRITTEN, owners, -1)
    boxes = []
    for number in range(len(bounds)):
        mine = inked == number
        rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
        if len(rows) == 0:  # nothing but faint ink: one pixel where the digit was read
            rows, columns = np.array([0]), np.array([int(bounds[number].mean() / line.scale)])
        top, left = line.top + int(rows[0]), line.left + int(columns[0])
        boxes.append((top, left, line.top + int(rows[-1]) + 1, line.left + int(columns[-1]) + 1))
    return boxes
