"""Rings around writing: round, oval or with rounded corners, drawn or printed, closed, open, overlapping or dashed."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from synthesis.field.sample import FieldKind, Random, Sample, any_height, around, one_digit, written
from synthesis.hand import Hand, Ink

_FINE = 4  # rings are drawn so many times as large, and then reduced, so that edges are smooth
_POINTS = 240


def ringed(ink: Ink, random: Random) -> Ink:
    """Return `ink` (h, w) somewhere inside a ring that may just touch it, (H, W)."""
    height, width = ink.shape
    room = random.uniform(1.5, 2.3) if random.random() < 0.7 else random.uniform(2.3, 4.0)
    if random.random() < 0.6 and width < 1.5 * height:  # a circle
        across = down = room * np.hypot(height, width) * 0.8
    else:
        down, across = room * height, room * width + 0.3 * height
    pen = float(random.uniform(0.03, 0.12)) * min(height, 1.5 * width)
    ring = _ring(float(across), float(down), pen, random)
    sheet = np.zeros((max(len(ring), height), max(ring.shape[1], width)), np.float32)
    sheet[: len(ring), : ring.shape[1]] = ring
    free = np.array(sheet.shape) - ink.shape
    aside = 0.12 + 0.08 * (room - 1.5)  # in a large ring it may stand further off the middle
    top, left = np.rint(free * (0.5 + random.uniform(-aside, aside, 2))).astype(int)
    part = sheet[top : top + height, left : left + width]
    np.maximum(part, ink, out=part)
    return sheet


def _ring(across: float, down: float, pen: float, random: Random) -> Ink:
    """Return a ring of `across` x `down` pixels, cut out at its ink."""
    printed = random.random() < 0.4
    angles = _angles(random, printed=printed)
    power = 1.0 if random.random() < 0.75 else float(random.uniform(0.4, 0.6))  # below 1, corners are rounded
    waves = random.uniform(-0.05, 0.05, 2) * (not printed)
    drift = float(random.uniform(-0.12, 0.12)) * (not printed)  # so that the ends of a drawn ring pass each other
    turn = float(random.uniform(-0.2, 0.2)) * (not printed)
    radius = (
        1 + waves[0] * np.cos(2 * angles + 1) + waves[1] * np.sin(3 * angles) + drift * np.linspace(-0.5, 0.5, _POINTS)
    )
    x, y = (np.sign(wave) * np.abs(wave) ** power * radius for wave in (np.cos(angles), np.sin(angles)))
    x, y = x * across / 2 + turn * y * across / 2, y * down / 2
    x, y = _FINE * (x - x.min()) + _FINE * pen, _FINE * (y - y.min()) + _FINE * pen
    sheet = Image.new("L", (int(x.max() + _FINE * pen) + 1, int(y.max() + _FINE * pen) + 1))
    draw, thick = ImageDraw.Draw(sheet), max(1, round(_FINE * pen))
    dash = int(random.integers(4, 14)) if random.random() < 0.15 else _POINTS
    for k in range(_POINTS - 1):
        if k % (2 * dash) < dash:
            draw.line((x[k], y[k], x[k + 1], y[k + 1]), fill=255, width=thick)
            draw.ellipse((x[k] - thick / 2, y[k] - thick / 2, x[k] + thick / 2, y[k] + thick / 2), fill=255)
    small = sheet.resize((-(-sheet.width // _FINE), -(-sheet.height // _FINE)), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255)


def _angles(random: Random, *, printed: bool) -> NDArray[np.float64]:
    """Return the angles that the pen passes: once round, a drawn ring a little less or more."""
    start, extra = float(random.uniform(0, 2 * np.pi)), 0.0 if printed else float(random.uniform(-0.25, 0.5))
    return start + np.linspace(0, 2 * np.pi + extra, _POINTS)


def digit(random: Random) -> Sample:
    ink, label = one_digit(random, any_height(random, low=16))
    kind = random.choice(np.array(["auto", "digit", "strip"]))
    return Sample(written(around(ringed(ink, random), random, 0.05, 0.5), random), label, str(kind))  # type: ignore[arg-type]  # one of the three


def number(random: Random) -> Sample:
    code = "".join(map(str, random.integers(0, 10, int(random.integers(2, 4)))))
    ink = Hand.any(random).number(
        code, any_height(random, low=16, high=90), random, gap=float(random.uniform(0.15, 0.4))
    )
    count = len(code) if random.random() < 0.5 else None
    return Sample(written(around(ringed(ink, random), random, 0.05, 0.5), random), code, "strip", count)


KINDS = (FieldKind("a digit in a ring", digit, 0.8), FieldKind("a number in a ring", number, 0.8))
