"""Losses: the cost of a batch, its derivative by the logits, and the probabilities that the logits stand for."""

from typing import Protocol

import numpy as np

from model.engine.ctc import TemporalClassification
from model.engine.functions import log_softmax, sigmoid, softmax
from model.types import Array


class Loss(Protocol):
    """What a network's last outputs, its logits (N, K), mean. Targets are (N, K), one-hot or softer."""

    def value(self, logits: Array, targets: Array) -> float:
        """Return the mean cost of a row."""
        ...

    def gradient(self, logits: Array, targets: Array) -> Array:
        """Return the derivative of `value` by the logits, (N, K)."""
        ...

    def probabilities(self, logits: Array) -> Array:
        """Return the chance of each class, (N, K), rows summing to one."""
        ...

    def digit_chances(self, logits: Array) -> Array:
        """Return the chance (N,) that there is one of the classes at all; one where the loss knows no other."""
        ...


class SoftmaxCrossEntropy:
    """One choice among K: `p = softmax(logits)`, cost `-Σ y·log p`, whose derivative by the logits is `p - y`."""

    def value(self, logits: Array, targets: Array) -> float:
        return float(-(targets * log_softmax(logits)).sum() / len(logits))

    def gradient(self, logits: Array, targets: Array) -> Array:
        chances = softmax(logits)
        # Where the targets of a row sum to one, this is (p - y) / N.
        return np.asarray((chances * targets.sum(axis=1, keepdims=True) - targets) / len(logits))

    def probabilities(self, logits: Array) -> Array:
        return softmax(logits)

    def digit_chances(self, logits: Array) -> Array:
        return np.ones(len(logits), logits.dtype)


class DigitOrNone(SoftmaxCrossEntropy):
    """One choice among K, or none of them: the last of K + 1 logits says that there is none.

    `probabilities` are of the K, given that there is one. `digit_chances` are raised by `PRIOR`: a share of what it is
    trained on is no digit, and hardly anything that users send.
    """

    PRIOR = 1.0
    """The logarithm of how much rarer what is no digit is in use than in training.

    With 5 instead, 1 % of old registers' digits that were accepted were wrong: lines and neighbours still showed.
    """

    def probabilities(self, logits: Array) -> Array:
        return softmax(logits[:, :-1])

    def digit_chances(self, logits: Array) -> Array:
        among = logits[:, :-1]
        most = among.max(axis=1)
        evidence = most + np.log(np.exp(among - most[:, None]).sum(axis=1)) - logits[:, -1]
        return sigmoid(evidence + self.PRIOR)


class SigmoidCrossEntropy:
    """K yes-or-no questions: `a = σ(logits)`, the lesson's cost `-Σ [y·log a + (1 - y)·log(1 - a)]`.

    Its derivative by `a` is `(a - y) / (a·(1 - a))`, which times σ's own, `a·(1 - a)`, leaves `a - y`.
    """

    def value(self, logits: Array, targets: Array) -> float:
        # log(1 + exp(z)) - y·z is the same cost, and never takes the logarithm of zero.
        return float((np.logaddexp(0, logits) - targets * logits).sum() / len(logits))

    def gradient(self, logits: Array, targets: Array) -> Array:
        return np.asarray((sigmoid(logits) - targets) / len(logits))

    def probabilities(self, logits: Array) -> Array:
        """Return `σ(logits)` scaled to sum to one in each row, through logarithms so that no row is 0 / 0."""
        return softmax(-np.logaddexp(0, -logits))

    def digit_chances(self, logits: Array) -> Array:
        return np.ones(len(logits), logits.dtype)


LOSSES: dict[str, type[SoftmaxCrossEntropy | SigmoidCrossEntropy | TemporalClassification]] = {
    "SoftmaxCrossEntropy": SoftmaxCrossEntropy,
    "SigmoidCrossEntropy": SigmoidCrossEntropy,
    "DigitOrNone": DigitOrNone,
    "TemporalClassification": TemporalClassification,
}
