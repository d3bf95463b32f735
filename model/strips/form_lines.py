"""Ink of a strip -> the same without what is printed around a code: underlines, rules, and the boxes of a form."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.types import InkMap

_Mask = NDArray[np.bool_]
_Places = NDArray[np.int64]

_WRITTEN = 0.06  # of the pen's full strength: boxes are often fainter than the pen
_THICKEST = 0.09  # of the picture's height
_STEEPEST = 0.1  # rise over run: 5.7 degrees
_SAMPLES = 160  # columns in which lines are sought
_COVERED = 0.65  # of a line's columns: digits whose strokes lie in one row leave larger gaps
_MOST_RULES = 4
_MOST_SIDES = 20  # of the boxes of one code, from side to side
_LEAST_BOX = 0.35  # of the picture's height, between two rules that bound boxes
_AT_ONCE = 250_000  # votes that are counted at once: memory is bounded, and calls are few
_LEAST_SIDE = 12  # pixels: in a smaller picture a stroke is no thicker than a line
_ENDS = 0.2  # of a box's height: a box's side reaches both ends, and a 1 inside the box does not
_STRONGER = 1.3  # times a line's strength: stronger ink is the pen's
_FAINTEST = 0.1  # of the pen's full strength, beside a line


@dataclass(frozen=True)
class _Rule:
    """A line through a picture: its first row in each column is start + slope * column; thickness in rows."""

    start: float
    slope: float
    thickness: int

    def rows(self, columns: _Places) -> _Places:
        return np.round(self.start + self.slope * columns).astype(np.int64)


class _Voted(NamedTuple):
    """A line's first row and slope, and how many pixels lie on it."""

    start: int
    slope: float
    votes: int


def without_form_lines(strength: InkMap) -> InkMap:
    """Return `strength` (H, W) without long straight thin lines; where a stroke crosses one, the stroke stays.

    Lines from side to side of the writing are erased; where two of them bound boxes, so are the upright lines between
    them. The picture may be askew by up to 5.7 degrees.
    Source: the vertical runs of Dalitz et al. 2008, "A comparative study of staff removal algorithms", and the Hough
    transform (Duda and Hart 1972) to find the lines.
    """
    height, width = strength.shape
    if min(height, width) < _LEAST_SIDE:
        return strength
    cleaned = strength.copy()
    thickest = max(2, round(_THICKEST * height))
    rules: list[_Rule] = []
    level = 0.0  # the rules' ink, with which the sides between them are printed too; a 1 has the pen's
    for _ in range(_MOST_RULES):
        slopes = _STEEPEST if not rules else 0.02
        found = _clearest(cleaned, thickest, rules[0].slope if rules else 0.0, slopes)
        if found is None:
            break
        level = max(level, _level(cleaned, found))
        _erase(cleaned, found)
        rules.append(found)
    middles = sorted(rule.start + rule.slope * width / 2 for rule in rules)
    if len(rules) < 2 or middles[-1] - middles[0] < _LEAST_BOX * height:
        return cleaned
    # Transposed views: erasing in them erases in `cleaned`. Sides are sought between the rules, and cross them.
    top, bottom = max(0, int(middles[0]) - 1), min(height, int(middles[-1]) + thickest)
    inner = thickest + 1
    boxes = cleaned[top:bottom].T
    sought = boxes.copy()  # here sides that prove to be strokes are erased too, so that others are found
    for _ in range(_MOST_SIDES):
        found = _clearest(sought[:, inner:-inner], thickest, -rules[0].slope, 0.04, whole=True)
        if found is None:
            break
        side = replace(found, start=found.start - found.slope * inner)
        if _level(boxes, side) <= _STRONGER * level + _FAINTEST:
            _erase(boxes, side)
        _erase(sought, side)
    return cleaned


