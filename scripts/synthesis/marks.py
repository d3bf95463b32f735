"""What surrounds the digits of a strip: boxes, underlines and rules, punctuation, strokes that join zeros."""

import itertools
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from synthesis.worlds import Dice, Interval, World

Kind = Literal["separated", "natural", "touching", "boxed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Layer = NDArray[np.float32]
Flags = NDArray[np.bool_]
Box = tuple[int, int, int, int]
"""(x, y, width, height) in pixels."""

_OWNED = 0.35  # of full ink: fainter ink is the blurred edge between two digits


@dataclass(frozen=True)
class Hand:
    """How one strip is written, in pixels, shares of a digit's height, and shares of 1.

    stroke, lean: the thickness in pixels and the slant of MNIST's images that are like this hand's; the whole line is
    then slanted by `slant`. stretch: how much wider than these images its digits are. constant: whether each digit
    keeps its shape when it occurs again.
    """

    height: float
    stroke: float
    lean: float
    slant: float
    thickness: int
    boldness: float
    size_jitter: float
    baseline_jitter: float
    tilt: float
    stretch: Interval
    constant: bool


@dataclass(frozen=True)
class Gaps:
    """What is between each glyph and the next, (N,): punctuation, slashes among it, or the stroke that joins zeros."""

    separated: Flags
    linked: Flags
    slashed: Flags


class Marks:
    """Draws what surrounds the digits in one world, with all randomness from one generator."""

    def __init__(self, world: World, dice: Dice) -> None:
        self._world, self._dice = world, dice

    def drawn(self, layers: Layer, baseline: int, hand: Hand, kind: Kind, cell: int, gaps: Gaps) -> tuple[Layer, Layer]:
        """Return what else the pen wrote, and what is printed, each (1, H, W)."""
        _, height, width = layers.shape
        written, printed = Image.new("L", (width, height)), Image.new("L", (width, height))
        columns = np.flatnonzero(layers.max(axis=0).any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        pen = max(1, round(hand.height * self._dice.uniform(self._world.mark_pens)))
        if kind == "boxed":
            self._draw_boxes(ImageDraw.Draw(printed), layers, baseline, hand, cell)
        for i in np.flatnonzero(gaps.linked):
            self._draw_link(ImageDraw.Draw(written), box_of(layers[i]), box_of(layers[i + 1]), hand)
        for i in np.flatnonzero(gaps.separated[:-1]):
            end, start = (int(np.flatnonzero(layers[i + k].any(axis=0))[k - 1]) for k in (0, 1))
            if gaps.slashed[i]:
                self._draw_slash(ImageDraw.Draw(written), (end + start) / 2, baseline, hand, pen)
                continue
            self._draw_punctuation(ImageDraw.Draw(written), (end + start) // 2 - pen, baseline, hand, pen, near=True)
        if kind in {"natural", "touching"}:
            if self._dice.chance(0.2):
                y = baseline + round(hand.height * self._dice.uniform((0.06, 0.2))) + pen
                rise = self._dice.uniform((-0.02, 0.02)) * (right - left)
                ImageDraw.Draw(written).line([(left, y), (right, y + rise)], fill=230, width=pen)
            elif self._dice.chance(0.1):
                y = baseline + round(hand.height * self._dice.uniform((0.04, 0.15))) + 1
                ImageDraw.Draw(printed).line([(0, y), (width, y)], fill=255, width=max(1, pen // 2))
            if self._dice.chance(self._world.endings):
                self._draw_punctuation(ImageDraw.Draw(written), right, baseline, hand, pen, near=False)
        return tuple(np.asarray(each, np.float32)[None] / 255 for each in (written, printed))  # type: ignore[return-value]  # two

    def links(self, layers: Layer, hand: Hand) -> Layer:
        """Return the strokes between the feet of each of `layers` (N, H, W) and the next, (H, W), of a joined word."""
        _, height, width = layers.shape
        sheet = Image.new("L", (width, height))
        for left, right in itertools.pairwise(map(box_of, layers)):
            foot = min(left[1] + left[3], right[1] + right[3]) - 1
            start, end = left[0] + 0.8 * left[2], right[0] + 0.3 * right[2]
            path = [(start, foot), ((start + end) / 2, foot - 0.05 * hand.height), (end, foot - 0.2 * hand.height)]
            pen = max(1, round(0.8 * hand.stroke * hand.height / 20))
            ImageDraw.Draw(sheet).line(path, fill=235, width=pen, joint="curve")
        return np.asarray(sheet, np.float32) / np.float32(255)

    def _draw_slash(self, draw: ImageDraw.ImageDraw, x: float, baseline: int, hand: Hand, pen: int) -> None:
        """Draw a slash through column `x`: longer than a digit, and leaning further to the right than the hand's 1s."""
        top, bottom = (baseline + share * hand.height for share in (-self._dice.uniform((1.0, 1.25)),
                                                                    self._dice.uniform((0.05, 0.3))))  # fmt: skip
        lean = max(0.0, hand.slant + hand.lean) + self._dice.uniform((0.35, 0.75))
        half = lean * (bottom - top) / 2
        draw.line([(x - half, bottom), (x + half, top)], fill=240, width=pen)

    def _draw_boxes(self, draw: ImageDraw.ImageDraw, layers: Layer, baseline: int, hand: Hand, cell: int) -> None:
        count = len(layers)
        first = int(np.flatnonzero(layers[0].any(axis=0))[0])
        room = max(0, cell - int(layers[0].any(axis=0).sum()))
        left = first - room // 2
        top = baseline - round(hand.height * self._dice.uniform((1.15, 1.4)))
        bottom = baseline + round(hand.height * self._dice.uniform((0.12, 0.3)))
        line = max(1, round(hand.height * self._dice.uniform((0.025, 0.07))))
        apart = round(cell * 0.08) if self._dice.chance(0.35) else 0
        for i in range(count):
            x = left + i * cell
            draw.rectangle((x + apart, top, x + cell - apart, bottom), outline=255, width=line)

    def _draw_link(self, draw: ImageDraw.ImageDraw, left: Box, right: Box, hand: Hand) -> None:
        """Draw the stroke from the top of one zero to the top of the next, straight or curved."""
        start, end = (
            np.array([x + width * self._dice.uniform(share), y + height * self._dice.uniform((0, 0.15))])
            for (x, y, width, height), share in ((left, (0.5, 0.8)), (right, (0.2, 0.5)))
        )
        sag = np.array([0, self._dice.uniform((-0.1, 0.3)) * min(left[3], right[3])])
        bow = [tuple(start + (end - start) * t + 4 * t * (1 - t) * sag) for t in np.linspace(0, 1, 8)]
        draw.line(bow, fill=235, width=max(1, round(0.8 * hand.stroke * hand.height / 20)), joint="curve")

    def _draw_punctuation(
        self, draw: ImageDraw.ImageDraw, x: int, baseline: int, hand: Hand, pen: int, *, near: bool
    ) -> None:
        """Draw a dot, a comma, a dash or an equals sign starting at column `x`, or a little further unless `near`."""
        x += 0 if near else round(hand.height * self._dice.uniform((0.08, 0.3)))
        length = (0.15 if near else self._dice.uniform(self._world.ending_length)) * hand.height
        match self._dice.random.integers(4):
            case 0:
                draw.ellipse((x, baseline - pen - 1, x + pen + 1, baseline), fill=255)
            case 1:
                draw.line([(x + pen, baseline - pen), (x - pen, baseline + 2 * pen)], fill=255, width=pen)
            case count:
                for line in range(count - 1):
                    y = baseline - round(hand.height * self._dice.uniform(self._world.mark_heights)) + line * 3 * pen
                    end = y + self._dice.uniform((-0.1, 0.1)) * length
                    draw.line([(x, y), (x + length, end)], fill=255, width=pen)


def box_of(layer: Layer) -> Box:
    """Return the box around the ink in `layer` (H, W)."""
    inked = layer > min(_OWNED, layer.max() / 2)  # thin ink is nowhere at full strength after a rotation
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y
