"""Confidence is fitted and measured on pictures that are apart, and thresholds keep what was shown."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibrating import collecting
from calibrating.collecting import Answered, collected
from calibrating.fitting import Judged, accepted_shares, cross_validated, fitted
from calibrating.pictures import TO_FIT, TO_MEASURE, Labelled, Question
from evaluate_confidence import ERRORS, row_of
from model import artifact, shipped
from model.confidence.calibration import Calibration
from model.confidence.evidence import Evidence
from model.reader import Reader
from synthesis import no_code
from synthesis.worlds import Dice

LISTED = (0.05, 0.01, 0.005)
SEEN = Evidence("12345", "counted", 0.9, 0.0, 0.9, 1.0, 0.9, 1.0, 30.0, 0.8, 0.0)


def answered(kind: str, count: int, honest: float, seed: int = 0) -> list[Answered]:
    """Return readings of known chances, raised to the power `honest`: below one, they claim too much."""
    random = np.random.default_rng((seed, count))
    rows = []
    for number, chance in enumerate(1 - random.random(count) ** 4 * 0.5):
        right = random.random() < chance**honest
        seen = replace(SEEN, chance=float(chance), least_look=float(chance))
        rows.append(Answered(kind, "12345" if right else "12346", number, seen, possible=True))
    return rows


@pytest.fixture(scope="module")
def shown() -> list[Answered]:
    others = [replace(each, evidence=replace(each.evidence, way=way))
              for way in ("digit", "uncounted") for each in answered("easy", 300, 1.0)]  # fmt: skip
    return [*answered("easy", 2000, 0.2), *answered("hard", 2000, 3.0, seed=1), *others]


def test_thresholds_keep_the_error_of_what_was_not_fitted_on(shown: list[Answered]) -> None:
    calibration = Calibration("made", fitted(shown, LISTED))
    fresh = [*answered("easy", 4000, 0.2, seed=2), *answered("hard", 4000, 3.0, seed=3)]
    for error in LISTED:
        least = calibration.threshold("counted", error)
        taken = [each for each in fresh if calibration.confidence(each.evidence) >= least]
        wrong = sum(not each.right for each in taken)
        assert wrong <= 2 * error * max(len(taken), 1 / error), (error, wrong, len(taken))
    assert len(taken) > 100, "something is accepted"


@pytest.fixture(scope="module")
def judged(shown: list[Answered]) -> list[Judged]:
    return cross_validated(shown, LISTED, LISTED)


def test_no_reading_is_judged_by_what_was_fitted_on_it(shown: list[Answered], judged: list[Judged]) -> None:
    assert len(judged) == len(shown)
    first = judged[0]
    others = [each for each in shown if each.fold % 5 != first.answered.fold % 5]
    assert first.confidence == Calibration("by others", fitted(others, LISTED)).confidence(first.answered.evidence)


def test_the_share_that_is_accepted_counts_each_kind_of_writing_alike() -> None:
    def some(kind: str, code: str, count: int, accepted: int) -> list[Judged]:
        one = Answered(kind, code, 0, SEEN, possible=True)
        return [Judged(one, 0.9, {0.01: number < accepted, 0.001: False}) for number in range(count)]

    rows = [*some("many", "12345", 400, 400), *some("few", "12345", 100, 20), *some("junk", "", 500, 500)]
    assert accepted_shares(rows, (0.01, 0.001)) == {"counted": {"0.01": 0.6, "0.001": 0.0}}


def test_less_is_accepted_where_fewer_errors_are(judged: list[Judged]) -> None:
    shares = accepted_shares(judged, LISTED)
    assert list(shares) == ["digit", "counted", "uncounted"]
    for share in shares.values():
        assert 0 <= share["0.005"] <= share["0.01"] <= share["0.05"] <= 1
    assert shares["counted"]["0.05"] > 0


def test_what_is_measured_was_not_fitted_on() -> None:
    assert TO_FIT.parity != TO_MEASURE.parity
    assert TO_FIT.digits.stop <= TO_MEASURE.digits.start
    assert TO_FIT.seed != TO_MEASURE.seed
    assert set(TO_FIT.codes.papers).isdisjoint(TO_MEASURE.codes.papers)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(artifact.load_digits(shipped.CNN).classifier)


def test_readings_are_kept_and_blank_paper_is_refused(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = np.full((60, 200), 230, np.uint8)
    one = blank.copy()
    one[15:45, 98:102] = 20
    made = 0

    def source() -> Iterator[Labelled]:
        nonlocal made
        made += 1
        yield Labelled(blank, "", (Question(), Question(digits=5)))
        yield Labelled(one, "1", (Question("digit"),))

    rows = collected(reader, {"paper": source}, {"file": "a"}, tmp_path)
    assert [each.evidence.way for each in rows] == ["uncounted", "counted", "digit"]
    assert [each.possible for each in rows] == [False, False, True]
    assert [each.right for each in rows] == [True, True, True]
    assert collected(reader, {"paper": source}, {"file": "a"}, tmp_path) == rows
    assert made == 1
    monkeypatch.setattr(collecting, "_code", lambda: {"other": "code"})
    collected(reader, {"paper": source}, {"file": "a"}, tmp_path)
    assert made == 2, "other code may read otherwise"


def test_a_row_counts_what_the_service_would_accept(shown: list[Answered]) -> None:
    calibration = Calibration("made", fitted(shown, LISTED))
    mine = [each for each in shown if each.evidence.way == "counted"]
    row = row_of("all", "counted", [*mine, replace(mine[0], possible=False)], calibration)
    for error, (accepted, wrong) in zip(ERRORS, row.accepted, strict=True):
        least = calibration.threshold("counted", error)
        taken = [each for each in mine if calibration.confidence(each.evidence) >= least]
        assert (accepted, wrong) == (len(taken), sum(not each.right for each in taken))
    assert row.n == len(mine) + 1
    assert row.calibration_error < 2 * row.perfect, "fitted on these very readings"


@pytest.mark.parametrize("kind", no_code.UNSEEN)
def test_more_lines_without_a_code_are_drawn_as_ink(kind: str) -> None:
    dice = Dice(np.random.default_rng(5))
    for _ in range(20):
        drawn = no_code.UNSEEN[kind](30.0, dice)
        assert drawn.dtype == np.float32
        assert 0 < drawn.mean() < 0.9
