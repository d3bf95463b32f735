"""Rings around writing are taken away, and what only looks like a ring stays."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.picture.ink import Ink
from model.picture.loops import holds_something, tangled

Y, X = np.mgrid[:120, :120].astype(np.float32)
ANGLES = np.arctan2(Y - 60, X - 60)


def without_ring(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    return Ink(ink, 1).inside_ring.strength


def _loop(down: float, across: float, pen: float = 4) -> NDArray[np.float32]:
    """Return an oval line around the middle."""
    radii = np.hypot((Y - 60) / down, (X - 60) / across)
    return np.asarray(np.abs(radii - 1) * min(down, across) < pen / 2, np.float32)


def _seven(size: int = 40) -> NDArray[np.float32]:
    ink = np.zeros((120, 120), np.float32)
    ink[60 - size // 2 : 66 - size // 2, 60 - size // 4 : 60 + size // 4] = 1
    ink[60 - size // 2 : 60 + size // 2, 54 + size // 4 : 60 + size // 4] = 1
    return ink


@pytest.mark.parametrize("axes", [(45, 45), (50, 38), (40, 55)])
def test_what_stands_in_a_ring_is_left_alone_by_itself(axes: tuple[int, int]) -> None:
    assert np.array_equal(without_ring(np.maximum(_loop(*axes), _seven())), _seven())


def test_a_number_between_print_and_a_broken_rule_is_no_ring_around_its_middle() -> None:
    ink = np.zeros((45, 117), np.float32)
    for left in (33, 45, 57, 69, 74, 83, 97):
        ink[:4, left : left + 4] = 1  # the feet of a line of print above
    ink[31:33, 16:48] = ink[31:33, 49:55] = ink[31:33, 56:84] = 1
    seven = np.zeros((16, 11), np.float32)
    seven[:3], seven[:, -3:] = 1, 1
    for left in (8, 30, 48, 75):
        ink[14:30, left : left + 11] = seven
    assert np.array_equal(without_ring(ink), ink)


def test_a_ring_of_dashes_is_taken_away() -> None:
    dashes = _loop(45, 45) * (np.sin(14 * ANGLES) > -0.2)
    assert np.array_equal(without_ring(np.maximum(dashes, _seven())), _seven())


def test_an_open_ring_is_taken_away_and_a_bow_is_not() -> None:
    ring, bow = (_loop(45, 45) * (np.abs(ANGLES) > gap) for gap in (0.15, 0.8))
    assert np.array_equal(without_ring(np.maximum(ring, _seven())), _seven())
    assert np.array_equal(without_ring(np.maximum(bow, _seven())), np.maximum(bow, _seven()))


def test_a_dotted_0_and_one_that_holds_specks_stay() -> None:
    dotted = np.maximum(_loop(45, 30), np.float32(np.hypot(Y - 60, X - 60) < 5))
    specks = _loop(45, 30)
    specks[30:90:8, 45:75:8] = 1
    for zero in (dotted, specks):
        assert np.array_equal(without_ring(zero), zero)
        assert not holds_something(zero[15:105, 30:90])


@pytest.mark.parametrize("size", [10, 14, 20, 30])
@pytest.mark.parametrize("place", [(0, 0), (12, -10)])
def test_a_loop_that_holds_a_small_digit_is_no_0(size: int, place: tuple[int, int]) -> None:
    seven = np.roll(_seven(size), place, (0, 1))
    held = np.maximum(_loop(45, 45), seven)
    assert holds_something(held[15:105, 15:105])
    if size >= 14:
        assert np.array_equal(without_ring(held), seven)


def test_a_ring_that_touches_what_it_holds_is_told_from_a_0() -> None:
    touching = np.maximum(_loop(30, 30), _seven(50))[28:92, 28:92]
    assert tangled(touching)
    assert not tangled(_loop(30, 30)[28:92, 28:92])
    assert not tangled(_seven(60)[30:90, 45:75])


def _in_rings(random: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return three to five sevens in a row of rings that touch each other, the first also its ring, and the sevens."""
    (down, across), count = random.integers(22, 40, 2).tolist(), int(random.integers(3, 6))
    pen = float(random.uniform(1.5, 4))
    step = 2 * across + int(random.integers(-1, 6))
    shape = (120, 120 + step * (count - 1))
    rings, sevens = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for number in range(count):
        part = np.s_[:, step * number : step * number + 120]
        rings[part] = np.maximum(rings[part], _loop(down, across, pen))
        off = across - down // 4 if number == 0 else 0  # its bar ends on the ring
        sevens[part] = np.maximum(sevens[part], np.roll(_seven(down), off, axis=1))
    return np.maximum(rings, sevens), sevens


def test_rings_in_a_row_are_taken_away_where_they_touch_each_other_and_a_digit() -> None:
    random = np.random.default_rng(0)
    pictures = [_in_rings(random) for _ in range(20)]
    differing = [float(np.abs(without_ring(ink) - sevens).sum() / sevens.sum()) for ink, sevens in pictures]
    assert sum(share < 0.2 for share in differing) >= 18


def test_a_row_of_rings_of_which_one_alone_holds_a_free_digit_does_not_lose_the_others_digits() -> None:
    crossed = np.maximum(_loop(30, 30), _seven(50))
    alone = np.maximum(_loop(30, 30), _seven(30))
    row = np.concatenate([crossed[:, 28:92], crossed[:, 28:92], alone[:, 28:92]], axis=1)
    left = without_ring(np.pad(row, 5))[5:-5, 5:-5]
    digits = np.concatenate([_seven(50)[:, 28:92], _seven(50)[:, 28:92], _seven(30)[:, 28:92]], axis=1)
    assert left[digits > 0].mean() > 0.95


def _row_of_sevens(count: int) -> NDArray[np.float32]:
    seven = _seven()[30:90, 40:80]
    return np.pad(np.concatenate([seven] * count, axis=1), 30)


def test_dust_around_a_number_takes_none_of_its_digits_away() -> None:
    random = np.random.default_rng(0)
    for _ in range(60):
        row = _row_of_sevens(int(random.integers(3, 9)))[25:-25, 25:-25]
        digits = np.pad(row, ((40, 40), (15, 15)))
        ink = digits.copy()
        for y, x in random.integers(0, np.array(ink.shape) - 3, (40, 2)):
            ink[y : y + 3, x : x + 3] = 1
        assert without_ring(ink)[digits > 0].all()


def test_a_ring_that_hangs_together_with_a_digit_of_the_number_in_it_stays() -> None:
    numbers = _row_of_sevens(4)
    y, x = np.indices(numbers.shape)
    radii = np.hypot((y - numbers.shape[0] / 2) / 40, (x - numbers.shape[1] / 2) / 100)
    ring = (np.abs(radii - 1) < 0.04).astype(np.float32)
    free = np.maximum(ring, numbers)
    assert np.array_equal(without_ring(free), numbers)
    joined = free.copy()
    joined[26:62, 48:52] = 1  # a stroke from the first seven to the ring
    assert np.array_equal(without_ring(joined), joined)


def test_ink_without_a_ring_is_itself_inside_it_so_that_nothing_is_sought_in_it_twice() -> None:
    ink = Ink(_seven(), 1)
    assert ink.inside_ring is ink
    ringed = Ink(np.maximum(_loop(45, 45), _seven()), 1)
    assert ringed.inside_ring is ringed.inside_ring is not ringed
