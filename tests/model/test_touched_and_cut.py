"""What touches digits, cuts them, or looks like one: frames, pale grids, folds, fingers, neighbours, brackets."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.artifact import Artifact
from model.reader import Reader
from synthesis.field.company import printed
from synthesis.hand import Hand

Floats = NDArray[np.float32]
Random = np.random.Generator


def _number(random: Random, count: int, low: int = 20, high: int = 90) -> tuple[Floats, str, int]:
    """Return a number of `count` digits, cut out at its ink, what it says, and the digits' height."""
    code, height = "".join(map(str, random.integers(0, 10, count))), int(random.integers(low, high))
    return Hand.any(random).number(code, height, random, gap=float(random.uniform(0.15, 0.4))), code, height


def _picture(ink: Floats) -> NDArray[np.uint8]:
    return np.asarray(245 - 205 * np.clip(ink, 0, 1), np.uint8)


def _framed(ink: Floats, height: int, random: Random, radius: float) -> Floats:
    """Return `ink` on a page in a frame that touches its first or its last digit."""
    room = round(0.8 * height)
    ink = np.pad(ink, room)
    into, free = height * float(random.uniform(0, 0.15)), height * float(random.uniform(0.2, 0.4))
    left, right = room - free, ink.shape[1] - room + free
    if random.random() < 0.5:
        left = room + into
    else:
        right = ink.shape[1] - room - into
    sheet = Image.new("L", ink.shape[::-1])
    box = (left, room - free, right, ink.shape[0] - room + free)
    ImageDraw.Draw(sheet).rounded_rectangle(box, radius * height, outline=255, width=max(1, round(0.06 * height)))
    return np.maximum(ink, np.asarray(sheet, np.float32) / 255)


@pytest.mark.parametrize("radius", [0.0, 0.3])
def test_a_frame_that_touches_a_digit_does_not_take_it_away_with_itself(shipped: Artifact, radius: float) -> None:
    reader, right, wrong, n = Reader(shipped.classifier), 0, 0, 40
    for seed in range(n):
        random = np.random.default_rng(seed)
        ink, code, height = _number(random, int(random.integers(3, 7)))
        reading = reader.read(_picture(_framed(ink, height, random, radius)), kind="strip")
        right += reading.text == code
        wrong += reading.text != code and reading.decision == "accept"
    assert wrong <= 2
    assert right >= 0.5 * n


def test_what_comes_in_over_an_edge_of_the_picture_is_not_accepted_as_a_1(shipped: Artifact) -> None:
    reader = Reader(shipped.classifier)
    for seed in range(45):
        random = np.random.default_rng(seed)
        height, width = (int(side) for side in random.integers(100, 300, 2))
        y, x = np.mgrid[:height, :width].astype(np.float32)
        middle = width * float(random.uniform(0.25, 0.75)) + (y - height / 2) * float(random.uniform(-0.1, 0.1))
        if seed % 3 == 0:  # a fold
            ink = float(random.uniform(0.2, 0.5)) * np.exp(-(((x - middle) / random.uniform(1, 6)) ** 2))
        elif seed % 3 == 1:  # a margin rule
            ink = np.clip(float(random.uniform(1, 3)) - np.abs(x - middle), 0, 1)
        else:  # a finger
            tip, broad = height * float(random.uniform(0.4, 0.65)), float(random.uniform(10, 25))
            ink = 0.7 * np.clip((broad - np.hypot(x - middle, np.minimum(y - tip, 0))) / 2, 0, 1)
        reading = reader.read(_picture(ink + 0.01 * random.standard_normal(ink.shape)), kind="digit")
        assert reading.decision == "reject", (seed, reading.text, reading.confidence)


def test_a_pale_grid_does_not_join_the_page_to_the_digit(shipped: Artifact) -> None:
    reader, right, n = Reader(shipped.classifier), 0, 40
    for seed in range(n):
        random = np.random.default_rng(seed)
        digit, height = int(random.integers(10)), int(random.integers(24, 120))
        ink = np.pad(Hand.any(random).digit(digit, height, random), round(height * float(random.uniform(0.6, 1.2))))
        pitch, pale = float(random.uniform(0.15, 0.5)) * height, float(random.uniform(0.04, 0.12))
        for shape, axis in (((-1, 1), 0), ((1, -1), 1)):
            places = np.arange(ink.shape[axis]) + float(random.uniform(0, pitch))
            ink = np.maximum(ink, pale * (places % pitch < max(1, 0.03 * height)).reshape(shape))
        reading = reader.read(_picture(ink), kind="digit")
        assert reading.text == str(digit) or reading.decision == "reject"
        right += reading.text == str(digit)
    assert right >= 0.9 * n


def test_a_number_whose_neighbours_the_sides_cut_is_not_accepted_with_them(shipped: Artifact) -> None:
    reader, reasons = Reader(shipped.classifier), []
    for seed in range(30):
        random = np.random.default_rng(seed)
        ink, code, height = _number(random, 6, low=30)
        cut = int(random.integers(round(0.25 * height), round(0.5 * height)))
        page = np.pad(ink, ((height // 3, height // 4), (0, 0)))[:, cut:-cut]
        reading = reader.read(_picture(page), kind="strip")
        assert reading.decision == "reject", (seed, code, reading.text)
        reasons.append(reading.reason)
    assert reasons.count("unclear_end") >= 20


def test_a_number_whose_first_digit_a_side_cuts_is_not_accepted_though_the_count_fits(shipped: Artifact) -> None:
    reader, wrong, n = Reader(shipped.classifier), 0, 40
    for seed in range(n):
        random = np.random.default_rng(seed)
        ink, code, height = _number(random, 5, low=30)
        cut = round(height * float(random.uniform(0.2, 0.35)))  # about half of the first digit
        page = np.pad(ink, ((round(0.8 * height), round(0.8 * height)), (0, height)))[:, cut:]
        reading = reader.read(_picture(page), kind="strip", digits=5)
        wrong += reading.decision == "accept" and reading.text != code
    assert wrong <= 2


@pytest.mark.parametrize("sign", [")", "]", "°"])
def test_a_number_before_a_sign_that_looks_like_a_digit_is_not_accepted_with_it(shipped: Artifact, sign: str) -> None:
    reader = Reader(shipped.classifier)
    for seed in range(20):
        random = np.random.default_rng(seed)
        ink, code, height = _number(random, int(random.integers(2, 6)), low=30)
        mark = printed(sign, round((0.4 if sign == "°" else 1.3) * height))
        page = np.zeros((3 * height, ink.shape[1] + mark.shape[1] + round(2.3 * height)), np.float32)
        page[height : height + len(ink), height : height + ink.shape[1]] = ink
        top, left = height - round(0.15 * height * (sign != "°")), height + ink.shape[1] + round(0.25 * height)
        page[top : top + len(mark), left : left + mark.shape[1]] = mark
        reading = reader.read(_picture(page), kind="strip")
        assert reading.text == code or reading.decision == "reject", (seed, code, reading.text)


def test_a_black_canvas_on_a_lighter_page_is_read(shipped: Artifact) -> None:
    reader, right = Reader(shipped.classifier), 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        digit, height = int(random.integers(10)), int(random.integers(60, 140))
        ink = np.pad(Hand.any(random).digit(digit, height, random), height // 2)
        page = np.pad(np.asarray(255 * ink, np.uint8), int(random.integers(20, 90)), constant_values=240)
        reading = reader.read(np.repeat(page[:, :, None], 3, axis=2))
        assert reading.text == str(digit) or reading.decision == "reject"
        right += reading.text == str(digit)
    assert right >= 10
