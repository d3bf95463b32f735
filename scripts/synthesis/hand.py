"""One writer with one pen: digits drawn at any size, each in the same shape wherever it occurs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.training.drawing.digits import COMMON, Shapes
from model.training.drawing.pen import Strokes, Variation

Ink = NDArray[np.float32]

_FINE = 128  # pixels: drawings are made at least this high, and then reduced, so that edges are smooth


@dataclass(frozen=True)
class Hand:
    """How one person writes.

    shapes: for each label, which of a set of shapes, and where between the two ends of its range. slant: columns a row.
    aspect: width over what is usual. pen: the width of a stroke in shares of a digit's height. care: 0 to 1; the lower,
    the more digits of the same label differ.
    """

    shapes: tuple[tuple[int, float], ...]
    slant: float
    aspect: float
    pen: float
    care: float
    known: Shapes = COMMON

    @classmethod
    def any(cls, random: np.random.Generator, known: Shapes = COMMON) -> "Hand":
        """Return a hand drawn at random. `known` must have shapes of all ten digits."""
        which = [int(random.choice(np.flatnonzero(known.labels == label))) for label in range(10)]
        return cls(
            shapes=tuple((shape, float(random.random())) for shape in which),
            slant=float(random.uniform(-0.1, 0.35)),
            aspect=float(random.uniform(0.75, 1.2)),
            pen=float(random.uniform(0.05, 0.15)),
            care=float(random.random()),
            known=known,
        )

    def digit(self, label: int, height: int, random: np.random.Generator) -> Ink:
        """Return the digit `label`, (height, W) float32 in [0, 1], cut out at its ink."""
        first, last, joined = self.known.ranges
        shape, between = self.shapes[label]
        points = (1 - between) * first[shape] + between * last[shape]
        stray = 1 - self.care
        varied = Variation(rotation=0.06 * stray, slant=0.08 * stray, aspect=0.1 * stray, bend=0.02 + 0.03 * stray)
        points = varied.apply(Strokes(points[None], joined[shape][None]), random).points[0]
        points[:, 0] = self.aspect * points[:, 0] - self.slant * points[:, 1]
        return self.stroke(points, joined[shape], height)

    def stroke(self, points: NDArray[np.floating], joined: NDArray[np.bool_], height: int) -> Ink:
        """Return the ink of a pen that follows `points` (K, 2), down where `joined` (K - 1,), cut out at its ink.

        The points' height, with the pen's width, becomes `height` pixels.
        """
        fine = height * max(1, -(-_FINE // height))
        width = max(1.0, self.pen * fine)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = (fine - width) / max(float(high[1] - low[1]), 1e-6)
        places = (points - low) * scale + width / 2
        across = int(np.ceil(float(places[:, 0].max()) + width / 2)) + 1
        sheet = Image.new("L", (across, fine))
        pen = ImageDraw.Draw(sheet)
        for start, end, down in zip(places[:-1], places[1:], joined, strict=True):
            if down:
                pen.line([*start, *end], fill=255, width=round(width))
        for x, y in places:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
        small = sheet.resize((max(1, round(across * height / fine)), height), Image.Resampling.BOX)
        return np.asarray(small, np.float32) / np.float32(255)

    def number(self, code: str, height: int, random: np.random.Generator, gap: float = 0.25) -> Ink:
        """Return the digits of `code` side by side, (H, W), with about `gap` heights of a digit between them."""
        glyphs = [self.digit(int(digit), max(4, round(height * random.uniform(0.92, 1.08))), random) for digit in code]
        gaps = np.maximum(1, np.rint(height * gap * random.uniform(0.6, 1.4, len(glyphs)))).astype(int)
        wander = np.rint(height * random.uniform(0, 0.08, len(glyphs))).astype(int)
        width = sum(glyph.shape[1] for glyph in glyphs) + int(gaps[1:].sum())
        line = np.zeros((max(len(glyph) for glyph in glyphs) + int(wander.max()), width), np.float32)
        left = 0
        for glyph, before, rise in zip(glyphs, [0, *gaps[1:]], wander, strict=True):
            left += int(before)
            bottom = len(line) - int(rise)
            part = line[bottom - len(glyph) : bottom, left : left + glyph.shape[1]]
            np.maximum(part, glyph, out=part)
            left += glyph.shape[1]
        return line
