"""Ink -> the same without rules near the picture's edges: the lines of ruled paper or of a form's box."""

import numpy as np
from numpy.typing import NDArray

from model.picture.components import central, connected_components, share
from model.picture.quantiles import median
from model.picture.resampling import block_maxima
from model.types import InkMap

_Mask = NDArray[np.bool_]
_Places = NDArray[np.int64]

_LEAST_SIDE = 20  # pixels: in a smaller picture a stroke is no thicker than a line
_SEEN_AT = 160  # pixels of the longer side: lines are sought at this scale, so that time is bounded
_WRITTEN = 0.08  # of the pen's full strength, as for digits: above what blur leaves beside a line
_LINE = 0.12  # of the pen's full strength: lines are often fainter than the pen
_NEAR_EDGE = 0.4  # of the height: a line of the digit's own box never lies further in
_STEEPEST = 0.08  # rise over run, 4.5 degrees: a form that is more askew is straightened by whoever cuts it out
_COVERED = 0.88  # of the line's path through the picture: dashes and paper that crosses it leave gaps
_IN_PICTURE = 0.6  # of the width: a tilted line may leave the picture at its edge
_THIN, _THIN_PIXELS = 0.08, 3  # of the height, at least in pixels, for blur: nearly all strokes of MNIST are thicker
_THICK, _THICK_PIXELS = 0.11, 4  # a line that is even may be this thick: a pen's strokes are uneven and taper
_EVEN, _MOSTLY = 0.7, 0.95  # an even line has at least this share of its usual ink across it, on this share of its path
_TO_EDGE = 0.5  # of a line's usual ink across it: so much it has where it leaves the picture
_ALONE = 1.4  # times the line's own ink across it: more means that a stroke touches or crosses it
_AT_EDGE = 0.02  # of the longer side: ink that is so close to the picture's edge reaches it
_LEFT = 0.15  # of the ink: a line that is nearly all there is is a 1


