"""Convex hull -> the four sides of a rectangle in perspective, each fitted to the edge that is seen in the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float32]
_Doubles = NDArray[np.float64]

_ASKEW = 22.0  # degrees that a side may deviate from the right angle: a stronger perspective is no one's photo
_SHORTEST = 0.3  # of a side's length that must be seen where the picture's edge does not cut it
_MARGIN = 1.5  # sampled pixels: what is as close to the picture's edge is cut by it
_BARELY = 0.35  # of a side: so much of one that the picture cuts off may seem to lie in it
_REACH = 4  # sampled pixels around a side, in which its edge lies
_BESIDE = 3  # sampled pixels, at the ends of this reach, of which the colours are compared
_POINTS = 48  # on a side, at which its edge is looked for
_FEWEST_SIDES = 2  # that are seen as steps in colour
_TOLERANCES = (2.0, 1.0, 0.6)  # sampled pixels around a side, in which points count towards it, in turn
_LEAST_STEP = 6.0  # of 255: the piece differs from its surroundings by more
_AS_LARGE = 0.4  # of the usual step: what counts as one
_SUPPORTED = 0.8  # of a side along which there is such a step
_MOSTLY = 0.5  # of a side, along which it is the same step: elsewhere a stamp lies at the edge
_ON_LINE = 0.45  # of a side's points, which lie on the line that is found


@dataclass(frozen=True)
class _Profile:
    """The colours across a side of an outline: at N places along it, at each of M distances from it."""

    start: _Doubles
    direction: _Doubles
    along: _Doubles
    """(N,), sampled pixels from the start."""
    offsets: NDArray[np.int64]
    """(M,), sampled pixels outwards."""
    colours: _Floats
    """(N, M, C)"""


def sides_of(hull: _Doubles, height: int, width: int) -> tuple[_Doubles, NDArray[np.bool_]] | None:
    """Return the four lines (4, 3) along which the sides of `hull` (N, 2) lie, clockwise, and which of them are seen.

    A line (a, b, c) holds the points with a x + b y = c, and (a, b), of length one, points outwards. A side that is not
    seen lies outside the picture: it is taken to lie where the hull ends. None where that is not so.
    """
    ends = np.roll(hull, -1, axis=0)
    edges = ends - hull
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1) / lengths[:, None]
    middles = (hull + ends) / 2
    size = np.array([width, height])
    on_edge = np.logical_or(np.maximum(hull, ends) <= _MARGIN, np.minimum(hull, ends) >= size - _MARGIN).any(axis=1)
    own = ~on_edge
    if not own.any():
        return None
    angles = np.degrees(np.arctan2(normals[:, 1], normals[:, 0]))
    apart = np.abs((angles[own][:, None] - angles[None, own] + 45) % 90 - 45)
    weights = np.maximum(0, 1 - (apart / _ASKEW) ** 2) @ lengths[own]
    main = angles[own][weights.argmax()]
    lines, seen = np.zeros((4, 3)), np.zeros(4, np.bool_)
    for k in range(4):
        wanted = main + 90 * k
        off = (angles - wanted + 180) % 360 - 180
        mine = own & (np.abs(off) <= _ASKEW)
        normal = np.array([np.cos(np.radians(wanted)), np.sin(np.radians(wanted))])
        across = hull @ np.array([-normal[1], normal[0]])
        if lengths[mine].sum() >= _SHORTEST * np.ptp(across):
            seen[k] = True
            # Edges of the hull that lead around a corner are short: the longest show the side's direction.
            off_mean = np.average(off[mine], weights=lengths[mine] ** 2)
            normal = np.array([np.cos(np.radians(wanted + off_mean)), np.sin(np.radians(wanted + off_mean))])
            lines[k] = *normal, np.average(middles[mine] @ normal, weights=lengths[mine] ** 2)
        else:
            furthest = hull[(hull @ normal).argmax()]
            if not ((furthest <= _MARGIN) | (furthest >= size - _MARGIN)).any():
                return None
            lines[k] = *normal, (hull @ normal).max()
    for k in np.flatnonzero(~seen).tolist():
        opposite = (k + 2) % 4
        if seen[opposite]:
            normal = -lines[opposite, :2]
            lines[k] = *normal, (hull @ normal).max()
    if seen.sum() < 2:
        return None
    return lines, seen


def crossings(lines: _Doubles) -> _Doubles | None:
    """Return the corners (4, 2), of which the k-th begins the k-th of `lines` (4, 3); None where two hardly cross."""
    before = np.roll(lines, 1, axis=0)
    determinants = before[:, 0] * lines[:, 1] - before[:, 1] * lines[:, 0]
    if np.abs(determinants).min() < 0.5:  # the sine of the angle between them
        return None
    x = (before[:, 2] * lines[:, 1] - lines[:, 2] * before[:, 1]) / determinants
    y = (before[:, 0] * lines[:, 2] - lines[:, 0] * before[:, 2]) / determinants
    return np.stack([x, y], axis=1)


def lines_through(corners: _Doubles) -> _Doubles:
    """Return the lines (4, 3) through `corners` (4, 2), as `crossings` takes them."""
    sides = np.roll(corners, -1, axis=0) - corners
    outwards = np.stack([sides[:, 1], -sides[:, 0]], axis=1) / np.hypot(sides[:, 0], sides[:, 1])[:, None]
    return np.column_stack([outwards, (outwards * corners).sum(axis=1)])


def fitted(sample: _Floats, lines: _Doubles, seen: NDArray[np.bool_]) -> tuple[_Doubles, float] | None:
    """Return the corners (4, 2) of the sides close to `lines` (4, 3) in `sample` (H, W, C), and the least step.

    None where the sides that are `seen` (4,) are no steps in colour, or no rectangle in perspective.
    """
    corners = crossings(lines)
    if corners is None or not _likely(corners):
        return None
    moved, steps = lines.copy(), []
    for k in np.flatnonzero(seen):
        profile = _profile(sample, corners[k], corners[(k + 1) % 4])
        if profile is None:  # too close to the picture's edge to see what lies beyond
            continue
        side = _refined(profile)
        if side is None:
            return None
        moved[k], step = side
        steps.append(step)
    corners = crossings(moved)
    if len(steps) < _FEWEST_SIDES or corners is None or not _likely(corners):
        return None
    if _within(corners, seen, *sample.shape[:2]):
        return None
    return corners, min(steps)


def _within(corners: _Doubles, seen: NDArray[np.bool_], height: int, width: int) -> bool:
    """Return whether a side that is not seen would lie in the picture, or two beside each other are not seen."""
    if (~seen & ~np.roll(seen, 1)).any():
        return True
    shares = np.linspace(0, 1, _POINTS)[:, None]
    for k in np.flatnonzero(~seen):
        places = corners[k] * (1 - shares) + corners[(k + 1) % 4] * shares
        inside = ((places > _MARGIN) & (places < np.array([width, height]) - _MARGIN)).all(axis=1)
        if inside.mean() > _BARELY:
            return True
    return False


def _profile(sample: _Floats, start: _Doubles, end: _Doubles) -> _Profile | None:
    """Return the colours in `sample` (H, W, C) across the side from `start` to `end`; None where little can be seen."""
    height, width, _ = sample.shape
    length = float(np.hypot(*(end - start)))
    if length < 2 * _REACH:
        return None
    along = (end - start) / length
    normal = np.array([along[1], -along[0]])
    shares = np.linspace(0.04, 0.96, _POINTS)  # corners are round
    places = start + shares[:, None] * (end - start)
    room = np.abs(normal) * (_REACH + 1)
    kept = ((places >= room) & (places <= np.array([width, height]) - room)).all(axis=1)
    if kept.sum() < _POINTS // 4:
        return None
    offsets = np.arange(-_REACH - 1, _REACH + 2)
    colours = _bilinear(sample, places[kept][:, None] + offsets[:, None] * normal)
    return _Profile(start, along, shares[kept] * length, offsets, colours)


def _refined(profile: _Profile) -> tuple[_Doubles, float] | None:
    """Return the line (3,) of the edge in `profile`, and how large its step in colour is.

    None where there is no step along most of it.
    """
    colours, offsets, t = profile.colours, profile.offsets, profile.along
    steps = colours[:, -_BESIDE:].mean(axis=1) - colours[:, :_BESIDE].mean(axis=1)
    usual = np.median(steps, axis=0)
    contrast = float(np.linalg.norm(usual) / np.sqrt(len(usual)))
    large = np.linalg.norm(steps, axis=1) >= _AS_LARGE * np.linalg.norm(usual)
    alike = steps @ usual >= _AS_LARGE * usual @ usual
    if contrast < _LEAST_STEP or large.mean() < _SUPPORTED or alike.mean() < _MOSTLY:
        return None
    values = colours @ usual
    rises = values[:, 2:] - values[:, :-2]
    weights = np.maximum(rises - 0.5 * rises.max(axis=1, keepdims=True), 0)
    found = (weights @ offsets[1:-1]) / np.maximum(weights.sum(axis=1), 1e-6)
    good = np.ones(len(t), np.bool_)
    for tolerance in _TOLERANCES:
        middle, mean = t[good].mean(), found[good].mean()
        slope = (t[good] - middle) @ found[good] / max(1e-6, float((t[good] - middle) @ (t[good] - middle)))
        good = np.abs(found - mean - slope * (t - middle)) <= tolerance
        if good.mean() < _ON_LINE:
            return None
    normal = np.array([profile.direction[1], -profile.direction[0]])
    point = profile.start + middle * profile.direction + mean * normal
    turned = profile.direction + slope * normal
    turned /= np.hypot(*turned)
    outward = np.array([turned[1], -turned[0]])
    return np.array([*outward, outward @ point]), contrast


def _bilinear(sample: _Floats, points: _Doubles) -> _Floats:
    """Return the colours (…, C) of `sample` (H, W, C) at `points` (…, 2), x and y, which lie in it."""
    x, y = points[..., 0] - 0.5, points[..., 1] - 0.5
    left = np.clip(np.floor(x).astype(int), 0, sample.shape[1] - 2)
    top = np.clip(np.floor(y).astype(int), 0, sample.shape[0] - 2)
    right_share, low_share = (x - left)[..., None], (y - top)[..., None]
    upper = sample[top, left] * (1 - right_share) + sample[top, left + 1] * right_share
    lower = sample[top + 1, left] * (1 - right_share) + sample[top + 1, left + 1] * right_share
    return np.asarray(upper * (1 - low_share) + lower * low_share, np.float32)


def _likely(corners: _Doubles) -> bool:
    """Return whether `corners` (4, 2) go clockwise around a rectangle in a perspective that a photo may have."""
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    directions = sides / lengths[:, None]
    before = np.roll(directions, 1, axis=0)
    turns = before[:, 0] * directions[:, 1] - before[:, 1] * directions[:, 0]
    opposite = lengths[:2] / lengths[2:]
    return bool(turns.min() > np.cos(np.radians(2 * _ASKEW)) and opposite.min() > 0.6 and opposite.max() < 1 / 0.6)
