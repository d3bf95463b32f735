"""How MNIST is divided: who may see which of its images."""

import numpy as np

from model.training.mnist import FIT, STRIPS, VALIDATION


def test_every_training_image_has_one_use_as_the_contract_divides_them() -> None:
    images = np.arange(60_000)
    assert np.array_equal(np.concatenate([images[part] for part in (FIT, VALIDATION, STRIPS)]), images)
    assert [len(images[part]) for part in (FIT, VALIDATION, STRIPS)] == [50_000, 5_000, 5_000]
