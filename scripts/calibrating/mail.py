"""Kinds of mail that no fitting saw, to try a user's own calibration on: MNIST's validation digits, made worse.

Each kind yields pictures as a user would send and label them; the same kind always yields the same.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from calibrating.pictures import Labelled, Question, Source
from make_strips import draw_code
from model.training.mnist import Digits
from model.types import SIDE
from synthesis.pages import on_paper, scanned
from synthesis.strips import Writer
from synthesis.worlds import TEST

Pixels = NDArray[np.uint8]
Random = np.random.Generator
Change = Callable[[Pixels, int, Random], Pixels]
"""A digit of MNIST, (28, 28), and its label -> another picture of it: ink of any size, or a page."""
_SEED = 41
_SCALE = 3  # of MNIST's digits, to draw on them finely
_MARGIN = 6  # pixels of MNIST
_LONGEST = 20  # of them: the longer side of its digits


def mail(digits: Digits) -> dict[str, Source]:
    """Return, by kind, what yields its pictures: one of each of the `digits`, or as many codes of five digits."""
    made: dict[str, Change] = {
        "digits cut off": lambda ink, _, random: _on_page(_cut_off(ink, random), random),
        "digits in a dry pen": lambda ink, _, random: _on_page(_dry(ink, random), random),
        "hooked 1s, crossed 0s": lambda ink, label, random: _on_page(_hooked(ink, label, random), random),
        "digits mirrored": lambda ink, _, random: _on_page(_large(ink)[:, ::-1], random),
        "digits that lean": lambda ink, _, random: _on_page(_leaning(ink, random), random),
        "digits as they are": lambda ink, _, __: ink,
    }
    return {
        **{name: _digits(name, digits, change) for name, change in made.items()},
        "codes with hooked 1s, crossed 0s": _codes("codes with hooked 1s, crossed 0s", digits, _hooked),
        "codes as they are": _codes("codes as they are", digits, None),
    }


def _digits(name: str, digits: Digits, change: Change) -> Source:
    def yielded() -> Iterator[Labelled]:
        random = _random(name)
        for image, label in zip(digits.images, digits.labels.tolist(), strict=True):
            yield Labelled(change(image, label, random), str(label), (Question("digit"),))

    return yielded


def _codes(name: str, digits: Digits, change: Change | None) -> Source:
    def yielded() -> Iterator[Labelled]:
        random = _random(name)
        written = digits
        if change is not None:
            pairs = zip(digits.images, digits.labels.tolist(), strict=True)
            written = replace(digits, images=np.stack([_as_mnist(change(*each, random)) for each in pairs]))
        writer = Writer(written, TEST, random, boxes=False)
        for _ in range(len(digits)):
            code = draw_code(random)
            yield Labelled(writer.write(code, "natural").picture, code, (Question(digits=len(code)),))

    return yielded


def _as_mnist(ink: Pixels) -> Pixels:
    """Return `ink` (H, W) in MNIST's size: 20 pixels on its longer side, amid 28 × 28."""
    top, bottom, left, right = _box(ink)
    cut = Image.fromarray(ink[top:bottom, left:right])
    scale = _LONGEST / max(cut.size)
    width, height = (max(1, round(side * scale)) for side in cut.size)
    page = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    page[top : top + height, left : left + width] = np.asarray(cut.resize((width, height), Image.Resampling.BICUBIC))
    return page


def _random(name: str) -> Random:
    return np.random.default_rng((_SEED, zlib.crc32(name.encode())))


def _large(ink: Pixels) -> Pixels:
    """Return the ink of MNIST's digit (28, 28), enlarged, with a margin."""
    padded = Image.fromarray(np.pad(ink, _MARGIN))
    side = _SCALE * padded.width
    return np.asarray(padded.resize((side, side), Image.Resampling.BICUBIC))


def _on_page(ink: NDArray[np.generic], random: Random) -> Pixels:
    return scanned(on_paper(ink), random)


def _box(ink: Pixels) -> tuple[int, int, int, int]:
    """Return the top, bottom, left and right of clear ink; bottom and right lie beyond it."""
    rows, columns = np.nonzero(ink > 80)
    return int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1


def _cut_off(ink: Pixels, random: Random) -> Pixels:
    """Return the digit without its upper or lower end: a crop that missed its line."""
    large = _large(ink)
    top, bottom, left, right = _box(large)
    lost = round(random.uniform(0.1, 0.3) * (bottom - top))
    top, bottom = (top + lost, bottom) if random.integers(2) else (top, bottom - lost)
    return np.pad(large[top:bottom, left:right], _SCALE * _MARGIN)


def _dry(ink: Pixels, random: Random) -> Pixels:
    """Return the digit with gaps in its strokes."""
    large = _large(ink)
    kept = Image.new("L", large.shape[::-1], 255)
    brush = ImageDraw.Draw(kept)
    for _ in range(int(random.integers(2, 5))):
        x, y = random.uniform(0.25, 0.75, 2) * large.shape
        radius = random.uniform(5, 11)
        brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    soft = np.asarray(kept.filter(ImageFilter.GaussianBlur(1)), np.float64) / 255
    return np.asarray(large * soft, np.uint8)


def _hooked(ink: Pixels, label: int, random: Random) -> Pixels:
    """Return a 1 with a long stroke up to its head, a 0 with a stroke through it, another digit as it is."""
    large = Image.fromarray(_large(ink))
    top, bottom, left, right = _box(np.asarray(large))
    tall, pen = bottom - top, round(random.uniform(5, 8))
    brush = ImageDraw.Draw(large)
    if label == 1:
        head = float(np.median(np.flatnonzero(np.asarray(large)[top + 3] > 80)))
        reach, drop = tall * random.uniform(0.3, 0.7), tall * random.uniform(0.1, 0.5)
        brush.line((head, top + 3, head - reach, top + 3 + drop), fill=255, width=pen)
    elif label == 0:
        brush.line((right + 2, top - 2, left - 2, bottom + 2), fill=255, width=pen)
    return np.asarray(large)


def _leaning(ink: Pixels, random: Random) -> Pixels:
    """Return the digit sheared to either side, by more than anyone leans."""
    large = Image.fromarray(np.pad(_large(ink), _SCALE * _MARGIN))
    lean = float(random.uniform(0.5, 1.0) * random.choice([-1, 1]))
    sheared = (1, lean, -lean * large.height / 2, 0, 1, 0)
    turned = large.transform(large.size, Image.Transform.AFFINE, sheared, Image.Resampling.BICUBIC)
    return np.asarray(turned)
