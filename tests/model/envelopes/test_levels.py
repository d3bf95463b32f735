"""The level of the paper around each pixel, and how strong ink is there."""

import numpy as np
import pytest

from model.envelopes.levels import paper_level, strongest_near


def test_strokes_are_filled_with_the_paper_around_them() -> None:
    grey = np.full((120, 200), 230, np.float32)
    grey[40:60, 50:150] = 20
    grey[:, 100:112] = 60
    np.testing.assert_allclose(paper_level(grey), 230)


def test_what_is_wider_than_a_stroke_keeps_its_level() -> None:
    grey = np.full((200, 300), 230, np.float32)
    grey[:, 180:] = 90
    level = paper_level(grey)
    np.testing.assert_allclose(level[:, :170], 230)
    np.testing.assert_allclose(level[:, 190:], 90)


def test_the_level_follows_the_light() -> None:
    light = np.tile(np.linspace(120, 240, 400, dtype=np.float32), (100, 1))
    grey = light.copy()
    grey[30:70, 200:206] -= 80
    assert np.abs(paper_level(grey) - light).max() < 5


@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (7, 9), (6, 60_000)])
def test_a_picture_of_any_shape_has_a_level(shape: tuple[int, int]) -> None:
    level = paper_level(np.full(shape, 150, np.float32))
    assert level.shape == shape
    np.testing.assert_allclose(level, 150)


def test_ink_is_compared_with_what_is_near_alone() -> None:
    away = np.zeros((100, 300), np.float32)
    away[50, 20], away[50, 280] = 200, 30
    near = strongest_near(away)
    assert near.shape == away.shape
    assert near[52, 25] == 200
    assert near[52, 275] == 30
    assert near[50, 150] == 0