def without_edge_lines(strength: InkMap) -> InkMap:
    """Return `strength` without the lines that run through it near its edges; where a stroke crosses, it stays.

    strength: (H, W) float32 in [0, 1]; left unchanged.
    A line is thin, straight, tilted by at most 4.5 degrees, and runs from one side of the picture to the other in the
    outer two fifths, with paper beyond it. It is erased column by column, as staff lines are from music, except where
    it is thicker: there a stroke crosses it.
    Source: Dalitz et al. 2008, "A comparative study of staff removal algorithms", the method of vertical runs.
    """
    if max(strength.shape) < _LEAST_SIDE:
        return strength
    factor = -(-max(strength.shape) // _SEEN_AT)
    seen = block_maxima(strength, factor)
    cleaned = seen.copy()
    # Views, so that one routine finds the lines on all four sides, always at the top.
    lined = [_erase_top_line(view) for view in (cleaned, cleaned[::-1], cleaned.T, cleaned.T[::-1])]
    if not any(lined) or cleaned.sum() < _LEFT * seen.sum() or _fills(cleaned, lined):
        return strength
    erased = np.repeat(np.repeat(cleaned != seen, factor, axis=0), factor, axis=1)
    return np.where(erased[: strength.shape[0], : strength.shape[1]], np.float32(0), strength)


def _fills(cleaned: InkMap, lined: list[bool]) -> bool:
    """Return whether the ink that is left reaches two or more edges without a line: in a tight crop a line is a bar."""
    components = connected_components(cleaned > _LINE)
    if len(components) == 0:
        return True
    lead = central(components, cleaned)
    height, width = cleaned.shape
    near = max(1, round(_AT_EDGE * max(height, width)))  # a line's end takes the outermost pixels with it
    cut = (
        components.tops[lead] <= near,
        components.bottoms[lead] >= height - near,
        components.lefts[lead] <= near,
        components.rights[lead] >= width - near,
    )
    return sum(bool(here) and not line for here, line in zip(cut, lined, strict=True)) >= 2


def _erase_top_line(strength: InkMap) -> bool:
    """Erase, in place, the clearest line near the top of `strength` (H, W); return whether there was one."""
    height, width = strength.shape
    thin, thick = max(_THIN_PIXELS, round(_THIN * height)), max(_THICK_PIXELS, round(_THICK * height))
    rows = max(1, round(_NEAR_EDGE * height))
    zone = strength[: rows + 3 * thick]
    places = _line_places(zone[: rows + 1] > _LINE, rows)
    if places is None:
        return False
    columns = np.flatnonzero((places >= 0) & (places < len(zone)))
    starts, ends = _runs_through(zone > _WRITTEN, places[columns], columns)
    crossed = ends > starts
    columns, starts, ends = columns[crossed], starts[crossed], ends[crossed]
    if len(columns) == 0:  # nothing on the line itself: it runs between faint pixels on either side
        return False
    sums = np.zeros((len(zone) + 1, width), np.float32)
    np.cumsum(zone, axis=0, out=sums[1:])
    mass = sums[ends, columns] - sums[starts, columns]
    typical, thickness = median(mass), median(ends - starts)
    even = float((mass >= _EVEN * typical).mean()) >= _MOSTLY
    if thickness > (thick if even else thin):
        return False
    # Without paper beyond it, or with paper at its ends, it is the bar of a digit that is cut out at its ink.
    sides = [mass[columns == at] for at in (0, width - 1) if 0 <= places[at] < rows]
    if median(starts) == 0 or any(float(side.sum()) < _TO_EDGE * typical for side in sides):
        return False
    alone = mass <= _ALONE * typical
    at = np.arange(len(zone))[:, None]
    zone[:, columns[alone]] *= (at < starts[alone]) | (at >= ends[alone])
    return True


def _line_places(mask: _Mask, rows: int) -> _Places | None:
    """Return the row at which the clearest line in `mask` passes each column; in its middle, it is in the first `rows`.

    mask: (h, W) bool. Returns (W,) int64, negative where the line leaves the picture; None where there is no line.
    """
    height, width = mask.shape
    if share(np.asarray(mask.any(axis=0))) < _COVERED * _IN_PICTURE:
        return None
    most = int(_STEEPEST * width) // 2
    margin = most + 2
    padded = np.zeros((height + 2 * margin, width), np.int8)
    padded[margin : margin + height] = mask
    # A pixel above and below count too, since the line's places are rounded, but the line itself counts twice.
    padded[1:-1] = np.minimum(1, padded[:-2] + padded[1:-1] + padded[2:]) + padded[1:-1]
    slopes = np.linspace(-_STEEPEST, _STEEPEST, 4 * most + 1) if most else np.zeros(1)
    drops = np.rint(slopes[:, None] * (np.arange(width) - (width - 1) / 2)).astype(np.int64)
    at = np.arange(rows)[None, :, None] + drops[:, None, :]  # (slopes, rows, W)
    way = (at >= 0).sum(axis=2)
    met = padded.ravel()[(at + margin) * width + np.arange(width)]
    cover = np.where(way >= _IN_PICTURE * width, (met > 0).sum(axis=2) / np.maximum(way, 1), 0)
    covered = np.where(cover >= _COVERED, met.sum(axis=2) / np.maximum(way, 1), 0)
    best = int(covered.argmax())
    places: _Places = at.reshape(-1, width)[best]
    return places if covered.flat[best] > 0 else None


def _runs_through(ink: _Mask, places: _Places, columns: _Places) -> tuple[_Places, _Places]:
    """Return where the run of ink at or beside each of `places` starts and ends (exclusive); equal if there is none."""
    height = len(ink)
    at = np.arange(height)[:, None]
    # The last empty pixel up to here, and the first from here on.
    empty_above = np.maximum.accumulate(np.where(ink, -1, at), axis=0)
    empty_below = np.minimum.accumulate(np.where(ink, height, at)[::-1], axis=0)[::-1]
    near = np.clip(places, 0, height - 1)
    for step in (-1, 1):
        beside = np.clip(places + step, 0, height - 1)
        near = np.where(~ink[near, columns] & ink[beside, columns], beside, near)
    return np.where(ink[near, columns], empty_above[near, columns] + 1, near), empty_below[near, columns]
