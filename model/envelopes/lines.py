"""Marks -> pieces of lines of writing: marks of like height beside each other, with no wide gap between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.envelopes.marks import Marks
from model.types import Array

_FEW = 2  # marks: so few may stand beside each other anywhere
_LOWEST = 5.0  # pixels of a mark's height: lower ones are dots and dashes
_TALLEST = 0.2  # of the piece's shorter side: no writing is higher
_THINNEST = 12.0  # times higher than wide: a rule, or a piece's edge
_HOLLOW = 0.3  # of its box: a frame has less ink than a stroke that crosses itself
_WITHIN = 0.4  # of a frame's height: what is written in it is higher
_OVERLAP = 0.35  # of the lower mark's height: marks of one line lie beside each other
_GAP = 1.7  # heights of a mark: a wider gap ends a piece of a line
_CLOSE = 0.6  # heights: letters of a word stand closer to each other, and lines do not
_WITHIN_LINE = 0.5  # heights from a line's middle: so near lie the parts of its marks
_WIDEST = 1.5  # heights: a wider mark is no part of a letter
_TALLER = 0.7  # of a line's marks are not higher than what counts as its height
_LAPPED = 0.8  # of the narrower mark's width: one of a line lies beside the other, not above it
_AT_ONCE = 64  # marks that are compared with all others at once: memory is bounded, and faster where it is little
_RULE = 6.0  # heights: a longer mark may be a rule, with what is written on it
_UNLIKE = 2.4  # times: between the heights of neighbours
_SLOPED = 3.0  # heights: the slope of a shorter piece is that of its digits' shapes
_MOST_SLOPE = 0.4  # rows a column, from a direction that was estimated
_STRAIGHT = 0.08  # rows a column: lines that lie further askew are sought again along their own direction


@dataclass(frozen=True)
class Segment:
    """A piece of a line of writing: marks beside each other.

    members: the numbers of its marks, left to right. box: u0, u1, v0, v1 in the turned axes. height: of its taller
    marks. slope: rows a column, in the turned axes. close: how many of them stand close to the next one. ruled: whether
    a printed line may run through it.
    """

    members: NDArray[np.int64]
    box: tuple[float, float, float, float]
    height: float
    slope: float
    close: float
    ruled: bool

    @property
    def width(self) -> float:
        """In heights of its marks."""
        return (self.box[1] - self.box[0]) / self.height


def find_segments(marks: Marks, boxes: Array) -> list[Segment]:
    """Return the pieces of lines among `marks`, whose `boxes` (N, 4) are u0, u1, v0, v1 in axes along the lines."""
    widths, heights = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    written = np.flatnonzero(
        ~_frames(marks, boxes)
        & (heights >= _LOWEST)
        & (heights <= _TALLEST * min(marks.labels.shape))
        & (heights <= _THINNEST * np.maximum(widths, 2.0))
    )
    pieces = [written[chain] for chain in _chains(boxes[written])]
    # A broken digit ends a chain: what goes on behind it is the same line.
    around = np.array([_segment(piece, boxes).box for piece in pieces]).reshape(-1, 4)
    lines = [np.concatenate([pieces[each] for each in chain]) for chain in _chains(around)]
    segments = sorted((_segment(line, boxes) for line in lines), key=lambda each: -len(each.members))
    taken = np.zeros(len(marks), np.bool_)
    found = []
    for segment in segments:
        if taken[segment.members].all():  # parts of a line that is there already
            continue
        own = np.flatnonzero(~taken & _in_line(segment, boxes))
        whole = replace(segment, members=np.union1d(segment.members, own))
        taken[whole.members] = True
        found.append(whole)
    return found


def _chains(boxes: Array) -> list[NDArray[np.int64]]:
    """Return the numbers of `boxes` (N, 4) in chains, each from left to right along one line."""
    order = np.argsort(boxes[:, 0] + boxes[:, 1], kind="stable")
    following = _following(boxes[order])
    first = np.ones(len(order), np.bool_)
    first[following[following >= 0]] = False
    chains = []
    for start in np.flatnonzero(first).tolist():
        chain = [start]
        while following[chain[-1]] >= 0:
            chain.append(int(following[chain[-1]]))
        chains.append(order[chain])
    return chains


def _in_line(segment: Segment, boxes: Array) -> NDArray[np.bool_]:
    """Return which marks, (N,), stand in the line of `segment` and are no larger than its own: parts, dots, dashes."""
    u0, u1, v0, v1 = segment.box
    across, down = boxes[:, :2].mean(axis=1), boxes[:, 2:].mean(axis=1)
    middle = (v0 + v1) / 2 + segment.slope * (across - (u0 + u1) / 2)
    return np.asarray(
        (across > u0)
        & (across < u1)
        & (np.abs(down - middle) < _WITHIN_LINE * segment.height)
        & (boxes[:, 3] - boxes[:, 2] <= segment.height)
        & (boxes[:, 1] - boxes[:, 0] <= _WIDEST * segment.height)
    )


def typical_slope(segments: Sequence[Segment]) -> float:
    """Return the usual slope of the longer `segments`, rows a column: how far their direction was mistaken."""
    long = [each for each in segments if each.slope and len(each.members) > _FEW]
    if not long:
        return 0.0
    slopes, weights = np.array([each.slope for each in long]), np.array([each.width for each in long])
    order = np.argsort(slopes)
    slope = float(slopes[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])
    return slope if abs(slope) > _STRAIGHT else 0.0


def closeness(segments: Sequence[Segment]) -> float:
    """Return how many marks stand close beside each other: more along writing than across it."""
    return sum(each.close for each in segments if len(each.members) > _FEW and abs(each.slope) < _STRAIGHT)


def _frames(marks: Marks, boxes: Array) -> NDArray[np.bool_]:
    """Return which marks, (N,), are printed frames: hollow, with another mark inside that is nearly as high."""
    u0, u1, v0, v1 = boxes.T
    middle_u, widths, heights = (u0 + u1) / 2, u1 - u0, v1 - v0
    frames = np.zeros(len(boxes), np.bool_)
    hollow = np.flatnonzero((marks.areas < _HOLLOW * widths * heights) & (heights >= _LOWEST))
    for start in range(0, len(hollow), _AT_ONCE):
        some = hollow[start : start + _AT_ONCE]
        inside = (
            (middle_u > u0[some, None])
            & (middle_u < u1[some, None])
            & (widths < widths[some, None])
            & (v0 > v0[some, None])
            & (v1 < v1[some, None])
            & (heights > _WITHIN * heights[some, None])
        )
        frames[some] = inside.any(axis=1)
    return frames


def _following(boxes: Array) -> NDArray[np.int64]:
    """Return, for each of `boxes` (N, 4), from left to right, the number of the next one of its line; -1 for none."""
    n = len(boxes)
    after, before = np.full(n, -1), np.full(n, -1)
    nearest = np.full(n, np.inf, np.float32)  # to the one before
    for start in range(0, n, _AT_ONCE):
        some = np.arange(start, min(n, start + _AT_ONCE))
        apart = _apart(boxes[some], boxes[start:])
        apart[np.tril_indices(len(some), 0, n - start)] = np.inf  # those further to the left, and each itself
        next_ones = apart.argmin(axis=1)
        found = np.isfinite(apart[np.arange(len(some)), next_ones])
        after[some[found]] = start + next_ones[found]
        last_ones = apart.argmin(axis=0)
        distances = apart[last_ones, np.arange(n - start)]
        closer = distances < nearest[start:]
        nearest[start:][closer] = distances[closer]
        before[start:][closer] = start + last_ones[closer]
    mutual = (after >= 0) & (before[after] == np.arange(n))
    return np.where(mutual, after, -1)


def _apart(boxes: Array, others: Array) -> NDArray[np.float32]:
    """Return how far `others` (M, 4), to the right, are from `boxes` (N, 4): (N, M), infinite on another line."""
    u0, u1, v0, v1 = boxes.astype(np.float32).T[:, :, None]
    other_u0, other_u1, other_v0, other_v1 = others.astype(np.float32).T
    lower = np.minimum(v1 - v0, other_v1 - other_v0)
    taller = np.maximum(v1 - v0, other_v1 - other_v0)
    gap = other_u0 - u1
    near = (
        (np.minimum(v1, other_v1) - np.maximum(v0, other_v0) >= _OVERLAP * lower)
        & (gap <= _GAP * taller)
        & (taller <= _UNLIKE * lower)
        & (gap >= -_LAPPED * np.minimum(u1 - u0, other_u1 - other_u0))
    )
    askew = 0.5 * np.abs((v0 + v1) - (other_v0 + other_v1))
    return np.asarray(np.where(near, gap + askew, np.inf), np.float32)


def _segment(members: NDArray[np.int64], boxes: Array) -> Segment:
    u0, u1, v0, v1 = boxes[members].T
    heights = v1 - v0
    height = float(np.sort(heights)[int(_TALLER * (len(heights) - 1) + 0.5)])
    box = (float(u0.min()), float(u1.max()), float(v0.min()), float(v1.max()))
    tall = heights >= 0.5 * height
    slope = 0.0
    if box[1] - box[0] > _SLOPED * height and np.count_nonzero(tall) > 2:
        slope = _slope((u0 + u1)[tall] / 2, (v0 + v1)[tall] / 2)
    gaps = u0[1:] - np.maximum.accumulate(u1)[:-1]
    close = float(np.clip(1 - np.abs(gaps) / (_CLOSE * height), 0, 1).sum())
    ruled = bool((u1 - u0).max() > _RULE * height)
    return Segment(members, box, height, slope, close, ruled)


def _slope(u: Array, v: Array) -> float:
    """Return the slope of the line through places `u`, `v`, (N,) each, by least squares, within bounds."""
    across = u - u.sum() / len(u)
    return float(np.clip(across @ v / (across @ across), -_MOST_SLOPE, _MOST_SLOPE))
