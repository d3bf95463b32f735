"""Openings: what is narrower than the square goes, all else stays."""

import numpy as np

from model.picture.morphology import dilated, eroded, opened


def test_a_stroke_goes_and_a_step_stays() -> None:
    picture = np.zeros((40, 60), np.float32)
    picture[:, 30:] = 5
    stroked = picture.copy()
    stroked[10:30, 8:12] = 9
    stroked[10:30, 45:49] = 9
    np.testing.assert_array_equal(opened(stroked, 7), picture)


def test_each_window_is_the_square_around_its_pixel_cut_off_at_the_edges() -> None:
    random = np.random.default_rng(0)
    values = random.random((9, 14), dtype=np.float32)
    for side in (1, 3, 5, 11, 41):
        reach = side // 2
        for y, x in ((0, 0), (4, 6), (8, 13), (2, 12)):
            window = values[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
            assert eroded(values, side)[y, x] == window.min()
            assert dilated(values, side)[y, x] == window.max()


def test_masks_are_eroded_and_dilated_as_their_numbers_are() -> None:
    mask = np.random.default_rng(0).random((9, 14)) < 0.8
    for side in (3, 5, 41):
        assert np.array_equal(eroded(mask, side), eroded(mask.astype(np.float32), side) > 0)
        assert np.array_equal(dilated(~mask, side), dilated((~mask).astype(np.float32), side) > 0)
