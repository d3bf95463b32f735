"""Knowing what is no digit: a small head on what a network sees, fitted after it; its readings stay as they were."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import initialisation
from model.augmentation import Distortion
from model.drawing.digits import drawn_digits
from model.drawing.non_digits import non_digits
from model.layers import Dense, ReLU, sigmoid
from model.losses import SigmoidCrossEntropy
from model.network import Network
from model.normalisation import Normalisation
from model.optimisers import Adam
from model.training import Batch, Plan, train, warm_up_then_cosine

Array = NDArray[Any]
Images = NDArray[np.float32]

HIDDEN = 64  # a linear head takes a checked pattern for a digit as often as not
DIGITS, DRAWN, NON_DIGITS = 20_000, 1_500, 10_000
_EPOCHS, _BATCH = 12, 200
# Of what users send one in 300 is taken to be no digit, where fitting had one in three: less would refuse their digits.
_OFFSET = 5.0


@dataclass(frozen=True)
class Refusal:
    """A head whose one output is the log-odds that a network's features are a digit's, among what it was fitted on."""

    head: Network

    def digit_chances(self, features: Array) -> NDArray[np.float32]:
        """Return the chance that each row of `features` (N, F) is of a digit, (N,) float32."""
        return np.asarray(sigmoid(self.head.logits(features)[:, 0] + _OFFSET), np.float32)


def material(images: Images, random: np.random.Generator) -> tuple[Images, Images]:
    """Return distorted digits, of `images` (M, 28, 28) and drawn, and distorted non-digits, each (N, 28, 28)."""
    distortion = Distortion()
    chosen = images[random.integers(0, len(images), DIGITS)]
    digits = np.concatenate([chosen, drawn_digits(DRAWN, random)[0]])
    return distortion.apply(digits, random), distortion.apply(non_digits(NON_DIGITS, random, images), random)


def fit(digits: Array, others: Array, seed: int) -> Refusal:
    """Return the head that tells features of `digits` (N, F) from those of `others` (M, F), float32."""
    features = np.concatenate([digits, others])
    targets = (np.arange(len(features)) < len(digits)).astype(np.float32)[:, None]
    layers = [Dense(features.shape[1], HIDDEN), ReLU(), Dense(HIDDEN, 1)]
    initialisation.he(layers, seed)
    # A feature that hardly ever varies must not blow up.
    normalisation = Normalisation(features.mean(axis=0), features.std(axis=0) + np.float32(1e-2))
    head = Network(layers, SigmoidCrossEntropy(), normalisation)
    inputs = normalisation.apply(features)

    def batches(epoch: int) -> Iterator[Batch]:
        order = np.random.default_rng([seed, epoch]).permutation(len(inputs))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            yield inputs[rows], targets[rows]

    steps = _EPOCHS * -(-len(inputs) // _BATCH)
    train(head, Adam(weight_decay=0.01), batches, Plan(steps, 3e-3, warm_up_then_cosine), seed=seed)
    return Refusal(head)
