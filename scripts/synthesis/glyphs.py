"""The shapes that digits and letters of a strip are written with, chosen so that one hand writes all of them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from model.training.drawing.digits import AMOUNTS, COMMON, drawn_digits
from model.training.drawing.non_digits import letters
from model.training.mnist import Digits
from synthesis.marks import Hand, Layer
from synthesis.worlds import Dice, World

_DRAWN = 3_000  # shapes to choose from that are drawn without MNIST
_LETTERS = "AFKMNRTVWXkmtwx"  # no letters that a hurried digit may look like
_LIKE = 3  # images to choose from: one hand's strokes are about equally thick
_FIRST = 12  # the same where a hand's slant counts too
_AGAIN = 15  # the images most like one that a hand has written: its next digit of the same kind is one of them
_CELLS = 7  # cells a side of the sketch by which images are compared
_UPRIGHT = 0.15  # columns a row: a difference in slant that counts as much as one pixel of a stroke's thickness


class Shapes:
    """Images (N, 28, 28) uint8 to write with, and what a hand chooses them by.

    by_label: the indices for each label. thickness: of the strokes in pixels, (N,).
    """

    def __init__(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        self.images = images
        self.by_label = [np.flatnonzero(labels == label) for label in range(10)]
        self.thickness = thickness(images)

    @cached_property
    def sketches(self) -> NDArray[np.float32]:
        """Each image's ink in 7 × 7 cells, (N, 49), of length 1."""
        cell = self.images.shape[1] // _CELLS
        sums = self.images.reshape(-1, _CELLS, cell, _CELLS, cell).sum(axis=(2, 4), dtype=np.uint16)
        flat = sums.reshape(-1, _CELLS * _CELLS).astype(np.float32)
        return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1), np.float32)

    @cached_property
    def slants(self) -> NDArray[np.float32]:
        """How far each image leans to the right, in columns a row, (N,)."""
        y, x = np.mgrid[:_CELLS, :_CELLS].reshape(2, -1).astype(np.float32)
        ink = self.sketches / np.maximum(self.sketches.sum(axis=1, keepdims=True), 1e-6)
        across, down = x - (ink @ x)[:, None], y - (ink @ y)[:, None]
        spread = np.maximum((ink * down**2).sum(axis=1), 1e-6)
        return np.asarray(-(ink * across * down).sum(axis=1) / spread, np.float32)

    def like(self, source: int, label: int, dice: Dice) -> int:
        """Return the index of another image of `label` that looks much like the one at `source`, or that one."""
        same = self.by_label[label]
        likeness = self.sketches[same] @ self.sketches[source]
        return int(dice.random.choice(same[np.argsort(-likeness)[:_AGAIN]]))


class Glyphs:
    """Writes digits and letters in one world."""

    def __init__(self, digits: Digits, world: World, dice: Dice, others: Sequence[Digits] = ()) -> None:
        """`others`: further sets of digits, each of one kind of hand, that some strips are written with throughout."""
        self._world, self._dice = world, dice
        self.mnist = Shapes(digits.images, digits.labels)
        drawn, labels = drawn_digits(_DRAWN if world.drawn else 0, dice.random, AMOUNTS)
        self._drawn = Shapes(_as_bytes(drawn), labels)
        images = _as_bytes(letters(_DRAWN if world.letters else 0, dice.random, _LETTERS))
        self._letters = Shapes(images, np.zeros(len(images), np.uint8))
        self._sets = [Shapes(each.images, each.labels) for each in others]
        if world.elsewhere:
            common, labels = drawn_digits(_DRAWN, dice.random, COMMON)
            self._sets.append(Shapes(_as_bytes(common), labels))
        images = _as_bytes(letters(_DRAWN if world.words else 0, dice.random))
        self._alphabet = Shapes(images, np.zeros(len(images), np.uint8))

    def written(self, code: str, hand: Hand, sizes: NDArray[np.float64]) -> list[tuple[Layer, int]]:
        """Return each digit of `code` as `hand` writes it, and the index of its image in MNIST, -1 for another's.

        sizes: of each digit, in shares of the hand's height.
        """
        usual = self.mnist
        if self._sets and self._dice.chance(self._world.elsewhere):
            usual = self._sets[int(self._dice.random.integers(len(self._sets)))]
        habits: dict[int, tuple[Shapes, int]] = {}  # what this hand wrote each digit with
        found = []
        for digit, size in zip(map(int, code), sizes, strict=True):
            sized = replace(hand, height=size * hand.height)
            if hand.constant and digit in habits:
                shapes, before = habits[digit]
                chosen = shapes.like(before, digit, self._dice)
            else:
                shapes = self._shapes(digit, usual)
                chosen = self._first(shapes, digit, sized)
                habits[digit] = shapes, chosen
            glyph, source = self._glyph(shapes, digit, sized, chosen)
            found.append((glyph, source if shapes is self.mnist else -1))
        return found

    def letter(self, hand: Hand) -> Layer:
        """Return a letter as `hand` writes it, one that looks like no digit."""
        return self._glyph(self._letters, 0, hand, self._first(self._letters, 0, hand))[0]

    def letter_of_word(self, hand: Hand) -> Layer:
        """Return any letter as `hand` writes it."""
        return self._glyph(self._alphabet, 0, hand, self._first(self._alphabet, 0, hand))[0]

    def _shapes(self, digit: int, usual: Shapes) -> Shapes:
        """Return what a hand that usually writes with `usual` writes `digit` with."""
        share = self._world.hooked if digit == 1 else self._world.drawn
        if self._dice.chance(share) and len(self._drawn.by_label[digit]):
            return self._drawn
        return usual if len(usual.by_label[digit]) else self.mnist

    def _first(self, shapes: Shapes, label: int, hand: Hand) -> int:
        """Return the index of an image with the given label whose strokes are like the hand's."""
        if not hand.constant:
            few = self._dice.random.choice(shapes.by_label[label], _LIKE)
            return int(few[np.abs(shapes.thickness[few] - hand.stroke).argmin()])
        few = self._dice.random.choice(shapes.by_label[label], _FIRST)
        unlike = np.abs(shapes.thickness[few] - hand.stroke) + np.abs(shapes.slants[few] - hand.lean) / _UPRIGHT
        return int(few[unlike.argmin()])

    def _glyph(self, shapes: Shapes, label: int, hand: Hand, source: int) -> tuple[Layer, int]:
        """Return the image at `source` as `hand` writes it, (h, w) ink from 0 to 1, and its index."""
        image = shapes.images[source]
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        scale = hand.height / 20 * (1 + self._dice.random.uniform(-1, 1) * hand.size_jitter)
        across = scale * self._dice.uniform(hand.stretch)
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
            plain = replace(hand, boldness=0.0, thickness=0)
            return self._glyph(shapes, label, plain, self._first(shapes, label, plain))
        return np.asarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32), source


def _as_bytes(images: Layer) -> NDArray[np.uint8]:
    return np.asarray(255 * images, np.uint8)


def thickness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the rough thickness of the strokes of `images` (N, 28, 28): twice their ink by the length of its edges."""
    ink = images.astype(np.int16)
    edges = np.abs(np.diff(ink, axis=1)).sum(axis=(1, 2)) + np.abs(np.diff(ink, axis=2)).sum(axis=(1, 2))
    return np.asarray(2 * ink.sum(axis=(1, 2)) / edges, np.float64)
