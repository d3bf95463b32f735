"""Digits of a line that stand apart -> their images, and what the network that reads single digits says of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.classifiers.classifier import Classifier, judged
from model.picture.mnist_geometry import to_mnist_geometry
from model.strips.candidates import Opinions
from model.strips.line import Line
from model.types import Image, InkMap

_BETWEEN = 0.03  # heights of a digit: more ink than this in a column joins the digits on either side
_LEAST_PART = 0.02  # of a digit's ink: a smaller part is a neighbour's end or a dot
_LEAST_CHANCE = 1e-5  # of a digit: no classifier is surer than that


@dataclass(frozen=True)
class Apart:
    """A digit that stands apart: the columns of the line between which its ink lies, and its image, (28, 28)."""

    start: int
    end: int
    image: Image

    def is_between(self, start: int, end: int) -> bool:
        """Return whether the digit between these columns is this one: the middle of each lies within the other."""
        return 2 * start <= self.start + self.end < 2 * end and 2 * self.start <= start + end < 2 * self.end


def digits_apart(
    line: Line, bounds: NDArray[np.int64], owners: NDArray[np.int16], classifier: Classifier
) -> tuple[tuple[Apart, ...], Opinions, list[float]]:  # fmt: skip
    """Return the digits between `bounds` (n, 2), with pixels `owners`, that stand apart, and opinions.

    The opinions are what `classifier` says about them, by place: the log of each digit's chance relative to the
    likeliest digit's, (10,), times the chance that there is a digit at all. These chances are returned too. Digits that
    touch cannot be cut out the way the classifier knows digits.
    """
    ink = line.strength.sum(axis=0) / line.height
    ends = np.clip(bounds, 0, len(ink) - 1)
    apart = np.flatnonzero(((ink[ends] < _BETWEEN) | (bounds == 0) | (bounds == len(ink))).all(axis=1))
    if len(apart) == 0:
        return (), {}, []
    images = [to_mnist_geometry(ink) for ink in _cut_out(line, owners, apart)]
    probabilities, chances = judged(classifier, np.stack(images))
    scores = np.log(np.maximum(probabilities.astype(np.float64), _LEAST_CHANCE))
    scores = (scores - scores.max(axis=1, keepdims=True)) * chances[:, None]
    found = tuple(Apart(start, end, image) for (start, end), image in zip(bounds[apart].tolist(), images, strict=True))
    return found, dict(zip(apart.tolist(), scores, strict=True)), chances.tolist()


def _cut_out(line: Line, owners: NDArray[np.int16], places: NDArray[np.int64]) -> list[InkMap]:
    """Return, for each of `places`, the line's source with only that digit's ink, without dots and neighbours' ends."""
    numbers = int(line.strokes.max()) + 1
    images = []
    for place in places:
        mine = owners == place
        columns = np.flatnonzero(mine.any(axis=0))
        part = np.s_[:, columns[0] : columns[-1] + 1] if len(columns) else np.s_[:, :1]
        mine, source, strokes = mine[part], line.source[part], line.strokes[part]
        held = np.bincount(strokes[mine], weights=source[mine], minlength=numbers)
        held[0] = 0
        kept = held >= _LEAST_PART * held.sum()
        kept[0] = False
        images.append(np.where(mine & kept[strokes], source, np.float32(0)))
    return images
