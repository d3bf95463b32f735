"""Ink -> the straight thin bars in it that are about level: lines of a form, and also the straight strokes of a pen."""

import itertools
import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.picture.bars import WRITTEN, Bar, Mask, Places, along
from model.picture.quantiles import median
from model.types import InkMap

_Floats = NDArray[np.float64]

_STEEPEST = 0.1  # rise over run: 5.7 degrees
_ALIKE = 0.03  # rise over run: the lines of one form differ by less, even in a photograph
_SAMPLES = 120  # columns in which lines are sought
_MOST = 40  # lines in one direction: so many are in a picture of squared paper with one number
_AT_ONCE = 250_000  # votes that are counted at once: memory is bounded, and calls are few
_BESIDE = 1.3  # pixels between a line and the middle of a run that lies on it: places are rounded
_TRACE = 0.015  # of the pen's full strength: hardly more than noise
_BLURRED = 0.3  # of a line's strength: less is what blur leaves between two strokes
_STRAIGHT, _STRAIGHT_WIDE = 0.3, 0.06  # pixels from a straight line, and shares of its thickness: more is a curve
_THIN = 0.5  # of a bar's columns: where more are thick, it is the edge of something else
_LONGEST_DASH = 0.2  # of the picture's shorter side, which is at least as high as a digit
_LEAST_LENGTH = 6  # pixels
_LEAST_DASHES = 5  # of one line: fewer could be the bars of a number's digits
_EVEN, _MOSTLY = 0.5, 0.75  # dashes and gaps differ by less than half, most of them
_WIDEST_GAP = 2.5  # times a dash


