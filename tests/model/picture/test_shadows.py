"""Shadows: the level of the paper follows their edges, and what is written in them is as strong as beside them."""

import tracemalloc

import numpy as np
import pytest

from model.picture.ink import find_ink
from tests.model.picture.papers import DIGITS, Floats, agreement, drawn, photographed, stroke

COUNT = 20


def _shadow(random: np.random.Generator, height: int, width: int, softness: float) -> Floats:
    """Return how much light is left beside a straight or a round edge somewhere near the middle."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y - height * random.uniform(0.3, 0.7), x - width * random.uniform(0.3, 0.7)
    angle = random.uniform(0, 2 * np.pi)
    beyond = x * np.cos(angle) + y * np.sin(angle) + random.choice([0, 0.004]) * (x * x + y * y)
    return np.asarray(1 - random.uniform(0.35, 0.6) / (1 + np.exp(-beyond / softness)), np.float32)


@pytest.mark.parametrize("softness", [0.3, 3])
def test_the_edge_of_a_shadow_is_not_ink(softness: float) -> None:
    random = np.random.default_rng(0)
    right = 0
    for _ in range(COUNT):
        ink = stroke(random, 96, 110)
        picture = drawn(ink, random.uniform(200, 250), random.uniform(10, 70)) * _shadow(random, 96, 110, softness)
        right += agreement(find_ink(photographed(picture, random)).strength, ink) > 0.75
    assert right >= 0.8 * COUNT


def test_ink_in_a_shadow_is_as_strong_as_beside_it() -> None:
    random = np.random.default_rng(1)
    ink = np.concatenate([stroke(random, 84, 84), stroke(random, 84, 84)], axis=1)
    picture = drawn(ink, 230, 60)
    picture[:, 84:] *= 0.45
    found = find_ink(picture.astype(np.uint8)).strength
    lit, shaded = (found[:, half][ink[:, half] > 0.95] for half in (np.s_[:84], np.s_[84:]))
    assert np.median(lit) > 0.95
    assert np.median(shaded) > 0.95


def test_a_thick_digit_that_fills_its_crop_is_no_shadow() -> None:
    random = np.random.default_rng(0)
    right = 0
    for k in range(COUNT):
        digit = DIGITS[k * 150]
        rows, columns = np.flatnonzero(digit.max(axis=1) > 0.3), np.flatnonzero(digit.max(axis=0) > 0.3)
        cut = np.kron(digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.ones((4, 4)))
        found = find_ink(photographed(drawn(cut.astype(np.float32), 235, 60), random)).strength
        right += agreement(found, cut.astype(np.float32)) > 0.75
    assert right >= 0.9 * COUNT


def test_the_level_of_a_large_page_is_found_in_little_memory() -> None:
    random = np.random.default_rng(0)
    patches = np.kron(random.integers(0, 256, (8, 8, 3)), np.ones((125, 125, 1))).astype(np.uint8)
    tracemalloc.start()
    try:
        find_ink(patches)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150e6
