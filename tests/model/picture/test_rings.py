"""Rings around writing are taken away, and what only looks like a ring stays."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.picture.rings import tangled, without_ring

Y, X = np.mgrid[:120, :120].astype(np.float32)
ANGLES = np.arctan2(Y - 60, X - 60)


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


def test_a_ring_of_dashes_is_taken_away() -> None:
    dashes = _loop(45, 45) * (np.sin(14 * ANGLES) > -0.2)
    assert np.array_equal(without_ring(np.maximum(dashes, _seven())), _seven())


def test_an_open_ring_is_taken_away_and_a_bow_is_not() -> None:
    ring, bow = (_loop(45, 45) * (np.abs(ANGLES) > gap) for gap in (0.15, 0.8))
    assert np.array_equal(without_ring(np.maximum(ring, _seven())), _seven())
    assert np.array_equal(without_ring(np.maximum(bow, _seven())), np.maximum(bow, _seven()))


def test_a_dotted_0_and_one_that_holds_specks_stay() -> None:
    dotted = np.maximum(_loop(45, 30), _seven(14))
    specks = _loop(45, 30)
    specks[30:90:8, 45:75:8] = 1
    for zero in (dotted, specks):
        assert np.array_equal(without_ring(zero), zero)


def test_a_ring_that_touches_what_it_holds_is_told_from_a_0() -> None:
    touching = np.maximum(_loop(30, 30), _seven(50))[28:92, 28:92]
    assert tangled(touching)
    assert not tangled(_loop(30, 30)[28:92, 28:92])
    assert not tangled(_seven(60)[30:90, 45:75])
