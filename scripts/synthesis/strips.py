"""Pictures of handwritten codes made from MNIST's digits, and where each digit's ink is in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from model.training.drawing.digits import AMOUNTS, drawn_digits
from model.training.drawing.non_digits import letters
from model.training.mnist import Digits
from synthesis.camera import Camera
from synthesis.marks import Box, Flags, Gaps, Hand, Kind, Layer, Marks, box_of
from synthesis.worlds import Dice, World

_DRAWN = 3_000  # shapes to choose from that a writer draws without MNIST
_LETTERS = "AFKMNRTVWXkmtwx"  # no letters that a hurried digit may look like
_LIKE = 3  # images to choose from: one hand's strokes are about equally thick
_NOUGHTS = (0.45, 1.0)  # of a digit's height: those that are joined
_LINKS = (-0.04, 0.2)  # of it: the gaps between them


@dataclass(frozen=True)
class Strip:
    """A picture (H, W, 3) uint8, the code in it, and each digit's box (x, y, width, height).

    sources: the index, among the writer's digits, of the image that each digit was written with; -1 for drawn digits.
    """

    picture: NDArray[np.uint8]
    code: str
    kind: Kind
    boxes: tuple[Box, ...]
    sources: tuple[int, ...]


class _Shapes:
    """Images (N, 28, 28) uint8 to write with, the indices for each label, and the thickness of their strokes, (N,)."""

    def __init__(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        self.images = images
        self.by_label = [np.flatnonzero(labels == label) for label in range(10)]
        self.thickness = _thickness(images)


class Writer:
    """Writes codes with the images of `digits`, in one world, with all randomness from one generator."""

    def __init__(self, digits: Digits, world: World, random: np.random.Generator) -> None:
        self._world, self._dice = world, Dice(random)
        self._camera, self._marks = Camera(world, self._dice), Marks(world, self._dice)
        self._mnist = _Shapes(digits.images, digits.labels)
        drawn, labels = drawn_digits(_DRAWN if world.drawn else 0, random, AMOUNTS)
        self._drawn = _Shapes(_as_bytes(drawn), labels)
        images = _as_bytes(letters(_DRAWN if world.letters else 0, random, _LETTERS))
        self._letters = _Shapes(images, np.zeros(len(images), np.uint8))

    def write(self, code: str, kind: Kind) -> Strip:
        """Return a strip of `code` of the given kind; every strip is different."""
        hand = self._hand(kind)
        linked = self._linked(code, kind)
        share = self._dice.uniform(_NOUGHTS) if linked.any() else 1.0
        sizes = np.where(linked | np.roll(linked, 1), share, 1.0)  # the last digit is never linked
        written = [
            self._digit(int(digit), replace(hand, height=size * hand.height))
            for digit, size in zip(code, sizes, strict=True)
        ]
        glyphs = [glyph for glyph, _ in written]
        letter = None
        if kind != "boxed" and not linked.any() and self._dice.chance(self._world.letters):
            letter = int(
                self._dice.random.choice(np.array([0, len(code), self._dice.random.integers(0, len(code) + 1)]))
            )
            glyphs.insert(letter, self._glyph(self._letters, 0, hand)[0])
            linked = np.insert(linked, letter, False)
        tops = [self._top(glyph, hand) for glyph in glyphs]
        cell = self._cell(glyphs, hand) if kind == "boxed" else 0
        separated = self._dice.random.random(len(glyphs)) < (0 if kind == "boxed" else self._world.separators)
        gaps = Gaps(separated & ~linked, linked)
        lefts = self._lefts(glyphs, tops, hand, kind, cell, gaps)
        layers, baseline = _canvas(glyphs, tops, lefts, self._margins(hand, cell))
        marks, printed = self._marks.drawn(layers, baseline, hand, kind, cell, gaps)
        if letter is not None:
            marks = np.maximum(marks, layers[letter : letter + 1])
            layers = np.delete(layers, letter, axis=0)
        if hand.tilt:
            layers, marks, printed = (_turned(each, hand.tilt) for each in (layers, marks, printed))
        plain, boxed = kind == "separated", kind == "boxed"
        picture = self._camera.taken(layers, marks, printed, hand.height, plain=plain, boxed=boxed)
        boxes = tuple(box_of(layer) for layer in layers)
        return Strip(picture, code, kind, boxes, tuple(source for _, source in written))

    def _hand(self, kind: Kind) -> Hand:
        hand = Hand(
            height=self._dice.uniform((22, 56)),
            stroke=float(self._dice.random.choice(self._mnist.thickness)),
            slant=self._dice.one(self._world.slants),
            thickness=int(self._dice.random.choice([-1, 0, 0, 0, 1])),
            boldness=self._dice.uniform((-0.25, 0.3)),
            size_jitter=self._world.size_jitter,
            baseline_jitter=0.1,
            tilt=self._dice.uniform((-5, 5)) if self._dice.chance(0.6) else 0.0,
        )
        if kind == "separated":
            return replace(hand, slant=hand.slant / 2, size_jitter=0.06, baseline_jitter=0.04, tilt=hand.tilt / 5)
        return hand

    def _digit(self, digit: int, hand: Hand) -> tuple[Layer, int]:
        """Return `digit` as `hand` writes it, and the index of its image, -1 if it is drawn."""
        share = self._world.hooked if digit == 1 else self._world.drawn
        if self._dice.chance(share) and len(self._drawn.by_label[digit]):
            return self._glyph(self._drawn, digit, hand)[0], -1
        return self._glyph(self._mnist, digit, hand)

    def _linked(self, code: str, kind: Kind) -> Flags:
        """Return which digits of `code` are joined to the next, (N,): zeros that another zero follows."""
        linked = np.zeros(len(code), np.bool_)
        if kind in {"natural", "touching"} and self._world.linked:
            for run in re.finditer("00+", code):
                linked[run.start() : run.end() - 1] = self._dice.chance(self._world.linked)
        return linked

    def _glyph(self, shapes: "_Shapes", label: int, hand: Hand) -> tuple[Layer, int]:
        """Return one of `shapes` with the given label as `hand` writes it, (h, w) ink from 0 to 1, and its index."""
        few = self._dice.random.choice(shapes.by_label[label], _LIKE)
        source = int(few[np.abs(shapes.thickness[few] - hand.stroke).argmin()])
        image = shapes.images[source]
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        scale = hand.height / 20 * (1 + self._dice.random.uniform(-1, 1) * hand.size_jitter)
        across = scale * self._dice.uniform(self._world.stretch)
        turn, lean = np.radians(self._dice.uniform((-4, 4))), hand.slant + self._dice.uniform((-0.05, 0.05))
        height, width = cut.shape
        out_height = int(np.ceil(height * scale + abs(turn) * width * across)) + 6
        out_width = int(np.ceil(width * across + abs(lean) * height * scale + abs(turn) * height * scale)) + 6
        # Pillow needs to know where each new pixel comes from: back through rotation and slant, then through the scale.
        forward = np.array([[1, -lean], [0, 1]]) @ np.array(
            [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
        )
        back = np.diag([1 / across, 1 / scale]) @ np.linalg.inv(forward)
        offset = np.array([width / 2, height / 2]) - back @ np.array([out_width / 2, out_height / 2])
        coefficients = (*back[0], offset[0], *back[1], offset[1])
        large = Image.fromarray(np.pad(cut, 2)).transform(
            (out_width, out_height),
            Image.Transform.AFFINE,
            (*coefficients[:2], coefficients[2] + 2, *coefficients[3:5], coefficients[5] + 2),
            Image.Resampling.BICUBIC,
        )
        if hand.thickness and hand.height > 36:
            large = large.filter(ImageFilter.MaxFilter(3) if hand.thickness > 0 else ImageFilter.MinFilter(3))
        ink = np.asarray(large, np.float32) / 255
        sharp = max(1.4, 0.7 * scale)
        level = np.clip(0.5 - hand.boldness / 2, 0.5 / sharp, 1 - 0.5 / sharp)  # so that paper stays paper
        ink = np.clip((ink - level) * sharp + 0.5, 0, 1)
        rows, columns = np.flatnonzero((ink > 0.1).any(axis=1)), np.flatnonzero((ink > 0.1).any(axis=0))
        if len(rows) == 0:  # the image is too faint for a thin hand: take another one of the same digit
            return self._glyph(shapes, label, replace(hand, boldness=0.0, thickness=0))
        return np.asarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32), source

    def _top(self, glyph: Layer, hand: Hand) -> int:
        """Return the row at which `glyph` begins, over a baseline at row 0; low glyphs, such as dashes, are raised."""
        wander = self._dice.uniform((-1, 1)) * hand.baseline_jitter * hand.height
        missing = max(0.0, hand.height - len(glyph)) / 2
        return round(wander - missing) - len(glyph)

    def _cell(self, glyphs: Sequence[Layer], hand: Hand) -> int:
        widest: int = max(glyph.shape[1] for glyph in glyphs)
        return round(max(widest * self._dice.uniform((1.0, 1.25)), hand.height * self._dice.uniform((0.95, 1.3))))

    def _lefts(
        self, glyphs: Sequence[Layer], tops: Sequence[int], hand: Hand, kind: Kind, cell: int, gaps: Gaps
    ) -> list[int]:
        """Return the column at which each glyph begins."""
        if kind == "boxed":
            free = [max(0, cell - glyph.shape[1]) for glyph in glyphs]
            return [i * cell + room // 2 + round(room * self._dice.uniform((-0.3, 0.3))) for i, room in enumerate(free)]
        lefts = [0]
        for i in range(1, len(glyphs)):
            if kind == "separated":
                gap = self._dice.one(self._world.wide_gaps)
            elif kind == "touching" and self._dice.chance(0.7):
                gap = self._dice.one(self._world.overlaps)
            elif gaps.linked[i - 1]:
                gap = self._dice.uniform(_LINKS)
            else:
                gap = self._dice.one(self._world.gaps)
            if gaps.separated[i - 1]:
                gap = abs(gap) + self._dice.uniform((0.25, 0.45))
            apart = _distance(glyphs[i - 1], tops[i - 1], glyphs[i], tops[i])
            lefts.append(lefts[-1] + round(gap * hand.height - apart))
        return lefts

    def _margins(self, hand: Hand, cell: int) -> tuple[int, int, int, int]:
        """Return the empty pixels to the left, to the right, above and below the writing."""
        sides = [round(hand.height * self._dice.uniform((0.2, 0.9))) + (cell // 3 if cell else 0) for _ in range(2)]
        if self._world.ending_length[1] > 1:  # a long dash needs room
            sides[1] += round(hand.height * self._dice.uniform((0, 1)))
        return (*sides, *(round(hand.height * self._dice.uniform((0.2, 0.6))) for _ in range(2)))  # type: ignore[return-value]  # two and two


def _as_bytes(images: Layer) -> NDArray[np.uint8]:
    return np.asarray(255 * images, np.uint8)


def _thickness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the rough thickness of the strokes of `images` (N, 28, 28): twice their ink by the length of its edges."""
    ink = images.astype(np.int16)
    edges = np.abs(np.diff(ink, axis=1)).sum(axis=(1, 2)) + np.abs(np.diff(ink, axis=2)).sum(axis=(1, 2))
    return np.asarray(2 * ink.sum(axis=(1, 2)) / edges, np.float64)


