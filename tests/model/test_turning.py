"""Which way up a picture lies: turned upright to be read, its digits placed where they lie, and doubts refused."""

import functools

import numpy as np
import pytest
from numpy.typing import NDArray

from model import artifact
from model.options import Turned
from model.reader import Reader
from model.reading import Reading
from model.shipped import CNN
from model.strips import upright
from model.strips.postal import is_listed
from model.turning import TURNS, Turn
from tests.real_digits import real_digits


@functools.cache
def reader() -> Reader:
    return Reader(artifact.load(CNN).classifier)


def strip(text: str, which: int = 0) -> NDArray[np.uint8]:
    """Return the digits of `text`, real ones, side by side on a strip of paper."""
    digits = real_digits()
    images = [digits.images[np.flatnonzero(digits.labels == int(each))[which]] for each in text]
    line = np.concatenate([np.pad(image[:, 3:25], ((4, 4), (2, 2))) for image in images], axis=1)
    ink = np.pad(np.kron(line, np.ones((2, 2), np.uint8)), 10)
    return np.asarray(235 - 0.8 * ink, np.uint8)


def lying(picture: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """Return `picture` turned clockwise by `degrees`."""
    return np.ascontiguousarray(np.rot90(picture, -degrees // 90))


def ink_in_boxes(picture: NDArray[np.uint8], reading: Reading) -> float:
    """Return the share of the ink of `picture` that lies in the boxes of the digits that were read."""
    ink = np.clip(200 - picture.astype(np.float64), 0, None)
    inside = np.zeros(ink.shape, np.bool_)
    for digit in reading.digits:
        box = digit.box
        inside[box.y : box.y + box.height, box.x : box.x + box.width] = True
    return float(ink[inside].sum() / ink.sum())


@pytest.mark.parametrize("degrees", TURNS)
def test_a_picture_that_is_said_to_lie_turned_is_read_and_its_digits_are_where_they_lie(degrees: Turned) -> None:
    assert degrees != "auto"
    upright_one = strip("30472")
    picture = lying(upright_one, degrees)
    for turned in (degrees, "auto"):
        reading = reader().read(picture, digits=5, turned=turned)
        assert (reading.text, reading.turned, reading.decision) == ("30472", degrees, "accept")
        assert ink_in_boxes(picture, reading) > 0.99
        assert reading.corners is not None
        corners = np.array(reading.corners)
        boxes = [digit.box for digit in reading.digits]
        low = np.array([min(box.x for box in boxes), min(box.y for box in boxes)])
        high = np.array([max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)])
        np.testing.assert_allclose(corners.min(axis=0), low, atol=8)  # the rectangle is tilted a little
        np.testing.assert_allclose(corners.max(axis=0), high, atol=8)
        # Clockwise on the screen, along the text first: the text runs right, down, left or up.
        along, across = corners[1] - corners[0], corners[2] - corners[1]
        directions = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}
        assert along @ np.array(directions[degrees]) > 0.99 * np.linalg.norm(along)
        assert along[0] * across[1] - along[1] * across[0] > 0


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize(("digits", "country"), [(None, None), (5, None), (5, "fr")])
def test_a_code_that_reads_better_another_way_up_is_refused(
    degrees: int, digits: int | None, country: str | None
) -> None:
    reading = reader().read(lying(strip("75430"), degrees), kind="strip", digits=digits, country=country)
    assert (reading.decision, reading.reason) == ("reject", "turned")
    assert (reading.text, reading.turned) == ("75430", degrees)


def test_an_upright_code_is_not_refused_for_how_it_would_read_upside_down() -> None:
    for which in range(6):
        reading = reader().read(strip("68195", which), digits=5)
        assert reading.reason != "turned"
        assert reading.turned == 0


def test_a_digit_is_read_whichever_way_it_lies_and_a_6_or_9_is_refused() -> None:
    four, six = (strip(text) for text in "46")
    assert reader().read(lying(four, 90), kind="digit", turned="auto").text == "4"
    for degrees in TURNS:
        reading = reader().read(lying(six, degrees), kind="digit", turned="auto")
        assert reading.decision == "reject"
    assert reader().read(lying(six, 180), kind="digit", turned=180).text == "6"


@pytest.mark.parametrize("question", [{}, {"digits": 5}, {"digits": 5, "country": "fr"}])
def test_two_lines_of_digits_are_refused(question: dict[str, int | str]) -> None:
    upper, lower = strip("75011"), strip("69123", which=1)
    reading = reader().read(np.concatenate([upper, lower]), kind="strip", **question)  # type: ignore[arg-type]  # of the right types
    assert (reading.decision, reading.reason) == ("reject", "two_lines")
    assert reader().read(upper, kind="strip", **question).reason != "two_lines"  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("gap", [0, 4, 10])
@pytest.mark.parametrize("joined", [False, True])
def test_a_short_line_over_a_long_one_is_not_left_out(gap: int, joined: bool) -> None:
    picture = np.full((140, 420), 235, np.uint8)
    for text, top, left in (("753", 20, 120), ("6431942", 64 + gap, 20)):
        line = strip(text)[14:-14]
        part = picture[top : top + line.shape[0], left : left + line.shape[1]]
        np.minimum(part, line, out=part)
    if joined:  # in a stroke, as a quick hand writes
        picture[50:53, 140:230] = 60
    reading = reader().read(picture, kind="strip")
    assert (reading.decision, reading.reason) == ("reject", "two_lines")


def test_a_code_in_use_is_not_doubted_for_one_that_is_in_no_list() -> None:
    for code in ("01100", "10100", "10110", "11000", "11100", "11110", "11800", "18110", "81110"):
        upside_down = code[::-1]
        assert (is_listed("fr", code), is_listed("fr", upside_down)) == (True, False)
        picture = strip(code, which=2)
        assert reader().read(picture, digits=5, country="fr").decision == "accept"
        reading = reader().read(lying(picture, 180), digits=5, country="fr")
        assert (reading.decision, reading.reason) == ("reject", "turned")


@pytest.mark.parametrize("degrees", [0, 180])
def test_printed_lines_are_taken_away_whichever_way_up_a_strip_is_read(degrees: Turned) -> None:
    clean = strip("75430")
    boxed = np.pad(clean, 12, constant_values=235)
    boxed[8:10], boxed[-10:-8] = 40, 40
    boxed[8:-8, 6:8], boxed[8:-8, -8:-6] = 40, 40
    assert degrees != "auto"
    reading = reader().read(lying(boxed, degrees), digits=5, turned=degrees)
    assert reading.text == "75430"
    assert reading.evidence is not None
    assert reading.evidence.unread < 0.02, "no line is left in what is read"
    assert reading.evidence.taken > 0.1


def test_an_underline_and_dots_are_no_second_line() -> None:
    picture = np.pad(strip("75430"), ((0, 40), (0, 0)), constant_values=235)
    picture[-24:-21, 20:-20] = 40
    picture[-12:-8, 40::50] = 40
    assert reader().read(picture, digits=5).reason != "two_lines"


def test_turning_a_digit_upside_down_turns_its_odds() -> None:
    images = np.asarray(real_digits().images[::250] / 255, np.float32)
    odds = upright.odds(images, upright.shipped())
    np.testing.assert_allclose(upright.odds(upright.upside_down(images), upright.shipped()), -odds, atol=1e-4)
    assert (odds > 0).mean() > 0.75


def test_what_is_put_back_lies_where_it_was() -> None:
    picture = np.arange(30 * 50, dtype=np.float32).reshape(30, 50) % 255
    for degrees in TURNS:
        turn = Turn(degrees, picture.shape)
        assert turn.picture(picture).shape == turn.upright_shape
