"""A calibration of one's own: the shipped one stands until pictures speak against it, and never promises more."""

import hashlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from model.confidence.calibration import Calibration, Head, load
from model.confidence.features import FEATURES
from model.confidence.isotonic import Isotonic
from model.confidence.logistic import Logistic
from model.confidence.own import FOLDS, LISTED, Known, complete, cross_validated, decided, fitted, folds_of
from tests.model.confidence.test_calibration import SURE

_CHANCE = np.array([float(name == "chance") for name in FEATURES])
_HEAD = Head(
    Logistic(np.zeros(len(_CHANCE)), np.ones(len(_CHANCE)), _CHANCE, 0.0),
    Isotonic(np.array([-14.0, 8.0, 14.0]), np.array([-14.0, 8.0, 8.0])),  # the surest are equally sure
    {0.1: 0.5, 0.05: 0.7, 0.02: 0.85, 0.01: 0.9, 0.005: 0.95, 0.002: 0.98, 0.001: 0.99},
    0.001,
)
BASE = complete(Calibration("ours", {"counted": _HEAD}, frozenset({"a"})))


def mail(count: int, seed: int, shift: float = 0.0, weight: float = 1.0) -> list[Known]:
    """Return readings whose chances are honest but for a `shift` of their log-odds."""
    random = np.random.default_rng(seed)
    log_odds = random.normal(5, 2.5, count)
    right = random.random(count) < 1 / (1 + np.exp(-(log_odds + shift)))
    return [
        Known(replace(SURE, chance=float(1 / (1 + np.exp(-z)))), bool(ok), True, f"{seed}-{number}", weight)
        for number, (z, ok) in enumerate(zip(log_odds, right, strict=True))
    ]


def share_wrong(calibration: Calibration, known: list[Known], error: float) -> float:
    accepted = [each.known for each in decided(calibration, known) if each.accepted[error]]
    return sum(not each.right for each in accepted) / max(1, len(accepted))


def accepted(calibration: Calibration, known: list[Known], error: float) -> list[bool]:
    return [each.accepted[error] for each in decided(calibration, known)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shift", [-4.0, -1.0, 0.0, 2.0])
def test_thresholds_never_fall_as_the_error_falls_and_let_no_reading_be_wrong_too_often(
    seed: int, shift: float
) -> None:
    head = fitted(BASE, mail(60, seed, shift)).heads["counted"]
    thresholds = [head.thresholds[error] for error in sorted(LISTED, reverse=True)]
    assert all(more <= less for more, less in pairwise(thresholds))
    assert all(head.thresholds[error] >= 1 - 10 * error for error in LISTED)
    assert max(thresholds) <= 1


def test_where_the_shipped_one_is_right_its_decisions_stand() -> None:
    calibration, others = fitted(BASE, mail(300, 1)), mail(300, 2)
    assert accepted(calibration, others, 0.01) == accepted(BASE, others, 0.01)
    assert calibration.heads["counted"].supported == BASE.heads["counted"].supported


def test_where_the_shipped_one_errs_no_more_are_wrong_afterwards_than_was_asked() -> None:
    others = mail(4000, 2, shift=-3)
    calibration = fitted(BASE, mail(300, 1, shift=-3))
    assert share_wrong(BASE, others, 0.01) > 0.03
    assert share_wrong(calibration, others, 0.01) <= 0.01
    assert calibration.threshold("counted", 0.001) >= 1 - 0.001  # 300 pictures cannot show so little


def test_more_is_accepted_only_where_the_pictures_show_it() -> None:
    careful = complete(Calibration("careful", {"counted": replace(_HEAD, thresholds=dict.fromkeys(LISTED, 0.999))}))
    few, many, others = mail(100, 1, shift=3), mail(1500, 1, shift=3), mail(200, 2, shift=3)
    assert accepted(fitted(careful, few), others, 0.005) == accepted(careful, others, 0.005)
    assert sum(accepted(fitted(careful, many), others, 0.005)) > sum(accepted(careful, others, 0.005))


def test_ways_without_pictures_stay_as_they_are() -> None:
    calibration = fitted(BASE, mail(50, 1))
    assert calibration.heads["digit"] is BASE.heads["digit"]
    assert fitted(BASE, [replace(each, possible=False) for each in mail(50, 1)]).heads == BASE.heads


def test_without_a_shipped_calibration_each_reading_must_be_as_sure_as_before() -> None:
    bare, none = complete(Calibration.none()), Calibration.none()
    assert [bare.threshold("digit", error) for error in LISTED] == [none.threshold("digit", error) for error in LISTED]
    seen = replace(SURE, way="digit", chance=0.97)
    assert bare.confidence(seen) == pytest.approx(none.confidence(seen))


def test_equal_pictures_share_a_fold_and_the_folds_are_about_as_large() -> None:
    folds = folds_of([f"{number % 50}" for number in range(100)])
    assert folds[:50] == folds[50:]
    assert {folds.count(fold) for fold in range(FOLDS)} == {20}


def test_no_picture_is_judged_by_what_was_fitted_on_an_equal_one() -> None:
    known = mail(40, 1, shift=-3)
    twice = cross_validated(BASE, [*known, *known])
    assert [each.confidence for each in twice[:40]] == [each.confidence for each in twice[40:]]
    changed = cross_validated(BASE, [replace(known[0], right=not known[0].right), *known[1:]])
    assert changed[0].confidence == cross_validated(BASE, known)[0].confidence


def test_it_survives_its_file(tmp_path: Path) -> None:
    made = fitted(BASE, mail(100, 1, shift=-3))
    made.save(tmp_path / "own.json")
    again = load(tmp_path / "own.json")
    assert again.confidence(SURE) == made.confidence(SURE)
    assert again.card() == made.card()
    assert again.sha256 == hashlib.sha256((tmp_path / "own.json").read_bytes()).hexdigest()
