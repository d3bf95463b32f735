"""What every kind of picture from the field is made of: a sample, a kind, and how ink gets onto paper."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from synthesis.hand import Hand, Ink

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Random = np.random.Generator


@dataclass(frozen=True)
class Sample:
    """A picture, (H, W) or (H, W, 3) uint8, what it says, and how it is sent: `kind` and, where given, `digits`."""

    picture: Pixels
    code: str
    kind: Literal["auto", "digit", "strip"] = "auto"
    digits: int | None = None


@dataclass(frozen=True)
class FieldKind:
    """A kind of picture: how one is made, the share that must be right, and whether a refusal counts as right."""

    name: str
    make: Callable[[Random], Sample]
    least_right: float = 0.9
    refusal_is_right: bool = False


def any_code(random: Random, length: int | None = None) -> str:
    """Return a number of `length` digits, or of 2 to 8."""
    return "".join(map(str, random.integers(0, 10, length or int(random.integers(2, 9)))))


def any_height(random: Random, low: int = 14, high: int = 160) -> int:
    """Return a digit's height in pixels; small ones are as likely as large ones."""
    return round(float(np.exp(random.uniform(np.log(low), np.log(high)))))


def one_digit(random: Random, height: int) -> tuple[Ink, str]:
    """Return a digit in any hand, cut out at its ink, and its label."""
    label = int(random.integers(10))
    return Hand.any(random).digit(label, height, random), str(label)


def with_room(ink: Ink, top: int, right: int, bottom: int, left: int) -> Ink:
    """Return `ink` with so many empty pixels around it."""
    return np.pad(ink, ((top, bottom), (left, right)))


def around(ink: Ink, random: Random, least: float = 0.1, most: float = 1.0) -> Ink:
    """Return `ink` with empty paper on each side: a share of its height between `least` and `most`."""
    top, right, bottom, left = (round(len(ink) * float(share)) for share in random.uniform(least, most, 4))
    return with_room(ink, top, right, bottom, left)


def any_paper(random: Random, height: int, width: int) -> Floats:
    """Return light paper (H, W, 3), 0 to 255: half of it white, half of it tinted, some lit from one side."""
    if random.random() < 0.5:
        colour = np.full(3, random.uniform(235, 255))
    else:
        colour = random.uniform(195, 250) + random.uniform(-14, 14, 3)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    fall = random.uniform(-0.12, 0.12, 2) * (random.random() < 0.4)
    light = 1 + fall[0] * (x / width - 0.5) + fall[1] * (y / height - 0.5)
    return np.asarray(np.clip(colour * light[:, :, None], 0, 255), np.float32)


def any_pen(random: Random) -> Floats:
    """Return the colour of a dark pen: black, blue, or a pencil's grey, (3,)."""
    colours = ((20, 20, 24), (25, 40, 130), (45, 75, 170), (90, 90, 95), (80, 30, 40))
    return np.array(colours[int(random.integers(len(colours)))], np.float32)


def inked(page: Floats, ink: Ink, colour: Floats, strength: float = 0.9) -> Floats:
    """Return `page` (H, W, 3) with `ink` (H, W) on it in `colour`."""
    cover = strength * ink[:, :, None]
    return np.asarray(page + cover * (np.minimum(colour, page) - page), np.float32)


def taken(page: Floats, random: Random, *, blur: float = 0.8) -> Pixels:
    """Return `page` as a camera or scanner gives it: a little blur (up to `blur` pixels) and noise, often a JPEG.

    A quarter are grey, and some are negatives: light on dark.
    """
    noisy = page + random.normal(0, random.uniform(0.3, 3), (*page.shape[:2], 1))
    if random.random() < 0.1:
        noisy = 255 - noisy
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(float(random.uniform(0, blur))))
    if random.random() < 0.25:
        picture = picture.convert("L")
    if random.random() < 0.6:
        content = io.BytesIO()
        picture.save(content, "JPEG", quality=int(random.integers(60, 96)))
        picture = Image.open(content)
    return np.asarray(picture)


def written(ink: Ink, random: Random) -> Pixels:
    """Return `ink` (H, W) written with any pen on any paper, as a camera gives it."""
    return taken(inked(any_paper(random, *ink.shape), ink, any_pen(random)), random)
