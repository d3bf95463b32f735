"""A calibration keeps its promises on thresholds, survives its file, and shares out chances in order."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.arrays import ArtifactError
from model.confidence.calibration import Calibration, Head, load, shared_out
from model.confidence.evidence import Evidence, Way
from model.confidence.features import FEATURES
from model.confidence.isotonic import Isotonic
from model.confidence.logistic import Logistic

SURE = Evidence(
    text="75011",
    way="counted",
    chance=0.999,
    nothing=0.0,
    least_digit=0.99,
    agreeing=1.0,
    least_look=0.99,
    digit_chance=0.99,
    height=30.0,
    widest=0.8,
    unread=0.0,
)
_N = len(FEATURES)
_HEAD = Head(
    Logistic(np.zeros(_N), np.ones(_N), np.linspace(0.5, 0.0, _N), 0.5),
    Isotonic(np.array([-2.0, 3.0, 9.0]), np.array([-3.0, 2.0, 20.0])),
    {0.05: 0.6, 0.005: 0.96, 0.001: 0.993},
    0.002,
)
MADE = Calibration("ours", {"counted": _HEAD}, frozenset({"a", "b"}), {"command": "fit"})


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_threshold_never_falls_as_the_error_falls_and_never_lets_one_reading_be_wrong_too_often(
    one: float, other: float
) -> None:
    less, more = sorted([one, other])
    for way in get_args(Way):
        assert MADE.threshold(way, less) >= MADE.threshold(way, more) >= 1 - 10 * more


def test_a_threshold_is_that_of_the_next_smaller_error_and_below_what_was_shown_also_one_minus_the_error() -> None:
    assert MADE.threshold("counted", 0.005) == MADE.threshold("counted", 0.01) == 0.96
    assert MADE.threshold("counted", 0.002) == 0.993  # 1 - 10 · 0.002 is less
    assert MADE.threshold("counted", 0.0005) == 1 - 0.0005
    assert MADE.threshold("digit", 0.005) == 1 - 0.005  # nothing is known of digits


def test_an_error_of_zero_accepts_nothing() -> None:
    certain = replace(SURE, chance=1.0, least_digit=1.0)
    assert MADE.confidence(certain) < MADE.threshold("counted", 0)


def test_a_line_that_is_not_read_has_no_confidence() -> None:
    assert MADE.confidence(replace(SURE, chance=0.0)) == 0


def test_without_a_calibration_the_chance_decides() -> None:
    none = Calibration.none()
    assert none.confidence(SURE) == SURE.chance
    assert none.threshold("counted", 0.005) == 0.995
    assert not none.fits(["a"])


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    MADE.save(tmp_path / "ours.json")
    again = load(tmp_path / "ours.json")
    assert again.confidence(SURE) == MADE.confidence(SURE)
    assert again.card() == MADE.card()
    assert again.fits(["b", "a"])
    assert not again.fits(["a"])
    assert [path.name for path in tmp_path.iterdir()] == ["ours.json"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 2}, "is not a calibration of format 1"),
        ({"heads": None}, "does not hold a whole calibration"),
        ({"features": ["chance"]}, "its features must be chance, "),
        ({"means": [0.0]}, "finite numbers each"),
        ({"deviations": [0.0] * _N}, "deviations must be positive"),
        ({"bias": float("inf")}, "bias finite"),
        ({"thresholds": {"0.01": 0.5, "0.005": 0.4}}, "never fall as the error falls"),
        ({"thresholds": {"0.01": 1.5}}, "between 0 and 1"),
        ({"scores": [0.0, 1.0]}, "as many numbers each"),
        ({"log_odds": [3.0, 2.0, 1.0]}, "finite and never fall"),
        ({"supported": -1}, "its smallest error must be between 0 and 1; got -1"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence_that_names_it(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    path = tmp_path / "broken.json"
    MADE.save(path)
    whole = json.loads(path.read_text())
    (whole if change.keys() <= whole.keys() else whole["heads"]["counted"]).update(change)
    path.write_text(json.dumps(whole))
    with pytest.raises(ArtifactError, match=sentence) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_what_is_no_json_missing_or_huge_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    with pytest.raises(ArtifactError, match="cannot be read"):
        load(path)
    path.write_bytes(b"\xff\x00")
    with pytest.raises(ArtifactError, match="expected JSON"):
        load(path)
    path.write_bytes(b" " * 1_000_001)
    with pytest.raises(ArtifactError, match="at most 1000000"):
        load(path)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0, 1))
def test_candidates_keep_their_order_and_share_at_most_the_rest(chances: list[float], confidence: float) -> None:
    total = max(1.0, sum(chances))
    readings = [(str(number), chance / total) for number, chance in enumerate(sorted(chances, reverse=True))]
    shared = shared_out(readings, confidence)
    assert shared[0] == ("0", confidence)
    assert [text for text, _ in shared] == [text for text, _ in readings]
    values = [chance for _, chance in shared]
    assert all(more >= less - 1e-12 for more, less in pairwise(values))
    assert sum(values) <= 1 + 1e-9
