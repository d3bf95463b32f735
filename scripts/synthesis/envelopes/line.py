"""One line of writing: its ink, where its baseline is, and where each character is."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Layer = NDArray[np.float32]
Points = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels."""

_INK = 0.3  # of full ink: fainter ink is the blurred edge of a stroke


@dataclass(frozen=True)
class Line:
    """ink: (H, W), 0 to 1. baseline: the row that the writing stands on. boxes: of each character; empty for spaces."""

    ink: Layer
    baseline: float
    boxes: tuple[Box | None, ...]

    def quad(self, start: int, end: int) -> Points:
        """Return the corners (4, 2) of the tight box round the characters from `start` to before `end`."""
        boxes = [box for box in self.boxes[start:end] if box]
        left, top = (min(box[side] for box in boxes) for side in (0, 1))
        right, bottom = (max(box[side] for box in boxes) for side in (2, 3))
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)

    def scaled(self, factor: float) -> "Line":
        """Return it reduced or enlarged."""
        size = tuple(max(1, round(side * factor)) for side in self.ink.shape[::-1])
        ink = np.asarray(Image.fromarray(self.ink).resize(size, Image.Resampling.BOX), np.float32)
        boxes = tuple(box and tuple(side * factor for side in box) for box in self.boxes)
        return Line(ink, self.baseline * factor, boxes)  # type: ignore[arg-type]  # four sides


class Lettering(Protocol):
    """Writes lines in one hand or in one print."""

    def line(self, text: str, height: float) -> Line:
        """Return `text` with capitals `height` pixels high."""


def ink_box(ink: Layer, left: float = 0.0, top: float = 0.0) -> Box | None:
    """Return the tight box round the ink of a glyph whose upper left corner is at `left`, `top`; None without ink."""
    inked = ink > min(_INK, float(ink.max()) / 2)  # thin strokes are nowhere black
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if len(rows) == 0:
        return None
    return left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1
