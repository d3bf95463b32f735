"""A field of a form's column, cut out of a scan: a dark band beside it, rules around it, an underline, a tick."""

import numpy as np

from synthesis.field.printer import Printer, Stroke, any_print, askew
from synthesis.field.sample import (
    FieldKind,
    Random,
    Sample,
    any_code,
    any_height,
    any_paper,
    any_pen,
    inked,
    taken,
    with_room,
)
from synthesis.hand import Hand, Ink


def _written(random: Random) -> tuple[Ink, str, int]:
    """Return a short number with an underline and a tick beside it or without, what it says, and a digit's height."""
    hand, height = Hand.any(random), any_height(random, 14, 60)
    code = any_code(random, int(random.integers(1, 4)))
    ink = hand.number(code, height, random, gap=float(random.uniform(0.15, 0.5)))
    thick = max(1, round(hand.pen * height))
    if random.random() < 0.35:
        line = np.ones((thick, round(ink.shape[1] * random.uniform(0.8, 1.3))), np.float32)
        room = round(height * random.uniform(0.15, 0.4))
        wide = max(ink.shape[1], line.shape[1])
        ink, line = (with_room(each, 0, wide - each.shape[1], 0, 0) for each in (ink, line))
        ink = np.concatenate([ink, np.zeros((room, wide), np.float32), line])
    if random.random() < 0.25:
        tick = hand.stroke(np.array([[0, 0.6], [0.3, 1], [1, 0]]), np.ones(2, np.bool_), max(6, height // 3))
        below = len(ink) + round(height * random.uniform(0.2, 0.8))
        ink = with_room(ink, 0, max(0, tick.shape[1] - ink.shape[1]), below - len(ink) + len(tick), 0)
        left = int(random.integers(0, ink.shape[1] - tick.shape[1] + 1))
        ink[below:, left : left + tick.shape[1]] = tick
    return ink, code, height


def _rules(random: Random, shape: tuple[int, int], height: int) -> Ink:
    """Return the rules of a column's field of this `shape`: at its sides and ends, and those of rows within it."""
    tall, wide = shape
    printer, tilt = Printer(*shape), askew(random, 1.5)
    stroke = Stroke(max(1.0, height * float(random.uniform(0.03, 0.1))))
    for at in random.uniform(0.02, 0.08, 2) * wide * np.array([1, -1]) + np.array([0, wide]):
        if random.random() < 0.8:
            printer.line((at + tilt * tall / 2, -2.0), (at - tilt * tall / 2, tall + 2.0), stroke)
    for at in random.uniform(0.01, 0.06, 2) * tall * np.array([1, -1]) + np.array([0, tall]):
        if random.random() < 0.5:
            printer.line((wide * random.uniform(0, 0.6), at), (wide + 2.0, at + tilt * wide), stroke)
    return printer.ink()


def field_of_column(random: Random) -> Sample:
    """Return the field that a short number stands in, beside the dark band of a scan, sent as a strip."""
    ink, code, height = _written(random)
    room = np.rint(height * random.uniform((0.8, 0.5, 0.8, 0.5), (5, 2, 5, 2))).astype(int).tolist()
    ink = with_room(ink, *room)
    rules = _rules(random, (ink.shape[0], ink.shape[1]), height)
    pen = any_pen(random)
    colour, strength = any_print(random, pen)
    page = inked(inked(any_paper(random, *ink.shape), rules, colour, strength), ink, pen)
    deep = round(ink.shape[1] * random.uniform(0.1, 0.8))
    edge = np.arange(deep + ink.shape[1]) - deep + askew(random, 1.5) * np.arange(len(ink))[:, None]
    fades = float(random.choice([0.5, 0.5, 4]))  # pixels in which the band ends
    dark = 1 / (1 + np.exp(np.clip(edge / fades, -30, 30)))
    page = np.pad(page, ((0, 0), (deep, 0), (0, 0)), mode="edge")
    page += dark[:, :, None].astype(np.float32) * (float(random.uniform(0, 40)) - page)
    picture = taken(np.ascontiguousarray(page), random)
    return Sample(picture, code, "strip", len(code) if random.random() < 0.4 else None)


KINDS = (FieldKind("a number in a form's column", field_of_column, 0.8),)
"""The marks beside the number may be read as digits: ticks, hence the lower target."""
