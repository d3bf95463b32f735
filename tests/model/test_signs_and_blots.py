"""Signs that look like digits beside a number, and digits under a blot: what is read with them is not accepted."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.artifact import Artifact
from model.reader import Reader
from synthesis.field.sample import any_code, around
from synthesis.field.signs import MARKS, number_beside, under_a_blot
from synthesis.hand import Hand

Pixels = NDArray[np.uint8]


def _beside(name: str, seed: int) -> tuple[Pixels, str]:
    """Return a number beside the sign of this `name`, in a pair of them where it is a bracket, and what it says."""
    random = np.random.default_rng((seed, 99))
    code, height = any_code(random, int(random.integers(3, 7))), int(random.integers(20, 90))
    ink = around(number_beside([name], code, height, random), random, 0.3, 0.8)
    return np.asarray(245 - 200 * np.clip(ink, 0, 1), np.uint8), code


@pytest.mark.parametrize("name", MARKS)
def test_a_number_beside_a_mark_is_not_accepted_with_it(shipped: Artifact, name: str) -> None:
    reader, wrong = Reader(shipped.classifier), 0
    for seed in range(40):
        picture, code = _beside(name, seed)
        reading = reader.read(picture, kind="strip")
        wrong += reading.decision == "accept" and reading.text != code
    assert wrong <= 3


@pytest.mark.parametrize("name", ["!", "?"])
def test_a_number_beside_a_mark_is_read_without_it_where_its_count_is_known(shipped: Artifact, name: str) -> None:
    reader, right = Reader(shipped.classifier), 0
    for seed in range(20):
        picture, code = _beside(name, seed)
        reading = reader.read(picture, kind="strip", digits=len(code))
        assert reading.text == code or reading.decision == "reject", (seed, code, reading.text)
        right += reading.text == code
    assert right >= 6


def test_a_digit_under_a_blot_is_not_accepted_though_the_count_fits(shipped: Artifact) -> None:
    reader, refused, reasons, n = Reader(shipped.classifier), 0, [], 60
    for seed in range(n):
        sample = under_a_blot(np.random.default_rng((seed, 99)))
        reading = reader.read(sample.picture, kind="strip", digits=sample.digits)
        refused += reading.decision == "reject"
        reasons.append(reading.reason)
    assert refused >= n - 2
    assert reasons.count("not_a_digit") >= 0.8 * n


def test_a_felt_pen_that_fills_the_loops_makes_no_blots(shipped: Artifact) -> None:
    reader = Reader(shipped.classifier)
    for seed in range(30):
        random = np.random.default_rng((seed, 99))
        hand = replace(Hand.any(random), pen=float(random.uniform(0.16, 0.22)))
        code = any_code(random, 5)
        ink = around(hand.number(code, int(random.integers(16, 80)), random, gap=0.3), random, 0.3, 0.8)
        picture = np.asarray(245 - 200 * np.clip(ink, 0, 1), np.uint8)
        assert reader.read(picture, kind="strip", digits=5).reason != "not_a_digit", seed
