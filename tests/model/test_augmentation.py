"""Distortions of digits."""

import numpy as np

from model.augmentation import Distortion, sample, thickened
from model.mnist import Digits, as_ink


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


def test_thickening_widens_strokes_and_thinning_narrows_them_within_range(digits: Digits) -> None:
    images = as_ink(digits.images[:60])
    shares = np.repeat(np.array([0.7, 0, -0.7], np.float32), 20)
    moved = thickened(images, shares)
    assert (moved[:20] >= images[:20]).all()
    assert np.array_equal(moved[20:40], images[20:40])
    assert (moved[40:] <= images[40:]).all()
    ink = moved.sum(axis=(1, 2)) / images.sum(axis=(1, 2))
    assert ink[:20].min() > 1.2
    assert ink[40:].max() < 0.8
    assert moved.min() >= 0
    assert moved.max() <= 1


def test_full_thickness_is_the_greatest_of_three_by_three_pixels() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 5, 7] = 1
    expected = np.zeros((1, 28, 28), np.float32)
    expected[0, 4:7, 6:9] = 1
    assert np.array_equal(thickened(image, np.ones(1, np.float32)), expected)
    assert not thickened(image, -np.ones(1, np.float32)).any()


def test_a_distortion_of_thickness_alone_changes_the_strokes_and_repeats_with_the_seed(digits: Digits) -> None:
    images = as_ink(digits.images[:50])
    thick = Distortion(rotation=0, scale=0, shear=0, shift=0, elastic=0, thickness=0.5)
    first, again = (thick.apply(images, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.abs(first - images).mean() > 0.01
