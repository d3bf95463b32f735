"""Runs of digits on a piece, with where they stand, and those that are looked at closely."""

from dataclasses import replace

import numpy as np
import pytest

from model.envelopes.choice import shipped
from model.envelopes.reading import Asked, Found, look_closely, runs_on
from model.envelopes.survey import survey
from model.strips import sliding
from tests.model.envelopes.drawn import CODE, SENDER, piece, printed

_ASKED = Asked({5}, (SENDER, CODE))
_DRAWN = piece(printed(CODE), SENDER)


@pytest.fixture(scope="module")
def found() -> list[Found]:
    networks = sliding.shipped()
    runs = runs_on(survey(_DRAWN.picture), networks[-1], _ASKED)
    return look_closely(runs, shipped(), networks[-1], _ASKED)


def test_a_code_is_listed_if_it_is_as_long_as_one_and_in_use() -> None:
    assert _ASKED.listed(CODE)
    assert not _ASKED.listed("99999")
    assert not replace(_ASKED, lengths={4}).listed(CODE)
    assert Asked({5}, None).listed("99999")


def test_runs_know_where_they_stand() -> None:
    runs = runs_on(survey(_DRAWN.picture), sliding.shipped()[-1], _ASKED)
    code = max(runs, key=lambda each: shipped().first_odds(each.clues))
    assert code.clues.run.text == CODE
    place = code.clues.place
    middle = _DRAWN.corners.mean(axis=0) / _DRAWN.picture.shape[::-1]
    np.testing.assert_allclose((place.x, place.y), middle, atol=0.03)
    assert (place.above, place.below, place.before, place.after) == (2, 0, False, True)
    assert code.clues.listed
    assert abs((code.degrees + 180) % 360 - 180) < 3


def test_the_code_looks_the_likeliest_and_its_ink_is_cut_out(found: list[Found]) -> None:
    best = max(found, key=lambda each: shipped().odds(each.clues))
    assert best.text == CODE
    assert best.chance > 0.5
    np.testing.assert_allclose(best.corners, _DRAWN.corners, atol=9)
    assert best.overlaps(best)
    assert not any(best.overlaps(each) for each in found if each.text == SENDER)


def test_a_longer_code_begins_with_a_shorter_one_in_the_same_place(found: list[Found]) -> None:
    best = max(found, key=lambda each: shipped().odds(each.clues))
    longer = replace(best, text=CODE + "1234")
    assert best.begins(longer)
    assert not longer.begins(best)
    assert not best.begins(replace(best, text="990111234"))
