"""The reading of a whole mail piece: the addressee's code, whichever way the piece lies."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from model.artifact import Artifact
from model.envelopes.piece import Piece
from model.reader import Reader
from model.reading import Reading
from tests.model.envelopes.drawn import CODE, SENDER, Drawn, by_pen, piece, printed


@pytest.fixture(scope="module")
def reader(shipped: Artifact) -> Reader:
    return Reader(shipped.classifier)


PEN, PRINT = piece(by_pen(CODE), SENDER), piece(printed(CODE))


def _answered(reading: Reading, shape: tuple[int, ...]) -> None:
    assert reading.kind == "envelope"
    assert (reading.decision == "accept") == (reading.reason is None)
    assert 0 <= reading.confidence <= 1
    assert 0 <= reading.turned < 360
    assert len(reading.text) == len(reading.digits)
    assert (reading.corners is None) == (reading.text == "")
    for x, y in (*(reading.corners or ()), *(corner for other in reading.others for corner in other.corners)):
        assert 0 <= x <= shape[1]
        assert 0 <= y <= shape[0]
    for digit in reading.digits:
        assert 0 <= digit.box.x < digit.box.x + digit.box.width <= shape[1] + 1
        assert 0 <= digit.box.y < digit.box.y + digit.box.height <= shape[0] + 1


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("drawn", [PEN, PRINT], ids=["pen", "print"])
def test_the_code_is_read_and_found_any_way_up(reader: Reader, drawn: Drawn, quarters: int) -> None:
    lain = drawn.turned(quarters)
    reading = reader.read(lain.picture, kind="envelope", country="fr")
    _answered(reading, lain.picture.shape)
    assert reading.text == CODE
    assert abs((reading.turned - 90 * quarters + 180) % 360 - 180) <= 3
    assert reading.corners is not None
    np.testing.assert_allclose(reading.corners, lain.corners, atol=9)
    middles = Piece(lain.corners, whole=False).to_piece(
        np.array([(digit.box.x + digit.box.width / 2, digit.box.y + digit.box.height / 2) for digit in reading.digits])
    )
    np.testing.assert_allclose(np.sort(middles[:, 0])[[0, -1]], [0.1, 0.9], atol=0.06)
    assert SENDER not in [reading.text, *(candidate.text for candidate in reading.candidates)]


def test_only_what_lies_as_was_asked_is_read(reader: Reader) -> None:
    lain = PRINT.turned(1)
    assert reader.read(lain.picture, kind="envelope", country="fr", turned=90).text == CODE
    for other in (0, 180, 270):
        assert reader.read(lain.picture, kind="envelope", country="fr", turned=other).text != CODE


def test_of_two_codes_that_stand_alike_one_is_told_among_the_others(reader: Reader) -> None:
    second = piece(printed(SENDER), lines=("Lucie Bernard", "8 avenue Foch"))
    both = np.concatenate([second.picture[150:320], PRINT.picture[150:]])
    reading = reader.read(both, kind="envelope", country="fr", max_error=0.9)
    assert {reading.text, *(other.text for other in reading.others)} == {SENDER, CODE}
    if reading.text == SENDER:
        assert reading.reason == "two_codes"


def test_without_a_country_there_is_no_telling_what_a_code_is(reader: Reader) -> None:
    assert reader.read(PRINT.picture, kind="envelope").reason == "country_needed"
    assert reader.read(PRINT.picture, kind="envelope", digits=5).text == CODE
    assert reader.read(PRINT.picture, kind="envelope", envelope_country="fr").text == CODE


def test_a_piece_without_a_code_is_not_accepted(reader: Reader) -> None:
    reading = reader.read(piece(None).picture, kind="envelope", country="fr")
    assert reading.decision == "reject"
    assert reading.reason in {"no_code", "low_confidence", "unlisted_code"}


def test_an_empty_piece_has_no_ink(reader: Reader) -> None:
    reading = reader.read(np.full((300, 500, 3), 220, np.uint8), kind="envelope", country="de")
    assert (reading.reason, reading.text, reading.corners) == ("no_ink", "", None)


@pytest.mark.parametrize("code", ["10013-4427", "10013"])
def test_a_zip_code_is_read_with_the_four_digits_that_stand_there(reader: Reader, code: str) -> None:
    page = piece(printed(code), lines=("James Baker", "12 Canal Street"))
    reading = reader.read(page.picture, kind="envelope", country="us")
    assert reading.text == code.replace("-", "")


def test_auto_takes_a_piece_for_one_and_a_code_for_a_strip(reader: Reader) -> None:
    assert reader.read(PRINT.picture, country="fr").kind == "envelope"
    code = PRINT.picture[255:305, 230:330]
    assert (reader.read(code, country="fr").kind, reader.read(code, country="fr").text) == ("strip", CODE)
    assert reader.read(PRINT.picture, digits=1).kind == "digit"


def test_the_same_piece_has_the_same_reading_in_eight_threads(reader: Reader) -> None:
    pictures = [PRINT.picture, PRINT.turned(1).picture] * 4
    alone = [reader.read(picture, kind="envelope", country="fr") for picture in pictures[:2]]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda picture: reader.read(picture, kind="envelope", country="fr"), pictures))
    assert together == alone * 4


@settings(deadline=None, max_examples=15)
@given(
    picture=hnp.arrays(
        np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 90)), elements=st.sampled_from([0, 128, 255])
    ),
    enlarged=st.sampled_from([1, 5]),
    country=st.sampled_from(["fr", "us", "ch"]),
)  # fmt: skip
def test_any_picture_is_answered(reader: Reader, picture: NDArray[np.uint8], enlarged: int, country: str) -> None:
    large = picture.repeat(enlarged, axis=0).repeat(enlarged, axis=1)
    _answered(reader.read(large, kind="envelope", country=country), large.shape)
