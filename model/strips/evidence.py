"""What a strip's stages see -> the evidence for its reading."""

from collections.abc import Mapping, Sequence

import numpy as np

from model.confidence.evidence import Evidence
from model.strips.line import Line

_Box = tuple[int, int, int, int]


def evidence_of(
    readings: Sequence[tuple[str, float]],
    nothing: float,
    *,
    looks: Sequence[Mapping[str, float]],
    digits: Sequence[tuple[_Box, float]],
    chances: Sequence[float],
    line: Line,
    counted: bool,
) -> Evidence:
    """Return the evidence for the first of `readings`, texts with their chances, best first.

    looks: the strings that each look finds, with their chances. digits: the box (top, left, bottom, right) of each
    digit in the ink map, and how sure it is. chances: by the classifier of single digits, that each of those that stand
    apart is one. counted: whether the count of digits is known. nothing: as in Evidence, whose height
    is in pixels of the ink map here.
    """
    text, chance = readings[0]
    boxes = np.array([box for box, _ in digits], np.float64)
    tops, lefts, bottoms, rights = boxes.T
    heights = bottoms - tops
    height = float(np.median(heights))
    gaps = (lefts[1:] - rights[:-1]) / height
    given = [look.get(text, 0.0) for look in looks]
    best = [max(look.values()) for look in looks]
    rivals = [max((chance for other, chance in look.items() if other != text), default=0.0) for look in looks]
    return Evidence(
        text=text,
        way="counted" if counted else "uncounted",
        chance=chance,
        nothing=nothing,
        least_digit=min(sure for _, sure in digits),
        agreeing=sum(mine == top for mine, top in zip(given, best, strict=True)) / len(looks),
        least_look=min(given),
        rival=sum(rivals) / len(looks),
        digit_chance=min(chances, default=1.0),
        height=height,
        heights=float(heights.std()) / height,
        levels=float(((tops + bottoms) / 2).std()) / height,
        gaps=float(gaps.std()) if len(gaps) else 0.0,
        widest=float((rights - lefts).max()) / height,
        unread=_unread(line, digits),
    )


def _unread(line: Line, digits: Sequence[tuple[_Box, float]]) -> float:
    """Return the share of the line's ink that lies in none of the digits' boxes."""
    read = line.within(box for box, _ in digits)
    return max(0.0, 1 - float(line.source[read].sum()) / max(float(line.source.sum()), 1e-9))
