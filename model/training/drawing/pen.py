"""Strokes -> images: a round pen of varying width that draws in MNIST's geometry, thousands of pictures a second."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.types import SIDE, Images

Floats = NDArray[np.float32]

SAMPLES = 128
"""Points of a drawing: a pen of one pixel leaves no gaps between them."""
_BOX, _CENTRE = 20.0, 14.0
_THINNEST, _THICKEST = 0.9, 1.8  # radius in pixels: what MNIST's strokes have
_EDGE = 1.2  # pixels from paper to ink
_GAUSSIAN = float(np.sqrt(2 * np.log(2)))  # the pen's radius in deviations: there a Gaussian has half its height


@dataclass(frozen=True)
class Strokes:
    """N drawings as points along their strokes: `points` (N, K, 2) x to the right and y down; `joined` (N, K - 1).

    joined: whether the pen is down between a point and the next.
    """

    points: Floats
    joined: NDArray[np.bool_]


@dataclass(frozen=True)
class Variation:
    """How far a drawing may stray from its pattern: the bounds of uniform draws.

    rotation: radians. slant: columns for each row. aspect: share of 1 by which width and height may differ.
    bend: displacement by a smooth field, which keeps joined strokes joined, in shares of the drawing's size.
    """

    rotation: float = 0.15
    slant: float = 0.35
    aspect: float = 0.25
    bend: float = 0.06

    def apply(self, strokes: Strokes, random: np.random.Generator) -> Strokes:
        """Return `strokes` varied, each drawing in its own way."""
        count = len(strokes.points)
        angle, slant, aspect = (
            random.uniform(-bound, bound, (count, 1)).astype(np.float32)
            for bound in (self.rotation, self.slant, self.aspect)
        )
        points = strokes.points + self._field(strokes.points, random)
        x, y = points[:, :, 0], points[:, :, 1]
        x, y = (1 + aspect) * x - slant * y, (1 - aspect) * y
        turned = np.stack([np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y], axis=2)
        return Strokes(turned, strokes.joined)

    def _field(self, points: Floats, random: np.random.Generator) -> Floats:
        """Return displacements (N, K, 2) by two waves, each in its own direction and over one period at most."""
        total = np.zeros_like(points)
        for _ in range(2):
            waves, shift = random.uniform(-6, 6, (len(points), 2, 2)), random.uniform(0, 2 * np.pi, (len(points), 1, 2))
            reach = random.uniform(0, self.bend, (len(points), 1, 2)).astype(np.float32)
            total += reach * np.sin(points @ waves.astype(np.float32) + shift.astype(np.float32))
        return total


def patterns(*paths: str) -> Strokes:
    """Return the drawings that `paths` describe, all with the same joints, so that they can be mixed.

    A path is a list of strokes, separated by `|`; a stroke is a curve through its points `x,y`. A stroke of two points
    is straight; a corner is where one stroke ends and the next begins. Raises ValueError where a stroke has fewer than
    two points, or where the paths differ in their number of strokes.
    """
    drawings = [
        [np.array([[float(n) for n in point.split(",")] for point in stroke.split()]) for stroke in path.split("|")]
        for path in paths
    ]
    if any(len(stroke) < 2 for strokes in drawings for stroke in strokes):
        raise ValueError(f"each stroke of a path must have at least two points; got {paths!r}")
    if len({len(strokes) for strokes in drawings}) != 1:
        raise ValueError(f"the paths must all have the same number of strokes; got {paths!r}")
    lengths = np.array(
        [[np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum() for stroke in strokes] for strokes in drawings]
    )
    shares = np.cumsum(lengths.mean(axis=0)) / lengths.mean(axis=0).sum()
    ends = np.maximum(np.rint(shares * SAMPLES).astype(int), 2 * np.arange(1, len(shares) + 1))
    counts = np.diff(ends, prepend=0)
    points = [
        np.concatenate([curve(len(stroke), count) @ stroke for stroke, count in zip(strokes, counts, strict=True)])
        for strokes in drawings
    ]
    joined = np.ones(SAMPLES - 1, np.bool_)
    joined[ends[:-1] - 1] = False
    return Strokes(np.stack(points).astype(np.float32), np.tile(joined, (len(paths), 1)))


def curve(controls: int, samples: int) -> NDArray[np.float64]:
    """Return the matrix (samples, controls) that turns points into a smooth curve through them.

    Source: Catmull and Rom 1974, "A class of local interpolating splines", with the end points repeated.
    """
    places = np.linspace(0, controls - 1, samples)
    span = np.minimum(places.astype(int), max(controls - 2, 0))
    t = places - span
    weights = 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], axis=1
    )
    matrix = np.zeros((samples, controls))
    for step in range(4):
        np.add.at(matrix, (np.arange(samples), np.clip(span + step - 1, 0, controls - 1)), weights[:, step])
    return matrix


def straight(controls: int, samples: int) -> NDArray[np.float64]:
    """Return the matrix (samples, controls) that turns points into straight lines from each to the next."""
    places = np.linspace(0, controls - 1, samples)
    return np.asarray(np.maximum(0, 1 - np.abs(places[:, None] - np.arange(controls))))


def draw(strokes: Strokes, random: np.random.Generator) -> Images:
    """Return each drawing as MNIST would hold it, (N, 28, 28), with a pen of its own width.

    Each fits 20 x 20 and has its centre of mass in the middle.
    """
    radius = random.uniform(_THINNEST, _THICKEST, (len(strokes.points), 1, 1)).astype(np.float32)
    points, weights = _fitted(strokes, radius)
    pixels, deviation = np.arange(SIDE, dtype=np.float32), radius / _GAUSSIAN
    # Gaussians along the strokes add up to a ridge of height 1; each is a product of one across and one down.
    across, down = (np.exp(-0.5 * ((points[:, :, axis, None] - pixels) / deviation) ** 2) for axis in (0, 1))
    ridges = (down * (weights[:, :, None] / (np.sqrt(2 * np.pi) * deviation))).transpose(0, 2, 1) @ across
    # The pen's edge is where the ridge has half its height; there it falls by ln 2 per radius.
    images: Images = np.clip(0.5 + (ridges - 0.5) * radius / (np.log(2) * _EDGE), 0, 1).astype(np.float32)
    return images


def _fitted(strokes: Strokes, radius: Floats) -> tuple[Floats, Floats]:
    """Return the points in pixels (N, K, 2), and the length of stroke that each stands for (N, K)."""
    low, high = strokes.points.min(axis=1, keepdims=True), strokes.points.max(axis=1, keepdims=True)
    # A stroke reaches a radius beyond its points at its sides, but hardly at its ends: half a radius on average.
    scale = (_BOX - radius) / np.maximum((high - low).max(axis=2, keepdims=True), 1e-6)
    points = (strokes.points - low) * scale
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2) * strokes.joined
    weights = np.zeros(points.shape[:2], np.float32)
    weights[:, :-1] += steps / 2
    weights[:, 1:] += steps / 2
    total = np.maximum(weights.sum(axis=1), 1e-6)[:, None, None]
    middle = (points * weights[:, :, None]).sum(axis=1, keepdims=True) / total
    return points + (_CENTRE - middle), weights
