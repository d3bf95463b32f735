"""What tests share: real digits (MNIST's training images, which come with the test extra) and the shipped model."""

import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import certifi
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from model import artifact
from model.artifact import Artifact
from model.shipped import CNN
from model.training import mnist
from model.training.mnist import Digits
from model.training.recipes import RECIPES
from model.training.recipes.recipe import Run, Trained
from tests.real_digits import real_digits

ROOT = Path(__file__).parent.parent

# The digits that every recipe is tried on: some to fit the weights, and some to make every choice.
FIT, VALIDATION = slice(0, 1_000), slice(1_000, 1_500)
TRIED = VALIDATION.stop

# Settings that make a training on few digits short, but long enough for it to read most of the others.
SHORTER: dict[str, dict[str, Any]] = {
    "logistic": {"epochs": 10, "batch_size": 20},
    "logistic-one-against-all": {"epochs": 10, "batch_size": 20},
    "two-layer-seed": {"batch_size": 4},
    "two-layer": {"epochs": 3, "batch_size": 20},
    "cnn": {"members": 2, "epochs": 1, "batch_size": 20},
}


def pytest_configure(config: pytest.Config) -> None:
    """Give each process one BLAS thread, and let Ctrl-C reach the commands that tests start.

    As many tests run at once as there are cores: more threads than those would wait for one another by spinning.
    httpx reads all certificates of the world for each client, which takes it longer than a digit takes the service: one
    is enough here. Shells start background jobs with SIGINT ignored, which their children would inherit.
    """
    threadpool_limits(1, user_api="blas")
    folder = tempfile.TemporaryDirectory()
    config.add_cleanup(folder.cleanup)
    first, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----\n")
    certificate = Path(folder.name) / "certificate.pem"
    certificate.write_text(first + end, encoding="utf-8")
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1", "SSL_CERT_FILE": str(certificate)}
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def digits() -> Digits:
    """5,000 of MNIST's training images, in a fixed shuffled order."""
    sorted_digits = real_digits()
    order = np.random.default_rng(0).permutation(len(sorted_digits))
    return Digits(sorted_digits.images[order], sorted_digits.labels[order], "")


@pytest.fixture(scope="session")
def shipped() -> Artifact:
    """The artifact that the service uses by default."""
    return artifact.load(CNN)


@contextlib.contextmanager
def divided(fit: slice, validation: slice) -> Iterator[pytest.MonkeyPatch]:
    """Divide MNIST this way for a while: its own division needs 60,000 digits, and most tests train on fewer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "FIT", fit)
        patch.setattr(mnist, "VALIDATION", validation)
        yield patch


@pytest.fixture(scope="session", params=[name for name, recipe in RECIPES.items() if recipe.needs_data])
def trained(request: pytest.FixtureRequest, digits: Digits) -> Trained:
    """What each recipe makes of the first 1,500 digits, which takes seconds."""
    recipe = replace(RECIPES[request.param], **SHORTER.get(request.param, {}))
    with divided(FIT, VALIDATION):
        return recipe.train(digits[:TRIED], Run())
