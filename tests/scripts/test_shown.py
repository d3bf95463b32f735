"""What the docs show of answers and of what was measured."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import measured
import shown_answers
from model.reader import Options
from shown_answers import LEFT_OUT, differences

GROUP = {"n": 200, "found": 0.98, "exact": 0.95, "accepted": 0.8, "error_among_accepted": 0.0125,
         "sender_answered": 0.005, "causes": {"place": 3, "reading": 7},
         "milliseconds": 201.4, "milliseconds_95": 333.3}  # fmt: skip
PIECES = {**GROUP, "groups": {"pen": GROUP}, "without_code": {"n": 50, "accepted": 0.02}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(measured, "FOLDER", tmp_path)
    return tmp_path


def test_the_scores_of_pieces_become_a_table_with_counts_of_the_wrong(folder: Path) -> None:
    (folder / "envelopes.json").write_text(json.dumps(PIECES), encoding="utf-8")
    shown = measured.pieces("envelopes")
    assert "| pen | 200 | 98.0% | 95.0% | 80.0% | 2 (1.25%) | 0.5% | 201 (333) |" in shown
    assert "3 place, 7 reading. Of 50 pieces without a code, 1 are accepted." in shown
    assert "| mail pieces, address by pen | 200 | 80.0% | 2 (1.25%) |" in measured.accepted()
    assert "201 ms" in measured.speed()


def test_what_was_not_measured_is_not_shown(folder: Path) -> None:
    assert measured.pieces("envelopes") == "Not measured yet.\n"
    assert measured.speed() == ""
    assert len(measured.accepted().splitlines()) == 2  # the head alone


def test_an_answer_is_shown_short_and_kept_while_it_holds() -> None:
    asked = Options(country="fr")
    shown = shown_answers.shown_answer("code.webp", asked, "")
    assert shown.startswith('```json\n{"kind": "strip", "text": "75011"')
    shorter = re.sub(r'"threshold": [0-9.]+', f'"threshold": "{LEFT_OUT}"', shown)
    assert shorter != shown
    assert shown_answers.shown_answer("code.webp", asked, f"\n{shorter}\n\n") == shorter
    assert shown_answers.shown_answer("code.webp", asked, shown.replace("75011", "75017")) == shown


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ({"text": "5"}, {"text": "5", "kind": "digit"}),
        (Decimal("0.9994"), Decimal("0.9981")),
        ([1, LEFT_OUT], [2, 3]),
        ([1, LEFT_OUT], [1]),
        ([1], [1, 2]),
        (None, "low_confidence"),
        (True, 1),
    ],
)
def test_an_answer_that_differs_is_noticed(shown: Any, real: Any) -> None:
    assert differences(shown, real)
