"""A digit found in a picture: its box, what the network sees of it, and what may speak against it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Piece
from model.picture.ink import Ink
from model.picture.loops import holds_something, tangled
from model.picture.mnist_geometry import already_mnist, to_mnist_geometry
from model.picture.one_digit import find_digit, without_lines
from model.places import Box
from model.types import Image, Picture, Probabilities

# What MNIST's 60,000 training images say of a digit's outline, with some room: the widest is 2.2 times as wide as high,
# and those of which ink covers more than 0.85 of the box are 1s, at least three times as high as wide.
_WIDEST_DIGIT = 3.0
_FULLEST_DIGIT = 0.9
_UPRIGHT = 1.5
_ALONG, _BESIDE = 0.6, 2  # of its height; times its width: a digit that is cut out of its picture fills it
_LEAST_SIDE = 32  # pixels: a smaller picture is cut out around a digit
_FREE_BESIDE, _FREE = 2.0, 0.3  # times its width; times its size, at the other end
_TIGHT = 0.65  # of the picture's height: so much of it is a digit's in a tight crop
# The power of the chance that something else is a digit too: of 5,000 digits none has one below 0.8, so a low one means
# a mark that looks a little like a digit.
_DOUBT = 3


@dataclass(frozen=True)
class Found:
    """A digit found in a picture: where it is, its image for the network, and whether its outline can be a digit's.

    hollow: whether it can be a 0: nothing stands in it. enters: whether it comes in over an edge of the picture.
    whole: the image with what lies near it, or with what hung together with it and was taken for lines, if there is
    anything. rivals: images of what else may be a digit; the first `near` of them are parts of the whole. in_parts:
    whether the whole has others.
    """

    box: Box
    image: Image
    plausible: bool
    hollow: bool = True
    enters: bool = False
    whole: Image | None = None
    rivals: tuple[Image, ...] = ()
    near: int = 0
    in_parts: bool = False

    def may_be(self, text: str) -> bool:
        """Return whether its ink can be the digit `text`.

        A 0 is hollow. A stroke near others may be a part of a digit, and one that comes in over an edge of the picture
        a fold, a rule or a finger.
        """
        return self.plausible and (text != "0" or self.hollow) and (text != "1" or not (self.in_parts or self.enters))

    @property
    def images(self) -> list[Image]:
        """All that the network is asked about."""
        return [self.image, *([] if self.whole is None else [self.whole]), *self.rivals]

    def shown(self, chances: NDArray[np.float32]) -> int:
        """Return which of `images` is read: the digit's, or the whole where that looks more like a digit.

        chances: (N,), how likely each of them is a digit.
        """
        return int(self.whole is not None and chances[1] > chances[0])

    def judged(self, probabilities: Probabilities, chances: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        """Return the probabilities of the ten digits, (10,), and the chance that a whole digit is there, and no other.

        probabilities (N, 10), chances (N,): what is said of `images`, and how likely each of them is a digit.
        """
        doubts = chances.astype(np.float64) ** _DOUBT
        if self.whole is None:
            return probabilities[0], float(chances[0]) * math.prod((1 - doubts[1:]).tolist())
        # The digit is what looks more like one; the other counts against it as far as it is another digit.
        shown = self.shown(chances)
        doubts[1 - shown] *= 1 - float(probabilities[1 - shown, probabilities[shown].argmax()])
        doubts[shown] = 0
        if shown:
            doubts[2 : 2 + self.near] = 0  # they are its own parts
        return probabilities[shown], float(chances[shown]) * math.prod((1 - doubts).tolist())


def as_it_is(picture: Picture) -> Found | None:
    """Return `picture` as a digit, where it already is in MNIST's geometry."""
    image = already_mnist(picture)
    return None if image is None else Found(_box_of(Piece(0, 0, image), 1, picture.shape), image, plausible=True)


def found_in(ink: Ink, shape: tuple[int, ...]) -> Found | None:
    """Return the one digit in `ink`, found in a picture of `shape`; None where there is no ink."""
    strength = without_lines(ink)
    digit = find_digit(ink, strength)
    if digit is None:
        return None
    piece, whole = digit.piece, digit.whole
    tight = len(piece.ink) >= _TIGHT * len(strength)
    if strength is not ink.strength and whole is None and tight and ink.written.hang_together:
        # Strokes of the digit may have been taken for lines.
        lined = find_digit(ink, ink.strength)
        whole = None if lined is None else lined.piece
    height, width = piece.ink.shape
    around = ink.strength[piece.top : piece.top + height, piece.left : piece.left + width]
    covered = float(piece.ink.mean())
    plausible = (
        not _along_edge(piece, strength.shape[1])
        and width <= _WIDEST_DIGIT * height
        and (covered <= _FULLEST_DIGIT or height >= _UPRIGHT * width)
    )
    return Found(
        _box_of(piece, ink.factor, shape),
        to_mnist_geometry(piece.ink),
        plausible,
        not tangled(piece.ink) and not holds_something(around),
        _enters(piece, strength.shape),
        None if whole is None else to_mnist_geometry(whole.ink),
        tuple(to_mnist_geometry(rival.ink) for rival in digit.rivals),
        digit.near,
        digit.whole is not None,
    )


def _along_edge(piece: Piece, width: int) -> bool:
    """Return whether `piece` lies along a side of ink `width` pixels wide, like what a shadow leaves there."""
    inked = piece.ink > 0
    at_left, at_right = piece.left == 0, piece.left + inked.shape[1] == width
    along = max(inked[:, 0].mean() * at_left, inked[:, -1].mean() * at_right)
    return bool(along >= _ALONG and width >= _BESIDE * inked.shape[1])


def _enters(piece: Piece, shape: tuple[int, ...]) -> bool:
    """Return whether `piece` comes in over an edge of ink of this `shape`, and leaves more free than a tight crop."""
    if min(shape) < _LEAST_SIDE:
        return False
    height, width = piece.ink.shape
    above, below = piece.top, shape[0] - piece.top - height
    left, right = piece.left, shape[1] - piece.left - width
    if min(above, below) == 0 and left + right >= _FREE_BESIDE * width * (1 if above == below else 4):
        return True
    down = min(above, below) == 0 and max(above, below) >= _FREE * height
    across = min(left, right) == 0 and max(left, right) >= _FREE * width
    return bool(down or across)


def _box_of(piece: Piece, factor: int, shape: tuple[int, ...]) -> Box:
    """Return the box around the ink of `piece`, in pixels of a picture of `shape` that was reduced by `factor`."""
    (rows,), (columns,) = np.nonzero(piece.ink.any(axis=1)), np.nonzero(piece.ink.any(axis=0))
    y, x = (piece.top + int(rows[0])) * factor, (piece.left + int(columns[0])) * factor
    bottom = min((piece.top + int(rows[-1]) + 1) * factor, shape[0])
    right = min((piece.left + int(columns[-1]) + 1) * factor, shape[1])
    return Box(x, y, right - x, bottom - y)