def _distance(left: Layer, left_top: int, right: Layer, right_top: int) -> int:
    """Return the empty columns between two glyphs that begin in the same column: negative, since they overlap there.

    Rows near each other count as one, and no glyph slides under its neighbour by more than a third of its width.
    """
    top, bottom = min(left_top, right_top), max(left_top + len(left), right_top + len(right))
    ends, starts = np.full(bottom - top, -np.inf), np.full(bottom - top, np.inf)
    inked = left > 0.5
    ends[left_top - top :][: len(left)] = np.where(
        inked.any(axis=1), left.shape[1] - inked[:, ::-1].argmax(axis=1), -np.inf
    )
    inked = right > 0.5
    starts[right_top - top :][: len(right)] = np.where(inked.any(axis=1), inked.argmax(axis=1), np.inf)
    reach = len(left) // 12
    ends = np.max([np.roll(ends, shift) for shift in range(-reach, reach + 1)], axis=0)
    return int(min((starts - ends).min(), -left.shape[1] * 2 // 3))


def _canvas(
    glyphs: Sequence[Layer], tops: Sequence[int], lefts: Sequence[int], margins: tuple[int, int, int, int]
) -> tuple[Layer, int]:
    """Return the glyphs in their places, (N, H, W), and the row of the baseline."""
    left, right, over, under = margins
    first, top = min(lefts), min(tops)
    width = max(at + glyph.shape[1] for at, glyph in zip(lefts, glyphs, strict=True)) - first + left + right
    bottom = max(at + len(glyph) for at, glyph in zip(tops, glyphs, strict=True))
    layers = np.zeros((len(glyphs), bottom - top + over + under, width), np.float32)
    for layer, glyph, y, x in zip(layers, glyphs, tops, lefts, strict=True):
        row, column = y - top + over, x - first + left
        layer[row : row + len(glyph), column : column + glyph.shape[1]] = glyph
    return layers, over - top


def _turned(layers: Layer, degrees: float) -> Layer:
    """Return `layers` (N, H, W) rotated about their middle, with nothing cut off."""
    return np.stack(
        [
            np.asarray(Image.fromarray(layer).rotate(degrees, Image.Resampling.BILINEAR, expand=True), np.float32)
            for layer in layers
        ]
    )
