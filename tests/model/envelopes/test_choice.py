"""What tells the addressee's code from other numbers: it is kept in a file, and says what is likelier."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.arrays import ArtifactError
from model.confidence.logistic import Logistic
from model.envelopes.choice import FIRST, SECOND, Choice, Clues, features, load, shipped
from model.envelopes.cutting import Frame
from model.envelopes.layout import Place
from model.envelopes.lines import Segment
from model.envelopes.spotting import Looked, Run

_FRAME = Frame(np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0]), 1.0, 40, 400)
_LOOKED = Looked(Segment(np.arange(5), (0, 400, 0, 40), 30, 0, 0, ruled=False), _FRAME, 30, (), turned=False)
_RUN = Run(_LOOKED, "75011", (20, 40, 60, 80, 100), -0.05, 0.9, 20, 0.1, 3.0, 3.0)
_PLACE = Place(2, 0, before=False, after=True, x=0.6, y=0.7, tall=1.0, postage=1.0)
_CODE = Clues(_RUN, _PLACE, listed=True, town_after=True, certainty=6.0)


def _any_choice() -> Choice:
    random = np.random.default_rng(0)

    def regression(count: int) -> Logistic:
        means, deviations, coefficients = random.uniform(0.5, 2, (3, count))
        return Logistic(means, deviations, coefficients, -1.5)

    return Choice(regression(len(FIRST)), regression(len(SECOND)), {"command": "a test", "pieces": 3})


def test_a_choice_says_the_same_after_it_was_saved_and_loaded(tmp_path: Path) -> None:
    choice = _any_choice()
    choice.save(tmp_path / "choice.json")
    again = load(tmp_path / "choice.json")
    assert again.first_odds(_CODE) == choice.first_odds(_CODE)
    assert again.odds(_CODE) == choice.odds(_CODE)
    assert again.made == choice.made
    assert [path.name for path in tmp_path.iterdir()] == ["choice.json"]


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda whole: whole.pop(name)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_without("second"), "second"),
        (_without("made"), "made"),
        (lambda whole: whole.__setitem__("format", 2), "its format is 2; expected 1"),
        (lambda whole: whole["first"].pop("bias"), "bias"),
        (lambda whole: whole["first"]["means"].pop(), "finite numbers each"),
        (lambda whole: whole["second"]["coefficients"].__setitem__(0, float("nan")), "finite numbers each"),
        (lambda whole: whole["first"]["features"].reverse(), "its features must be seen"),
        (lambda whole: whole["second"].__setitem__("deviations", "none"), "could not convert"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence(
    damage: Callable[[dict[str, Any]], object], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "choice.json"
    _any_choice().save(path)
    whole = json.loads(path.read_text())
    damage(whole)
    path.write_text(json.dumps(whole))
    with pytest.raises(ArtifactError, match=said) as error:
        load(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_what_is_no_choice_at_all_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "choice.json"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match="does not hold a whole choice"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"none\.json cannot be read: No such file"):
        load(tmp_path / "none.json")


def test_all_that_is_known_is_a_finite_number_whatever_is_seen() -> None:
    lone = replace(_RUN, score=-50.0, least=1e-4, uneven=np.inf, before=np.inf, after=np.inf)
    strange = Clues(lone, Place(0, 9, before=False, after=False, x=-3.0, y=9.0, tall=1e-6, postage=-50.0), listed=False,
                    town_after=False, certainty=-1e3)  # fmt: skip
    for seen in (_CODE, strange):
        assert np.isfinite(features(seen, SECOND)).all()


def test_the_shipped_choice_prefers_what_stands_where_an_addressees_code_does() -> None:
    choice = shipped()
    worse = [
        replace(_CODE, listed=False),
        replace(_CODE, run=replace(_RUN, before=1.0, after=1.0)),
        replace(_CODE, run=replace(_RUN, score=-1.0, least=0.05)),
        replace(_CODE, place=replace(_CODE.place, above=0, x=0.1, y=0.05)),
        replace(_CODE, place=replace(_CODE.place, before=True, after=False)),
    ]
    for each in worse:
        assert choice.first_odds(each) < choice.first_odds(_CODE)
        assert choice.odds(each) < choice.odds(_CODE)
    assert choice.odds(replace(_CODE, certainty=-2.0)) < choice.odds(_CODE)
