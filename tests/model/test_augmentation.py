"""Distortions of digits."""

import numpy as np

from model.augmentation import Distortion, sample
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
