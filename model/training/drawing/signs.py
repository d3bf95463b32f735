"""Drawn signs that are no digits: closed outlines, rings with something in them, spirals, symbols."""

import numpy as np
from numpy.typing import NDArray

from model.training.drawing.pen import SAMPLES, Floats, Strokes, Variation, curve, draw, patterns, straight
from model.types import Images

_SYMBOLS = [
    patterns(path)
    for path in (
        # Greek and Cyrillic capitals that look like no digit: a lambda would be a 1 with a long hook.
        "0,0 0,1 | 0,0 .7,0",
        "0,0 .8,0 | .1,.5 .7,.5 | 0,1 .8,1",
        "0,0 .9,0 | .15,0 .15,1 | .75,0 .75,1",
        ".8,0 0,0 | 0,0 .5,.5 | .5,.5 0,1 | 0,1 .8,1",
        ".5,0 .5,1 | .5,.25 .1,.35 .1,.65 .5,.75 .9,.65 .9,.35 .5,.25",
        "0,.1 .05,.5 .45,.65 .85,.5 .9,.1 | .45,0 .45,1",
        "0,1 .3,1 | .3,1 .05,.6 .1,.2 .5,0 .9,.2 .95,.6 .7,1 | .7,1 1,1",
        ".5,0 .5,1 | 0,0 .5,.5 | .5,.5 0,1 | 1,0 .5,.5 | .5,.5 1,1",
        "0,0 0,1 | 0,1 .7,0 | .7,0 .7,1",
        "0,0 0,1 | 0,1 .9,1 | .45,0 .45,1 | .9,0 .9,1",
        "0,0 0,1 | 0,.5 .35,.5 | .35,.5 .5,.05 .8,.05 .95,.5 .8,.95 .5,.95 .35,.5",
        ".7,0 .7,1 | .7,0 .2,0 .1,.25 .2,.5 .7,.5 | .4,.5 0,1",
        # Hebrew and Devanagari letters, a kana, and two simple characters of Chinese.
        "0,0 1,.9 | .9,0 .75,.4 .5,.5 | .3,.3 .1,.6 .15,1",
        "0,0 .9,0 | .9,0 .9,1 | .3,.3 .3,1",
        "0,0 1,0 | .7,0 .7,1 | .7,.45 .3,.35 .2,.6 .4,.75 .7,.6",
        "0,.25 .9,.2 | .4,0 .35,.5 .5,.95 | .8,.4 .4,.9 .1,.8 .3,.5 .8,.55 .85,.9",
        "0,.3 1,.3 | .5,0 .5,1",
        "0,.2 1,.2 | 0,.95 1,.95 | .5,.2 .5,.95",
        # Signs of currencies: a dollar with one stroke and with two, a pound, a yen.
        ".75,.2 .5,.1 .15,.25 .4,.48 .7,.65 .5,.9 .1,.8 | .45,0 .4,1",
        ".8,.2 .5,.1 .1,.3 .5,.5 .85,.7 .5,.9 .1,.8 | .4,0 .4,1 | .58,0 .58,1",
        ".8,.15 .55,0 .3,.15 .35,.6 .1,1 | .1,1 .8,.95 | .1,.55 .65,.5",
        "0,0 .4,.45 | .8,0 .4,.45 | .4,.45 .4,1 | .1,.55 .7,.55 | .1,.72 .7,.72",
    )
]
_CORNERS = (3, 6)  # of a straight-sided outline, the last excluded: with more, it is an angular 0
_BROAD = 1.25  # times as wide: a narrow one is the 0 of a digital clock
_LOBES, _DEPTH = (3, 6), (0.25, 0.5)  # of a rounded one: how many, and how deep the bays between them are
_TURNS = (1.8, 3.2)  # of a spiral: a 6 or a 9 has one and a half at most
_MARKS = (2, 5)  # in a ring: with a single dot or stroke in it, it is a 0 as some people write it
_RING = 0.55  # of the points of a ring that holds marks are the ring's


