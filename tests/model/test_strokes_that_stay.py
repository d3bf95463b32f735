"""Strokes that look like rules, lids or the edge of a sheet are the pen's: they stay, or the reading is refused."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.artifact import Artifact
from model.reader import Reader
from synthesis.hand import Hand

Pixels = NDArray[np.uint8]
Places = tuple[tuple[float, float], ...]

# Each digit's strokes, all of them straight: the places that a ruler would join, in a box 0.6 wide and 1 high.
BARS: dict[str, tuple[Places, ...]] = {
    "1": (((0.3, 0), (0.3, 1)),),
    "4": (((0.45, 1), (0.45, 0), (0, 0.7), (0.6, 0.7)),),
    "5": (((0.6, 0), (0.05, 0), (0.05, 0.45), (0.55, 0.45), (0.55, 1), (0, 1)),),
    "7": (((0, 0), (0.6, 0), (0.3, 1)),),
}
CODES = ("77", "71", "17", "44", "41", "75", "117", "747", "4477", "15715")


def _with_a_ruler(code: str, height: int, pen: int, lean: float) -> Pixels:
    """Return a page with `code` drawn in straight strokes, all digits alike and on one line."""
    room = height // 2
    sheet = Image.new("L", (round(len(code) * 0.95 * height) + 2 * room, height + 2 * room), 250)
    draw = ImageDraw.Draw(sheet)
    for number, digit in enumerate(code):
        left = room + 0.95 * height * number
        for stroke in BARS[digit]:
            places = [(left + height * (x + lean * (1 - y)), room + height * y) for x, y in stroke]
            draw.line(places, fill=30, width=pen, joint="curve")
    return np.asarray(sheet)


@pytest.mark.parametrize("lean", [0.0, 0.1])
def test_digits_of_straight_strokes_are_not_taken_for_rules(shipped: Artifact, lean: float) -> None:
    reader, right, n = Reader(shipped.classifier), 0, 0
    for code in CODES:
        for height, pen in ((16, 2), (24, 3), (40, 4), (70, 5)):
            reading = reader.read(_with_a_ruler(code, height, pen, lean), kind="strip")
            assert reading.text == code or reading.decision == "reject", (code, height, reading.text)
            right, n = right + (reading.text == code), n + 1
    assert right >= 0.8 * n


def test_a_stroke_at_the_edge_of_a_tight_crop_is_no_lid_and_ends_no_sheet(shipped: Artifact) -> None:
    reader, right = Reader(shipped.classifier), 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        code = "1" + "".join(map(str, random.integers(0, 10, 4))) + str(random.choice([1, 7, 0]))
        ink = Hand.any(random).number(code, int(random.integers(40, 110)), random, gap=float(random.uniform(0.15, 0.4)))
        reading = reader.read((245 - 210 * ink).astype(np.uint8), kind="strip")
        assert reading.text == code or reading.decision == "reject", (seed, code, reading.text)
        right += reading.text == code
    assert right >= 54


def test_the_half_of_a_digit_that_is_in_a_shadow_is_not_cut_off(shipped: Artifact) -> None:
    reader, right = Reader(shipped.classifier), 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        digit, height = int(random.integers(10)), int(random.integers(40, 90))
        ink = np.pad(Hand.any(random).digit(digit, height, random), height)
        page = 245 - 205 * ink
        page[round(height * random.uniform(1.4, 1.95)) :] *= random.uniform(0.3, 0.5)
        reading = reader.read(page.astype(np.uint8), kind="digit")
        assert reading.text == str(digit) or reading.decision == "reject", (seed, digit, reading.text)
        right += reading.text == str(digit)
    assert right >= 30
