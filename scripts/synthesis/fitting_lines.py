"""Lines to fit the strip networks on: numbers as people write them anywhere, and lines that hold no code."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.engine.ctc import NOTHING
from model.picture.ink import find_ink
from model.strips.band import MARGIN, band_of
from model.strips.line import find_line
from model.training import mnist
from model.training.recipes.strips import MOST_DIGITS, ROWS, Bands
from synthesis import no_code
from synthesis.marks import KINDS
from synthesis.strips import Writer
from synthesis.typeset import Fonts
from synthesis.worlds import FIT, Dice

# More than postal codes show: marks between digits, long dashes, digits of unequal sizes, so that amounts are read too.
AMOUNTS = replace(
    FIT,
    separators=0.1,
    endings=0.5,
    ending_length=(0.2, 1.4),
    mark_pens=(0.04, 0.17),
    mark_heights=(0.15, 0.85),
    size_jitter=0.25,
    stretch=(0.8, 1.55),
    drawn=0.14,
    hooked=0.45,
    letters=0.04,
    linked=0.6,
    heights=(16, 48),
    one_hand=0.75,
    elsewhere=0.25,
    worn=0.25,
    beside=0.1,
    dates=0.1,
    slashes=0.05,
    words=0.01,
)
KIND_SHARES = (0.1, 0.3, 0.42, 0.18)
NO_CODE = 0.05  # of the lines, which must be read as nothing: at twice that share, digits were left out
PRINT, WORDS = 0.25, 0.4  # of these: words in print, and by hand; the rest is signatures, bar codes and the like
WIDEST = 640  # columns of a band: wider ones, which hold words, are cut so that a mini-batch is not mostly paper
NARROWEST = 6  # columns of a band for each digit: thinner ones cannot be read
ROUND = 0.15  # of the numbers end in zeros, as amounts do
BLOCK = 2_000  # strips per task: each task is sent the digits, 39 MB, and draws more of them to choose from


@dataclass(frozen=True)
class Sources:
    """What strips are made of: MNIST's digits, other sets of digits, and fonts."""

    digits: mnist.Digits
    others: tuple[mnist.Digits, ...]
    fonts: Fonts | None


def made(sources: Sources, seed: tuple[int, int], count: int) -> list[tuple[NDArray[np.uint8], str]]:
    """Return the bands (ROWS, W) of `count` new strips, and their codes."""
    random = np.random.default_rng(seed)
    writer = Writer(sources.digits, AMOUNTS, random, sources.others, boxes=False)
    found = []
    for _ in range(count):
        if random.random() < NO_CODE:
            picture, code = without_code(writer, sources.fonts, Dice(random)), ""
        else:
            strip = writer.write(a_number(random), KINDS[int(random.choice(len(KINDS), p=KIND_SHARES))])
            picture, code = strip.picture, strip.code
        line = find_line(find_ink(picture).unlined)
        if line is not None:
            band = band_of(line, ROWS).image[:, :WIDEST]
            if band.shape[1] - 2 * MARGIN < NARROWEST * len(code):
                continue  # a blot's height was taken for the digits', or the digits are lost
            found.append((np.round(255 * np.clip(band, 0, 1)).astype(np.uint8), code))
    return found


def a_number(random: np.random.Generator) -> str:
    """Return one to MOST_DIGITS digits: five are likeliest, and some end in noughts."""
    length = 5 if random.random() < 0.4 else int(random.integers(1, MOST_DIGITS + 1))
    number = random.integers(0, 10, length)
    if random.random() < ROUND:
        number[1 + int(random.integers(length)) :] = 0
    return "".join(map(str, number))


def without_code(writer: Writer, fonts: Fonts | None, dice: Dice) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) of a line that holds no code; of print only where there are `fonts`."""
    height = dice.uniform(AMOUNTS.heights)
    in_print = dice.chance(0.5)
    chosen = dice.random.random()
    if fonts is not None and chosen < PRINT:
        line = no_code.printed_words(fonts, height, dice)
    elif chosen < PRINT + WORDS:
        (line, height), in_print = writer.words(), False
    else:
        kinds = list(no_code.KINDS.values())
        line = kinds[int(dice.random.integers(len(kinds)))](height, dice)
    return writer.show(line, height, in_print=in_print)


def gathered(sources: Sources, count: int, seed: int, name: str) -> Bands:
    """Return the bands of `count` strips, made on all cores."""
    tasks = -(-count // BLOCK)
    with ProcessPoolExecutor() as pool:
        waiting = [pool.submit(made, sources, (seed, task), min(BLOCK, count - task * BLOCK)) for task in range(tasks)]
        strips = [strip for each in tqdm(waiting, desc=name) for strip in each.result()]
    strips.sort(key=lambda strip: strip[0].shape[1])
    codes = np.full((len(strips), MOST_DIGITS), NOTHING, np.int8)
    for row, (_, code) in zip(codes, strips, strict=True):
        row[: len(code)] = [int(digit) for digit in code]
    widths = np.array([band.shape[1] for band, _ in strips])
    return Bands(np.concatenate([band.ravel() for band, _ in strips]), widths, codes)
