"""A tilted rectangle of a mail piece -> its ink, upright, without the ink of other marks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.envelopes.marks import Marks
from model.types import Array, InkMap

_FINE = 0.75  # pixels of the marks: a finer step needs the picture's own pixels
_FAINTEST = 0.12  # of the ink's full strength: below this is shading
_FULL = 0.9
_MOSTLY = 0.5


@dataclass(frozen=True)
class Frame:
    """An upright picture of `rows` x `columns` pixels, each `step` pixels of the marks wide, and where that lies.

    origin: (x, y) of its top left corner, in pixels of the marks. along, down: unit vectors of its rows and columns.
    """

    origin: Array
    along: Array
    down: Array
    step: float
    rows: int
    columns: int

    @classmethod
    def around(
        cls, box: tuple[float, float, float, float], degrees: float, slope: float, step: float, margin: float
    ) -> "Frame":
        """Return the frame of `box`, u0, u1, v0, v1 in axes turned by `degrees`, with a `margin`, in their pixels.

        slope: of the line, rows a column in these axes.
        """
        u0, u1, v0, v1 = box
        base, tilt = np.radians(degrees), np.arctan(slope)
        middle = _turned(np.array([(u0 + u1) / 2, (v0 + v1) / 2]), base)
        along = np.array([np.cos(base + tilt), np.sin(base + tilt)])
        down = np.array([-along[1], along[0]])
        width = (u1 - u0) + 2 * margin
        height = (v1 - v0) - abs(slope) * (u1 - u0) + 2 * margin
        rows, columns = max(4, int(np.ceil(height / step))), max(4, int(np.ceil(width / step)))
        origin = middle - along * columns * step / 2 - down * rows * step / 2
        return cls(origin, along, down, step, rows, columns)

    def places(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return x and y, (rows, columns) each, of its pixels' middles, in pixels of the marks."""
        across = (np.arange(self.columns) + 0.5) * self.step
        downwards = ((np.arange(self.rows) + 0.5) * self.step)[:, None]
        x = self.origin[0] + across * self.along[0] + downwards * self.down[0]
        y = self.origin[1] + across * self.along[1] + downwards * self.down[1]
        return x.astype(np.float32), y.astype(np.float32)

    def to_marks(self, points: Array) -> Array:
        """Return `points` (n, 2), columns and rows of it, in pixels of the marks."""
        scaled = np.asarray(points) * self.step
        return np.asarray(self.origin + scaled[:, :1] * self.along + scaled[:, 1:] * self.down)

    def part(self, left: float, right: float, step: float) -> "Frame":
        """Return the part between the columns `left` and `right`, with pixels `step` pixels of the marks wide."""
        origin = self.origin + self.along * left * self.step
        rows = max(4, round(self.rows * self.step / step))
        return Frame(origin, self.along, self.down, step, rows, max(4, round((right - left) * self.step / step)))

    def upside_down(self) -> "Frame":
        """Return the same place upside down."""
        far = self.origin + self.along * self.columns * self.step + self.down * self.rows * self.step
        return Frame(far, -self.along, -self.down, self.step, self.rows, self.columns)


def _turned(point: Array, angle: float) -> Array:
    return np.array(
        [point[0] * np.cos(angle) - point[1] * np.sin(angle), point[0] * np.sin(angle) + point[1] * np.cos(angle)]
    )


def cut_ink(marks: Marks, frame: Frame, chosen: NDArray[np.integer]) -> InkMap:
    """Return the ink in `frame`, (rows, columns), of the marks `chosen`, by number, and what is too faint for any."""
    x, y = frame.places()
    away = marks.paper_at(x, y) - marks.grey_at(x, y, fine=frame.step < _FINE)
    own = np.zeros(len(marks) + 1, np.bool_)
    own[chosen + 1] = True
    own[0] = True
    away *= own[marks.labels_at(x, y)]
    return _strength(away)


def _strength(away: InkMap) -> InkMap:
    """Return how strong ink is, 0 to 1, by how far pixels are `away` from the paper."""
    most = float(away.max())
    if most <= 0:
        return np.zeros_like(away)
    full = float(np.median(away[away > most / 2]))
    floor = _FAINTEST * full
    return np.asarray(np.clip((away - floor) / (_FULL * full - floor), 0, 1), np.float32)


def marks_within(marks: Marks, frame: Frame, left: float, right: float, columns: tuple[float, ...]) -> Array:
    """Return the numbers of the marks of which at least half lies in `frame` between the columns `left` and `right`.

    So do those in which the middle of a digit lies that was seen in one of `columns`: they may be joined to a letter.
    """
    labels = marks.labels_at(*frame.places())
    first, last = max(0, int(left)), min(frame.columns, int(np.ceil(right)))
    counts = np.bincount(labels[:, first:last].ravel(), minlength=len(marks) + 1)[1:] * frame.step**2
    kept = counts >= _MOSTLY * marks.areas
    rows = slice(frame.rows // 4, frame.rows - frame.rows // 4)
    for column in columns:
        around = labels[rows, max(0, int(column) - 1) : int(column) + 2]
        kept[np.unique(around[around > 0]) - 1] = True
    return np.flatnonzero(kept & (counts > 0))
