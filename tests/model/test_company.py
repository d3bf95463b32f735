"""Digits and numbers in company, drawn as people send them: how many are read, and none accepted wrongly."""

import zlib

import numpy as np
import pytest

from model.artifact import Artifact
from model.reader import Kind, Reader
from synthesis.field.company import printed
from synthesis.field.kinds import KINDS
from synthesis.hand import Hand
from synthesis.no_code import stamp
from synthesis.worlds import Dice

# By kind: how many pictures are drawn, and how many of them at least must be right (or refused, where that is right).
LEAST = {
    "a digit in a ring": (25, 20),
    "a number in a ring": (12, 9),
    "a tick beside a digit": (20, 16),
    "a label beside a digit": (15, 13),
    "a punch hole beside a digit": (20, 16),
    "two digits sent as one": (20, 20),
    "digits around a slash": (15, 14),
    "a date, counted": (10, 7),
    "a number in a form's column": (25, 20),
    "a number over print": (25, 21),
    "boxes of a colour": (10, 8),
}


@pytest.mark.parametrize("name", LEAST)
def test_what_a_digit_or_number_stands_among_is_told_from_it(shipped: Artifact, name: str) -> None:
    [kind] = (kind for kind in KINDS if kind.name == name)
    count, least = LEAST[name]
    reader, right = Reader(shipped.classifier), 0
    for number in range(count):
        sample = kind.make(np.random.default_rng((1, zlib.crc32(name.encode()), number)))
        reading = reader.read(sample.picture, kind=sample.kind, digits=sample.digits)
        same, accepted = reading.text == sample.code, reading.decision == "accept"
        assert same or not accepted
        right += same or (kind.refusal_is_right and not accepted)
    assert right >= least


def test_a_line_longer_than_any_code_is_refused(shipped: Artifact) -> None:
    [kind] = (kind for kind in KINDS if kind.name == "a very long line")
    sample = kind.make(np.random.default_rng(0))
    picture = np.concatenate([sample.picture] * 3, axis=1)
    assert Reader(shipped.classifier).read(picture, kind="strip").decision == "reject"


def test_a_letter_and_a_dash_before_a_number_are_not_accepted_as_a_digit(shipped: Artifact) -> None:
    reader = Reader(shipped.classifier)
    for seed in range(30):
        random = np.random.default_rng(seed)
        height, code = int(random.integers(24, 80)), "".join(map(str, random.integers(0, 10, 5)))
        number = Hand.any(random).number(code, height, random, gap=0.3)
        letter, dash = printed("D", round(0.8 * height)), np.ones((max(2, height // 14), height // 3), np.float32)
        ink = np.zeros((3 * height, letter.shape[1] + number.shape[1] + 3 * height), np.float32)
        left = height
        for each, top in ((letter, 2 * height - len(letter)), (dash, round(1.6 * height)), (number, height)):
            ink[top : top + len(each), left : left + each.shape[1]] = each
            left += each.shape[1] + height // 5
        assert reader.read((245 - 210 * ink).astype(np.uint8), kind="strip").decision == "reject"


@pytest.mark.parametrize("kind", ["auto", "strip"])
def test_a_round_postmark_is_not_accepted_as_a_0(shipped: Artifact, kind: Kind) -> None:
    reader, accepted = Reader(shipped.classifier), 0
    for seed in range(30):
        dice = Dice(np.random.default_rng(seed))
        ink = np.pad(stamp(dice.uniform((30, 60)), dice), 12)
        accepted += reader.read((250 - 200 * ink).astype(np.uint8), kind=kind).decision == "accept"
    assert accepted <= 1


def test_one_circle_in_another_is_not_accepted_as_a_0_in_a_strip(shipped: Artifact) -> None:
    reader, accepted = Reader(shipped.classifier), 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        outer = float(random.uniform(30, 80))
        inner = outer * float(random.uniform(0.35, 0.8))
        y, x = np.mgrid[-100:101, -110:111]
        rings = [np.clip(0.06 * outer - np.abs(np.hypot(y, x) - radius), 0, 1) for radius in (outer, inner)]
        picture = np.asarray(245 - 200 * np.maximum(*rings), np.uint8)
        accepted += reader.read(picture, kind="strip").decision == "accept"
    assert accepted <= 1
