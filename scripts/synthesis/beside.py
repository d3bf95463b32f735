"""What stands beside a number on paper and spells nothing: ticks, rings, rules, holes, margins, neighbours.

No upright line of a digit's height is among them: networks that learn to ignore those also ignore the 1s at the ends.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from synthesis.worlds import Dice

Layer = NDArray[np.float32]
Box = tuple[int, int, int, int]

_FULL = 255


@dataclass(frozen=True)
class _Sheet:
    """Where a mark is drawn: the arguments of `beside`, with one of its two layers."""

    draw: ImageDraw.ImageDraw
    size: tuple[int, int]
    number: Box
    height: float
    dice: Dice


def beside(size: tuple[int, int], number: Box, height: float, dice: Dice) -> tuple[Layer, Layer]:
    """Return what the pen left beside a number, and what is printed or dark there, each (H, W) from 0 to 1.

    size: (width, height) of the picture. number: the columns and rows that the digits fill, (left, top, right, bottom).
    height: of a digit, in pixels.
    """
    written, printed = Image.new("L", size), Image.new("L", size)
    for _ in range(int(dice.random.choice([1, 1, 2]))):
        kinds = _WRITTEN if dice.chance(0.6) else _PRINTED
        sheet = written if kinds is _WRITTEN else printed
        kinds[int(dice.random.integers(len(kinds)))](_Sheet(ImageDraw.Draw(sheet), size, number, height, dice))
    written = written.filter(ImageFilter.GaussianBlur(0.5))
    return np.asarray(written, np.float32) / np.float32(_FULL), np.asarray(printed, np.float32) / np.float32(_FULL)


def _pen(on: _Sheet) -> int:
    return max(1, round(on.height * on.dice.uniform((0.04, 0.13))))


def _side(on: _Sheet) -> tuple[float, float]:
    """Return a place to the left or the right of the number, about half a digit away from it."""
    away = on.height * on.dice.uniform((0.35, 0.9))
    x = on.number[0] - away if on.dice.chance(0.4) else on.number[2] + away
    return x, on.dice.uniform((on.number[1], on.number[3]))


def _tick(on: _Sheet) -> None:
    x, y = _side(on)
    short, long = on.height * on.dice.uniform((0.1, 0.25)), on.height * on.dice.uniform((0.3, 0.8))
    lean = on.dice.uniform((0.4, 1.0))
    path = [(x - 0.7 * short, y - short), (x, y), (x + lean * long, y - long)]
    on.draw.line(path, fill=_FULL, width=_pen(on), joint="curve")


def _cross(on: _Sheet) -> None:
    x, y = _side(on)
    arm, turn = on.height * on.dice.uniform((0.15, 0.4)), on.dice.uniform((0, 1.5))
    for angle in (turn, turn + np.pi / 2):
        dx, dy = arm * np.cos(angle), arm * np.sin(angle)
        on.draw.line([(x - dx, y - dy), (x + dx, y + dy)], fill=_FULL, width=_pen(on))


def _dashes(on: _Sheet) -> None:
    pen, middle = _pen(on), (on.number[1] + on.number[3]) / 2
    for start, way in ((on.number[0], -1), (on.number[2], 1)):
        if on.dice.chance(0.7):
            x = start + way * on.height * on.dice.uniform((0.2, 0.5))
            y = middle + on.height * on.dice.uniform((-0.2, 0.3))
            on.draw.line([(x, y), (x + way * on.height * on.dice.uniform((0.3, 1.2)), y)], fill=_FULL, width=pen)


def _ring(on: _Sheet) -> None:
    left, top, right, bottom = on.number
    room = [on.height * on.dice.uniform((0.15, 0.5)) for _ in range(4)]
    box = (left - room[0], top - room[1], right + room[2], bottom + room[3])
    on.draw.arc(box, on.dice.uniform((0, 40)), on.dice.uniform((345, 420)), fill=_FULL, width=_pen(on))


def _underlines(on: _Sheet) -> None:
    pen = max(1, round(on.height * on.dice.uniform((0.04, 0.08))))
    y = on.number[3] + on.height * on.dice.uniform((0.05, 0.2)) + pen
    for _ in range(int(on.dice.random.integers(1, 3))):
        reach = on.height * on.dice.random.uniform(-0.3, 0.5, 2)
        rise = on.height * on.dice.uniform((-0.1, 0.1))
        on.draw.line([(on.number[0] - reach[0], y), (on.number[2] + reach[1], y + rise)], fill=_FULL, width=pen)
        y += pen + on.height * on.dice.uniform((0.06, 0.15))


def _hole(on: _Sheet) -> None:
    radius = on.height * on.dice.uniform((0.3, 0.8))
    x = on.number[0] - radius - on.height * on.dice.uniform((0.3, 0.7))
    if on.dice.chance(0.5):
        x = on.number[2] + radius + on.height * on.dice.uniform((0.3, 0.7))
    y = on.dice.uniform((on.number[1], on.number[3]))
    box = (x - radius, y - radius, x + radius, y + radius)
    on.draw.ellipse(box, fill=int(on.dice.random.integers(0, 256)), outline=_FULL, width=_pen(on))


def _staple(on: _Sheet) -> None:
    x, y = _side(on)
    y = on.number[1] - on.height * on.dice.uniform((0.05, 0.3)) if on.dice.chance(0.6) else y
    dx, dy = on.height * on.dice.uniform((0.4, 0.9)), on.height * on.dice.uniform((-0.25, 0.25))
    width = max(1, round(on.height * on.dice.uniform((0.05, 0.1))))
    on.draw.line([(x, y), (x + dx, y + dy)], fill=_FULL, width=width)


def _rules(on: _Sheet) -> None:
    """Pieces of level rules over and under the number, as where a line remover took only a part."""
    width, _ = on.size
    line = max(1, round(on.height * on.dice.uniform((0.03, 0.1))))
    for y in (
        on.number[1] - on.height * on.dice.uniform((0.08, 0.4)),
        on.number[3] + on.height * on.dice.uniform((0.06, 0.3)),
    ):
        start = on.dice.uniform((-0.5, 0.8)) * width
        while start < width and on.dice.chance(0.8):
            length = on.height * on.dice.uniform((0.15, 3))
            on.draw.line([(start, y), (start + length, y)], fill=_FULL, width=line)
            start += length + on.height * on.dice.uniform((0.1, 1))


def _margin(on: _Sheet) -> None:
    """The dark margin of a scan: far wider than a stroke, and from top to bottom."""
    width, tall = on.size
    near = on.height * on.dice.uniform((0.15, 0.5))
    lean = on.height * on.dice.uniform((-0.05, 0.05))
    if on.dice.chance(0.5):
        edge = on.number[0] - near
        on.draw.polygon([(0, 0), (edge + lean, 0), (edge - lean, tall), (0, tall)], fill=_FULL)
    else:
        edge = on.number[2] + near
        on.draw.polygon([(width, 0), (edge + lean, 0), (edge - lean, tall), (width, tall)], fill=_FULL)


def _neighbours(on: _Sheet) -> None:
    """The feet of the line above or the heads of the one below, cut by the picture's edge."""
    width, tall = on.size
    pen = _pen(on)
    under = on.dice.chance(0.5)
    x = on.dice.uniform((0, 0.5)) * width
    while x < width and on.dice.chance(0.9):
        reach = min(0.25 * on.height, (tall - on.number[3] if under else on.number[1]) - 1.0)
        dx = on.height * on.dice.uniform((-0.2, 0.2))
        y, way = (tall, -1) if under else (0, 1)
        if on.dice.chance(0.5):
            on.draw.line([(x, y), (x + dx, y + way * reach)], fill=_FULL, width=pen)
        else:
            half = on.height * on.dice.uniform((0.15, 0.3))
            on.draw.ellipse((x - half, y - reach, x + half, y + reach), outline=_FULL, width=pen)
        x += on.height * on.dice.uniform((0.5, 1.2))


_WRITTEN: tuple[Callable[[_Sheet], None], ...] = (
    _tick, _cross, _dashes, _ring, _underlines, _neighbours,
)  # fmt: skip
_PRINTED: tuple[Callable[[_Sheet], None], ...] = (_hole, _staple, _rules, _margin)