def outlines(count: int, random: np.random.Generator) -> Images:
    """Return closed outlines that are no 0s, (N, 28, 28): with three to five corners, with lobes, and hearts."""
    around = np.linspace(0, 1, SAMPLES, dtype=np.float32)
    kinds = random.choice(3, count, p=(0.5, 0.25, 0.25))
    points = np.empty((count, SAMPLES, 2), np.float32)
    for row, kind in enumerate(kinds.tolist()):
        if kind == 0:
            corners = int(random.integers(*_CORNERS))
            places = random.uniform(0, 1) + (np.arange(corners) + random.uniform(-0.2, 0.2, corners)) / corners
            ends = _polar(places, random.uniform(0.75, 1.1, corners))
            points[row] = straight(corners + 1, SAMPLES) @ np.concatenate([ends, ends[:1]]) * (_BROAD, 1)
        elif kind == 1:
            lobes, start = int(random.integers(*_LOBES)), random.uniform(0, 1)
            points[row] = _polar(around + start, 1 + random.uniform(*_DEPTH) * np.cos(2 * np.pi * lobes * around))
        else:
            bay, broad = random.uniform(0.15, 0.45), random.uniform(0.15, 0.4)
            half = np.array(
                [[0.5, bay], [0.5 - broad * 0.6, 0], [0.5 - 1.4 * broad, 0.2], [0.5 - broad, 0.6], [0.5, 1]]
            )
            left = curve(len(half), SAMPLES // 2) @ half
            points[row] = np.concatenate([left, ((1, 0) + left * (-1, 1))[::-1]])
    return _drawn(points, np.ones((count, SAMPLES - 1), np.bool_), random)


def filled_rings(count: int, random: np.random.Generator) -> Images:
    """Return rings with two to four dots, strokes or bows in them, (N, 28, 28): faces, clocks, buttons."""
    ring = round(_RING * SAMPLES)
    points = np.empty((count, SAMPLES, 2), np.float32)
    joined = np.ones((count, SAMPLES - 1), np.bool_)
    for row in range(count):
        points[row, :ring] = _polar(np.linspace(0, 1, ring), np.ones(ring))
        marks = int(random.integers(*_MARKS))
        parts = np.array_split(np.arange(ring, SAMPLES), marks)
        first = random.uniform(0, 1)
        for number, part in enumerate(parts):
            middle = _polar(np.array([first + number / marks]), np.array([random.uniform(0.35, 0.55)]))
            bow = random.uniform(-1, 1, (3, 2)) * random.uniform(0.12, 0.3)
            points[row, part] = middle + curve(3, len(part)) @ bow
            joined[row, part[0] - 1] = False
    points[:, :, 0] *= random.uniform(0.85, 1.3, (count, 1))
    return _drawn(points, joined, random)


def spirals(count: int, random: np.random.Generator) -> Images:
    """Return spirals of about two to three turns, wound either way, (N, 28, 28)."""
    along = np.linspace(0.08, 1, SAMPLES)
    turns = random.uniform(*_TURNS, (count, 1)) * random.choice([-1, 1], (count, 1))
    points = _polar(turns * along + random.uniform(0, 1, (count, 1)), np.broadcast_to(along, (count, SAMPLES)))
    return _drawn(points, np.ones((count, SAMPLES - 1), np.bool_), random)


def symbols(count: int, random: np.random.Generator) -> Images:
    """Return letters of other scripts and signs of currencies, (N, 28, 28)."""
    which = random.integers(0, len(_SYMBOLS), count)
    points, joined = (
        np.concatenate(arrays) for arrays in zip(*((each.points, each.joined) for each in _SYMBOLS), strict=True)
    )
    return _drawn(points[which], joined[which], random)


def _polar(turns: NDArray[np.floating], radius: NDArray[np.floating]) -> Floats:
    """Return the points (..., 2) at `radius` from the origin, in the directions `turns`, each of a whole turn."""
    angle = 2 * np.pi * turns
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1).astype(np.float32)


def _drawn(points: Floats, joined: NDArray[np.bool_], random: np.random.Generator) -> Images:
    return draw(Variation().apply(Strokes(points, joined), random), random)