def find_bars(ink: InkMap, thickest: int, least: int, slope: float | None = None) -> list[Bar]:
    """Return the bars in `ink` (H, W) that are about level, at most `thickest` rows thick and on lines of enough ink.

    A line must have ink in `least` columns, and so may consist of several bars. Without `slope`, lines up to 5.7
    degrees askew are sought; else those with a similar one. Lines are found by votes, the clearest first.
    Source: Duda and Hart 1972, "Use of the Hough transformation to detect lines and curves in pictures".
    """
    width = ink.shape[1]
    step = -(-width // _SAMPLES)
    rows, columns = _thin_runs(ink[:, ::step] > WRITTEN, thickest)
    columns = columns * step
    bars: list[Bar] = []
    slopes = _slopes(0.0, _STEEPEST, width) if slope is None else _slopes(slope, _ALIKE, width)
    for number in range(_MOST):
        if len(rows) * step < least:
            break
        start, found, votes = _most_voted(rows, columns, slopes)
        if votes * step < least:
            break
        near = np.abs(rows - start - found * columns) <= _BESIDE
        if np.count_nonzero(near) > 2:
            found, start = _fitted(rows[near], columns[near])
        if number == 0 and slope is None:
            slopes = _slopes(found, _ALIKE, width)
        away = np.abs(rows - start - found * columns) > _BESIDE
        if away.all():
            break
        rows, columns = rows[away], columns[away]
        bars += _bars_on(ink, start, found, thickest)
    return bars


def _slopes(middle: float, tolerance: float, width: int) -> _Floats:
    """Return the slopes around `middle` that are tried: over `width` columns, two neighbours part by about two rows."""
    return np.linspace(middle - tolerance, middle + tolerance, math.ceil(tolerance * width) | 1)


def _thin_runs(mask: Mask, thickest: int) -> tuple[_Floats, Places]:
    """Return the middle row and the column of each vertical run in `mask` of at most `thickest` pixels."""
    padded = np.zeros((mask.shape[1], mask.shape[0] + 2), np.bool_)
    padded[:, 1:-1] = mask.T
    columns, changes = np.divmod(np.flatnonzero(padded[:, 1:] != padded[:, :-1]), len(mask) + 1)
    columns, starts, ends = columns[::2], changes[::2], changes[1::2]
    thin = ends - starts <= thickest
    return (starts[thin] + ends[thin] - 1) / 2, columns[thin]


def _most_voted(rows: _Floats, columns: Places, slopes: _Floats) -> tuple[float, float, int]:
    """Return the start and slope of the line, two rows thick, on which most of the points lie, and their number."""
    best = (0.0, 0.0, -1)
    at_once = max(1, _AT_ONCE // len(rows))
    for block in (slopes[first : first + at_once] for first in range(0, len(slopes), at_once)):
        starts = np.floor(rows - block[:, None] * columns).astype(np.int64)
        low = int(starts.min())
        room = int(starts.max()) - low + 2
        flat = (starts - low + np.arange(len(block))[:, None] * room).ravel()
        votes = np.bincount(flat, minlength=len(block) * room).reshape(len(block), room)
        pairs = votes[:, :-1] + votes[:, 1:]
        number, at = np.unravel_index(int(pairs.argmax()), pairs.shape)
        if pairs[number, at] > best[2]:
            best = (low + int(at) + 1.0, float(block[number]), int(pairs[number, at]))
    return best


def _fitted(rows: _Floats, columns: Places) -> tuple[float, float]:
    """Return the slope and start of the straight line through points, by least squares."""
    middle, usual = float(columns.sum()) / len(columns), float(rows.sum()) / len(rows)
    across = columns - middle
    spread = float(across @ across)
    slope = float(across @ rows) / spread if spread else 0.0
    return slope, usual - slope * middle


def _bars_on(ink: InkMap, start: float, slope: float, thickest: int) -> list[Bar]:
    """Return the bars that lie on one line: stretches of ink, most of it thin, between gaps."""
    whole = Bar(start, slope, 0, ink.shape[1], thickest, 0.0, 0.0)
    strip = along(ink, whole, thickest + 1)
    lengths = strip.ends - strip.tops
    thin = (lengths > 0) & (lengths <= thickest)
    if not thin.any():
        return []
    usual = int(median(lengths[thin]))
    bars = []
    k = np.arange(len(strip.ink))[:, None]
    middles = strip.rows[0] + (strip.tops + strip.ends - 1) / 2
    middle = len(strip.ink) // 2
    # A faint line that falls below the limit here and there is not broken there; strokes that only blur joins are.
    peaks = strip.ink.max(axis=0)
    least = max(_TRACE, _BLURRED * median(peaks[thin]))
    there = strip.ink[middle - 1 : middle + 2].max(axis=0) > least
    for first, end in stretches(there, 1 + usual // 4):
        mine = thin[first:end].nonzero()[0] + first
        if end - first <= usual or len(mine) < _THIN * (end - first):
            continue
        rows = lengths[mine]
        thickness = median(rows)
        # Where a stroke of the pen lies on the line, the middle of both says nothing about the line.
        bare = mine[rows <= thickness + 1]
        if _bend(bare, middles[bare]) <= _STRAIGHT + _STRAIGHT_WIDE * usual:
            run = (k >= strip.tops[mine]) & (k < strip.ends[mine])
            mass = median((strip.ink.take(mine, axis=1) * run).sum(axis=0))
            bars.append(Bar(start, slope, first, end, int(thickness), median(peaks[mine]), mass))
    bars = _dashes_joined(bars, _LONGEST_DASH * min(ink.shape) + 2)
    return [bar for bar in bars if bar.length >= max(_LEAST_LENGTH, 2 * bar.thickness)]


def _bend(columns: Places, rows: _Floats) -> float:
    """Return how far most of the points lie from a straight line through them, in rows; a line's ends may be round."""
    slope, start = _fitted(rows, columns)
    return median(np.abs(rows - start - slope * columns))


def _dashes_joined(bars: list[Bar], longest: float) -> list[Bar]:
    """Return the `bars` of one line, joined where they are even dashes, evenly apart, and no longer than `longest`."""
    if len(bars) < _LEAST_DASHES:
        return bars
    lengths = np.array([bar.length for bar in bars])
    gaps = np.array([after.first - before.end for before, after in itertools.pairwise(bars)])
    dash, gap = median(lengths), median(gaps)
    alike = [(np.abs(each - usual) <= np.maximum(1.5, _EVEN * usual)) for each, usual in ((lengths, dash), (gaps, gap))]
    if dash > longest or gap > _WIDEST_GAP * dash + 2 or any(each.mean() < _MOSTLY for each in alike):
        return bars
    joined: list[list[Bar]] = [[bars[0]]]
    for bar, between in zip(bars[1:], gaps, strict=True):
        if between <= 2 * gap + dash:  # a dash may be missing
            joined[-1].append(bar)
        else:
            joined.append([bar])
    middle = bars[len(bars) // 2]
    return [
        replace(middle, first=each[0].first, end=each[-1].end, period=dash + gap if len(each) > 1 else 0.0)
        for each in joined
    ]


def stretches(there: Mask, gap: int) -> list[tuple[int, int]]:
    """Return the first and end index of each stretch of `there` (n,), gaps of at most `gap` not counted."""
    places = there.nonzero()[0]
    if len(places) == 0:
        return []
    breaks = (places[1:] - places[:-1] > gap + 1).nonzero()[0]
    starts, lasts = places[[0, *(breaks + 1)]], places[[*breaks, -1]]
    return list(zip(starts.tolist(), (lasts + 1).tolist(), strict=True))
