"""What is no digit is known for it, and digits are not, by a head on the shipped network's hidden layer."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model import refusal
from model.artifact import Artifact
from model.drawing.non_digits import KINDS, several_digits
from model.mnist import Digits, as_ink
from model.network import Network
from model.refusal import Refusal


def _features(network: Network, images: NDArray[np.float32]) -> NDArray[Any]:
    """Return the outputs of the hidden layer of the two-layer network, (N, 1024)."""
    weights, bias = network.layers[0].parameters()["weights"], network.layers[0].parameters()["bias"]
    return np.asarray(np.maximum(network.normalisation.apply(images) @ weights + bias, 0), np.float32)


@pytest.fixture(scope="module")
def network(shipped: Artifact) -> Network:
    assert isinstance(shipped.classifier, Network)
    return shipped.classifier


@pytest.fixture(scope="module")
def fitted(network: Network, digits: Digits) -> Refusal:
    known, others = refusal.material(as_ink(digits.images[:4_000]), np.random.default_rng(0))
    return refusal.fit(_features(network, known), _features(network, others), seed=1)


def test_digits_that_it_never_saw_are_taken_for_digits(fitted: Refusal, network: Network, digits: Digits) -> None:
    chances = fitted.digit_chances(_features(network, as_ink(digits.images[4_000:])))
    assert (chances.dtype, chances.shape) == (np.dtype(np.float32), (1_000,))
    assert (chances > 0.5).mean() > 0.99
    assert (chances > 0.995).mean() > 0.95


def test_most_of_what_is_no_digit_is_given_little_chance(fitted: Refusal, network: Network, digits: Digits) -> None:
    random = np.random.default_rng(7)
    kinds = {name: make(500, random) for name, make in KINDS.items()}
    kinds["several digits"] = several_digits(500, random, as_ink(digits.images[4_000:]))
    for name, images in kinds.items():
        # By this score alone; the doubt which digit it might be comes on top.
        assert (fitted.digit_chances(_features(network, images)) < 0.995).mean() > 0.8, name


def test_the_same_seed_gives_the_same_head(network: Network, digits: Digits) -> None:
    features = _features(network, as_ink(digits.images[:300]))
    first, again = (refusal.fit(features[:200], features[200:], seed=3).digit_chances(features) for _ in range(2))
    np.testing.assert_array_equal(first, again)
