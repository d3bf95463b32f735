"""What a picture shows: a mail piece, or less."""

import numpy as np
import pytest

from model.envelopes.survey import may_be_mail, survey
from tests.model.envelopes.drawn import CODE, SENDER, Ink, Pixels, by_pen, on_paper, piece, printed, put


def test_a_piece_has_several_lines_whichever_way_it_lies() -> None:
    drawn = piece(by_pen(CODE), SENDER)
    for quarters in range(4):
        seen = survey(drawn.turned(quarters).picture)
        assert seen.is_mail
        assert abs((seen.written[0].degrees - 90 * quarters + 90) % 180 - 90) < 3
        assert len(seen.lines) >= 4


def _page(ink: Ink, height: int = 400, width: int = 700) -> Pixels:
    page = np.zeros((height, width), np.float32)
    put(page, ink, 60, 150)
    return on_paper(page)


def _boxed() -> Ink:
    """Return digits in boxes side by side."""
    ink = np.zeros((90, 5 * 70), np.float32)
    for number, digit in enumerate(CODE):
        box = ink[:, 70 * number : 70 * number + 66]
        box[:] = 1
        box[3:-3, 3:-3] = 0
        put(box, by_pen(digit, 50), 14, 18)
    return ink


@pytest.mark.parametrize(
    "ink",
    [by_pen(CODE, 80), by_pen("7", 200), printed(CODE, 60), printed("75011 PARIS", 40), _boxed()],
    ids=["a code by a pen", "a digit", "a printed code", "a line", "boxes"],
)
def test_a_large_picture_of_a_code_or_a_digit_is_no_mail_piece(ink: Ink) -> None:
    picture = _page(ink)
    assert may_be_mail(picture)
    assert not survey(picture).is_mail


def test_a_small_picture_was_cut_out_around_a_code() -> None:
    assert not may_be_mail(np.zeros((60, 300), np.uint8))
    assert may_be_mail(np.zeros((1_400, 2_000, 3), np.uint8))


@pytest.mark.parametrize("shape", [(1, 1), (300, 400), (1, 90_000), (90_000, 1, 3)])
def test_an_empty_picture_shows_nothing(shape: tuple[int, ...]) -> None:
    seen = survey(np.full(shape, 220, np.uint8))
    assert not seen.written
    assert not seen.lines
    assert not seen.is_mail


def test_only_so_much_of_a_page_full_of_writing_is_looked_at() -> None:
    page = np.zeros((1_000, 1_000), np.float32)
    for top in range(10, 970, 22):
        put(page, printed("4711 0815 " * 9, 10)[:, :980], 5, top)
    seen = survey(on_paper(page))
    assert seen.is_mail
    assert len(seen.lines) <= 70
    assert 300 < sum(segment.width for _, segment in seen.lines) < 660
