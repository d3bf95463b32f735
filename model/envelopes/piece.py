"""Picture -> where the mail piece lies in it, whichever way: four corners, without the table or the scanner's lid."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.envelopes.areas import LEAST_PIECE, WHOLE, hulls_of_areas, inside_polygon, polygon_area
from model.envelopes.sides import crossings, fitted, lines_through, sides_of
from model.picture.components import connected_components, cut_by_edge
from model.picture.morphology import dilated, opened
from model.types import WHITE, Array, Picture

_Floats = NDArray[np.float32]
_Doubles = NDArray[np.float64]

_SAMPLES = 40_000  # pixels that are looked at: a side is then found within a few thousandths of its length
_LEAST_SIDE = 32  # pixels: a smaller picture is cut out around a code
_FILLED = 0.9  # of its quadrilateral: less is an oval, or several things
_CLEAR_STEP = 40.0  # of 255: a step from which on it makes no difference how large it is
_GUESSED = 3  # power: an outline with a side outside the picture counts 0.4, so that it seldom beats one without
_THICK = 9  # sampled pixels: no stroke is wider
_LONGEST = 27  # sampled pixels: joints and the grain of a table are longer than letters
_AROUND = 7  # sampled pixels, a square: so close to the outline lie its own edge and its shadow
_LEAST_INK = 20.0  # of 255: what is written differs from the paper by more
_DARKEST = 0.25  # of the light on the piece: no shadow that has an edge is darker
_AS_STRONG = 0.4  # of the writing on the piece: writing in a shadow
_AS_MUCH = 0.1  # of the writing on the piece
_FEWEST = 4  # sampled pixels that are written, at least


@dataclass(frozen=True)
class Piece:
    """Where a mail piece lies in a picture.

    corners: (4, 2) float64, x and y in pixels of the picture, clockwise as one sees it. The first side, from the first
    corner to the second, is a long one, and of the two long ones the one that leads to the right (or down, where they
    stand upright). So the first corner is the upper left one of a piece that lies across; nothing is said of how the
    piece is to be read. A corner that the picture cuts off lies outside it.
    whole: the picture is all piece, or nothing else could be told apart; the corners are then those of the picture.
    """

    corners: Array
    whole: bool

    @property
    def degrees(self) -> float:
        """By how many degrees clockwise its first side lies, -180 to 180."""
        across, down = self.corners[1] - self.corners[0]
        return float(np.degrees(np.arctan2(down, across)))

    def to_piece(self, points: Array) -> Array:
        """Return `points` (N, 2), x and y in the picture, as shares of the piece: along its long side, its short side.

        The corners become (0, 0), (1, 0), (1, 1) and (0, 1). The result is (N, 2) float64.
        """
        return _mapped(self._to_shares, points)

    @cached_property
    def _to_shares(self) -> _Doubles:
        return np.asarray(np.linalg.inv(_homography(self.corners)), np.float64)

    def from_piece(self, points: Array) -> Array:
        """Return `points` (N, 2), shares of the piece as `to_piece` gives them, as x and y in the picture."""
        return _mapped(_homography(self.corners), points)


@dataclass(frozen=True)
class _Outline:
    """Corners (4, 2) in sampled pixels, clockwise; which of the sides that begin there are seen (4,); and how much the
    outline stands out, 0 to 1."""

    corners: _Doubles
    seen: NDArray[np.bool_]
    score: float


def find_piece(picture: Picture) -> Piece:
    """Return where the mail piece lies in `picture`, (H, W) or (H, W, 3), 0 to 255.

    A piece is an area, with little beside writing and stamps on it, that is nearly a rectangle in perspective, with a
    step in colour along its sides. Of several it is the largest that stands out: a window or a label lies on it. Where
    none is found, or its surroundings are written on too, the picture is whole.
    """
    height, width = picture.shape[:2]
    whole = Piece(_ordered(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)), whole=True)
    if min(height, width) < _LEAST_SIDE:
        return whole
    step = max(1, round(np.sqrt(height * width / _SAMPLES)))
    sample = _sampled(picture, step)
    found: list[_Outline] = []
    for hull in sorted(hulls_of_areas(sample), key=polygon_area, reverse=True):
        if any(outline.score * sample[:, :, 0].size >= polygon_area(hull) for outline in found):
            break  # no outline stands out more than it is large, and the hulls that follow are smaller
        outline = _outline(sample, hull)
        if outline is not None and _is_written_on(sample, outline.corners):
            found.append(outline)
    if not found:
        return whole
    best = max(found, key=lambda outline: outline.score)
    # Now that the ends of the sides are known well, all of each side counts.
    again = fitted(sample, lines_through(best.corners), best.seen)
    corners = best.corners if again is None else again[0]
    return Piece(_ordered(corners * step), whole=False)


def _sampled(picture: Picture, step: int) -> _Floats:
    """Return (H, W, C): the mean of four pixels of each square of `step` pixels, where `step` is large enough."""
    if picture.ndim == 2:
        picture = picture[:, :, None]
    near, far = step // 4, step - 1 - step // 4
    height, width = picture.shape[0] // step, picture.shape[1] // step
    parts = [
        picture[down::step, across::step][:height, :width].astype(np.float32)
        for down in {near, far}
        for across in {near, far}
    ]
    return np.asarray(sum(parts[1:], parts[0]) / len(parts), np.float32)


def _outline(sample: _Floats, hull: _Doubles) -> _Outline | None:
    """Return the outline of the piece in `sample` (H, W, C) of which `hull` (N, 2) is the convex hull, if it is one."""
    height, width, _ = sample.shape
    sides = sides_of(hull, height, width)
    if sides is None:
        return None
    lines, seen = sides
    corners = crossings(lines)
    if corners is None or polygon_area(hull) < _FILLED * inside_polygon(corners, (height, width)).sum():
        return None
    found = fitted(sample, lines, seen)
    if found is None:
        return None
    corners, contrast = found
    share = float(inside_polygon(corners, (height, width)).mean())
    if not LEAST_PIECE <= share <= WHOLE:
        return None
    return _Outline(corners, seen, share * min(1.0, contrast / _CLEAR_STEP) * float(seen.mean()) ** _GUESSED)


def _is_written_on(sample: _Floats, corners: _Doubles) -> bool:
    """Return whether there is writing in the outline `corners` (4, 2) in `sample` (H, W, C), and hardly any beside it.

    If there is, the outline is that of a window, a label, or what lies in the light, and the piece is larger.
    """
    light = np.asarray(sample.mean(axis=2), np.float32)
    inside = inside_polygon(corners, light.shape)
    light_inside, light_beside = float(np.median(light[inside])), float(np.median(light[~inside]))
    thin = WHITE - light - opened(WHITE - light, _THICK)
    strong = thin[inside][thin[inside] >= _LEAST_INK]
    if len(strong) < _FEWEST:
        return False
    if light_beside < _DARKEST * light_inside:
        return True
    least = max(
        _LEAST_INK, _AS_STRONG * float(np.quantile(strong, 0.9)) * min(1.0, light_beside / max(light_inside, 1.0))
    )
    beside = connected_components((thin >= least) & ~dilated(inside, _AROUND))
    loose = ~cut_by_edge(beside, light.shape) & (beside.sizes <= _LONGEST) & (beside.areas >= _FEWEST)
    return bool(beside.areas[loose].sum() < _AS_MUCH * len(strong))


def _ordered(corners: _Doubles) -> _Doubles:
    """Return `corners` (4, 2), clockwise, from the one on that `Piece` has first."""
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    first = 0 if lengths[0] + lengths[2] >= lengths[1] + lengths[3] else 1
    x, y = sides[first]
    if x < -abs(y) * 1e-9 or (abs(x) <= abs(y) * 1e-9 and y < 0):
        first += 2
    return np.roll(corners, -first, axis=0)


def _homography(corners: Array) -> _Doubles:
    """Return the matrix (3, 3) that maps the unit square's corners (0, 0), (1, 0), (1, 1), (0, 1) to `corners` (4, 2).

    Source: Heckbert 1989, "Fundamentals of Texture Mapping and Image Warping", section 2.2.3.
    """
    p0, p1, p2, p3 = np.asarray(corners, np.float64)
    g, h = np.linalg.solve(np.stack([p1 - p2, p3 - p2], axis=1), p0 - p1 + p2 - p3)
    across, down = p1 - p0 + g * p1, p3 - p0 + h * p3
    return np.array([[across[0], down[0], p0[0]], [across[1], down[1], p0[1]], [g, h, 1.0]])


def _mapped(matrix: _Doubles, points: Array) -> Array:
    """Return `points` (N, 2) mapped by the homography `matrix` (3, 3)."""
    points = np.asarray(points, np.float64)
    mapped = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:])
