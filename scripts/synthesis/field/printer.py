"""What a printer puts on paper: straight lines, whole, dashed or dotted, and rounded frames; smooth at their edges."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from synthesis.field.sample import Floats, Pixels, Random, any_paper, any_pen, inked, taken
from synthesis.hand import Ink

_FINE = 4  # lines are drawn this many times larger, and then reduced
Point = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """How a printer draws a line: its width in pixels, and the lengths of dashes and of the gaps between them."""

    width: float
    dash: float = 0.0
    gap: float = 0.0

    @classmethod
    def any(cls, random: Random, height: int, *, dashed: float = 0.0) -> "Stroke":
        """Return a stroke beside digits of `height` pixels; a share `dashed` of them have gaps."""
        width = max(1.0, height * float(random.uniform(0.015, 0.06)))
        if random.random() >= dashed:
            return cls(width)
        dotted = random.random() < 0.4
        dash = width if dotted else max(3.0, height * float(random.uniform(0.06, 0.25)))
        return cls(width, dash, max(2.0, dash * float(random.uniform(0.6, 1.5))))


class Printer:
    """Prints on an empty sheet of `height` x `width` pixels."""

    def __init__(self, height: int, width: int) -> None:
        self._sheet = Image.new("L", (width * _FINE, height * _FINE))
        self._draw = ImageDraw.Draw(self._sheet)

    def line(self, start: Point, end: Point, stroke: Stroke) -> None:
        """Draw a line between two points (x, y), in pixels."""
        first, last = np.array(start), np.array(end)
        length = float(np.hypot(*(last - first)))
        along = (last - first) / max(length, 1e-6)
        period = stroke.dash + stroke.gap if stroke.dash else length + 1
        for at in np.arange(0, max(length, 1e-6), period):
            to = min(length, at + (stroke.dash or length))
            ends = [_FINE * (first + along * each) for each in (at, to)]
            self._draw.line([*ends[0], *ends[1]], fill=255, width=max(1, round(_FINE * stroke.width)))

    def frame(self, left: float, top: float, right: float, bottom: float, stroke: Stroke, radius: float = 0.0) -> None:
        """Draw a frame; where it has a radius, its corners are round and its line is whole."""
        if radius:
            box = tuple(round(_FINE * each) for each in (left, top, right, bottom))
            self._draw.rounded_rectangle(box, _FINE * radius, outline=255, width=max(1, round(_FINE * stroke.width)))
            return
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
            self.line(start, end, stroke)

    def ink(self) -> Ink:
        """Return what was printed, (H, W) float32 in [0, 1]."""
        small = self._sheet.reduce(_FINE)
        return np.asarray(small, np.float32) / np.float32(255)


def any_print(random: Random, pen: Floats) -> tuple[Floats, float]:
    """Return a printer's colour, (3,), and strength: half of the time the pen's own or another dark one."""
    if random.random() < 0.5:
        return (pen if random.random() < 0.5 else any_pen(random)), float(random.uniform(0.5, 0.95))
    colours = ((120, 150, 210), (150, 190, 220), (170, 170, 170), (120, 180, 140), (200, 150, 150))
    return np.array(colours[int(random.integers(len(colours)))], np.float32), float(random.uniform(0.4, 0.9))


def on_form(ink: Ink, printed: Ink, random: Random) -> Pixels:
    """Return `ink` written with any pen on paper that shows what was `printed`, both (H, W), as a camera gives it."""
    pen = any_pen(random)
    colour, strength = any_print(random, pen)
    page = inked(any_paper(random, *ink.shape), printed, colour, strength)
    return taken(inked(page, ink, pen), random)


def askew(random: Random, most: float = 3.0) -> float:
    """Return a slope, rise over run: level half of the time, else up to `most` degrees either way."""
    return float(np.tan(np.radians(random.uniform(-most, most)))) * float(random.integers(2))
