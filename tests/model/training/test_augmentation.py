"""Distortions of digits."""

import numpy as np
import pytest

from model.picture.resampling import sample, sharpened
from model.training.augmentation import Distortion
from model.training.mnist import Digits, as_ink


def test_no_distortion_gives_the_image_back(digits: Digits) -> None:
    images = as_ink(digits.images[:20])
    still = Distortion(rotation=0, scale=0, shear=0, shift=0, elastic=0)
    assert np.abs(still.apply(images, np.random.default_rng(0)) - images).max() < 1e-5


def test_distorted_digits_stay_in_range_and_repeat_with_the_seed(digits: Digits) -> None:
    images = as_ink(digits.images[:50])
    first, again = (Distortion().apply(images, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.dtype == np.float32
    assert first.min() >= 0
    assert first.max() <= 1 + 1e-6
    assert np.abs(first - images).mean() > 0.02


def test_sampling_between_pixels_interpolates_and_outside_is_paper() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 5, 5] = 1
    columns, rows = np.full((1, 28, 28), 5.5, np.float32), np.full((1, 28, 28), 5.0, np.float32)
    assert np.allclose(sample(image, columns, rows), 0.5)
    assert not sample(image, columns - 100, rows + 100).any()


def test_sharpening_makes_edges_steeper_within_range_and_leaves_flat_ink_alone(digits: Digits) -> None:
    images = as_ink(digits.images[:100])
    sharper = sharpened(images, np.full((100, 1, 1), 0.4, np.float32))
    assert sharper.min() >= 0
    assert sharper.max() <= 1
    grey = ((images > 0.2) & (images < 0.8)).mean(), ((sharper > 0.2) & (sharper < 0.8)).mean()
    assert grey[1] < 0.8 * grey[0]
    flat = np.full((1, 28, 28), 0.5, np.float32)
    assert sharpened(flat, np.ones((1, 1, 1), np.float32))[0, 1:-1, 1:-1] == pytest.approx(0.5)


def test_sharpening_by_nothing_changes_nothing_and_softening_blurs(digits: Digits) -> None:
    images = as_ink(digits.images[:20])
    assert np.array_equal(sharpened(images, np.zeros((20, 1, 1), np.float32)), images)
    blurred = sharpened(images, np.full((20, 1, 1), -0.1, np.float32))
    assert np.abs(np.diff(blurred, axis=2)).sum() < np.abs(np.diff(images, axis=2)).sum()


def test_a_distortion_that_sharpens_repeats_with_the_seed(digits: Digits) -> None:
    images = as_ink(digits.images[:20])
    sharp = Distortion(sharpening=(0.1, 0.5))
    first, again = (sharp.apply(images, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, Distortion().apply(images, np.random.default_rng(4)))
