"""Makes a folder of data."""

from pathlib import Path

import numpy as np
import pytest

from model.training.mnist import Digits
from tests.scripts.test_train_and_evaluate import write_idx


@pytest.fixture(scope="session")
def mnist_folder(digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like MNIST's: 60,000 training images (the 5,000 twelve times, so that every part has some), 300 to test.

    Whatever is trained on it has seen its validation: it is for tests of the scripts, not of how well they train.
    """
    folder = tmp_path_factory.mktemp("mnist")
    write_idx(folder, "train", Digits(np.tile(digits.images, (12, 1, 1)), np.tile(digits.labels, 12), ""))
    write_idx(folder, "t10k", digits[:300])
    return folder