def _clearest(strength: InkMap, thickest: int, slope: float, tolerance: float, *, whole: bool = False) -> _Rule | None:
    """Return the line from side to side of the ink that has most ink along it; None where no line has enough.

    Its slope is within `tolerance` of `slope`. With `whole`, it must span the picture and have ink at both ends.
    """
    height, width = strength.shape
    mask = strength > _WRITTEN
    inked = np.flatnonzero(mask.any(axis=0))
    if len(inked) < _LEAST_SIDE:
        return None
    first, last = (0, width - 1) if whole else (int(inked[0]), int(inked[-1]))
    step = max(1, (last - first) // _SAMPLES)
    columns = np.arange(first, last + 1, step)
    tops = _thin_tops(mask, thickest)[:, columns]
    rows, places = np.nonzero(tops)
    if len(rows) < _COVERED * len(columns):
        return None
    # A steeper line leaves the picture before it has covered enough: in a long strip, few slopes are left.
    steepest = height / (_COVERED * (last - first))
    least, most = max(slope - tolerance, -steepest), min(slope + tolerance, steepest)
    if least > most:
        return None
    slopes = np.linspace(least, most, int(np.ceil((most - least) * (last - first))) | 1)
    found = _most_voted(rows, columns[places], slopes)
    if found.votes < _COVERED * len(columns):
        return None
    on = np.isin(_starts(rows, columns[places], found.slope), (found.start, found.start + 1))
    if whole and not _at_both_ends(places[on], len(columns)):
        return None
    hit = (rows[on], columns[places[on]])
    runs = np.stack([mask[np.minimum(hit[0] + k, height - 1), hit[1]] for k in range(thickest + 1)])
    thickness = int(np.median(np.where(runs.all(axis=0), thickest, runs.argmin(axis=0))))
    return _Rule(found.start + 0.5, found.slope, max(1, thickness))


def _most_voted(rows: _Places, columns: _Places, slopes: NDArray[np.float64]) -> _Voted:
    """Return the line, two rows thick and with one of `slopes`, on which most pixels at `rows` and `columns` lie."""
    best = _Voted(0, 0.0, -1)
    for block in np.array_split(slopes, -(-len(slopes) * len(rows) // _AT_ONCE)):
        starts = _starts(rows, columns, block[:, None])
        low = int(starts.min())
        room = int(starts.max()) - low + 1
        flat = (starts - low + np.arange(len(block))[:, None] * room).ravel()
        votes = np.bincount(flat, minlength=len(block) * room).reshape(len(block), room)
        pairs = votes[:, :-1] + votes[:, 1:] if room > 1 else votes
        number, at = np.unravel_index(int(pairs.argmax()), pairs.shape)
        if pairs[number, at] > best.votes:
            best = _Voted(low + int(at), float(block[number]), int(pairs[number, at]))
    return best


def _starts(rows: _Places, columns: _Places, slopes: NDArray[np.float64] | float) -> _Places:
    """Return the row at column 0 of the line through each pixel with each of `slopes`."""
    return np.round(rows - slopes * columns).astype(np.int64)


def _at_both_ends(places: _Places, n: int) -> bool:
    """Return whether most of the first and most of the last of `n` places are among `places`."""
    end = max(1, round(_ENDS * n))
    least = 0.5 * end
    return bool((places < end).sum() >= least and (places >= n - end).sum() >= least)


def _thin_tops(mask: _Mask, thickest: int) -> _Mask:
    """Return the first pixels of the vertical runs of `mask` that are at most `thickest` pixels long."""
    tops = mask.copy()
    tops[1:] &= ~mask[:-1]
    long = np.zeros_like(mask)
    n = len(mask) - thickest
    if n > 0:
        long[:n] = mask[:n]
        for k in range(1, thickest + 1):
            long[:n] &= mask[k : n + k]
    return tops & ~long


def _band(strength: InkMap, rule: _Rule) -> tuple[_Places, InkMap]:
    """Return the rows (n, W) along `rule`, with two more on either side, and their ink; zero outside the picture."""
    height, width = strength.shape
    columns = np.arange(width)
    rows = rule.rows(columns) + np.arange(-2, rule.thickness + 2)[:, None]
    inside = (rows >= 0) & (rows < height)
    return rows, np.where(inside, strength[np.clip(rows, 0, height - 1), columns], np.float32(0))


def _level(strength: InkMap, rule: _Rule) -> float:
    """Return how strong the ink of `rule` is where it has any; zero where it has none."""
    levels = _band(strength, rule)[1].max(axis=0)
    return float(np.median(levels[levels > _WRITTEN])) if (levels > _WRITTEN).any() else 0.0


def _erase(strength: InkMap, rule: _Rule) -> None:
    """Erase `rule` from `strength`, in place, except where a stroke crosses it or is stronger than it."""
    height, width = strength.shape
    columns = np.arange(width)
    tops = rule.rows(columns)
    reach = rule.thickness + 2
    rows, band = _band(strength, rule)
    inside = (rows >= 0) & (rows < height)
    places = np.clip(rows, 0, height - 1)
    level = _level(strength, rule)
    beyond = [
        np.where((at >= 0) & (at < height), strength[np.clip(at, 0, height - 1), columns], np.float32(0)) > 2 * _WRITTEN
        for at in (tops - 3, tops + reach)
    ]
    kept = (beyond[0] & beyond[1]) | (band > _STRONGER * level + _FAINTEST)
    strength[places[inside], np.broadcast_to(columns, rows.shape)[inside]] = np.where(kept, band, np.float32(0))[inside]
