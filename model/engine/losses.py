"""Losses: the cost of a batch, its derivative by the logits, and the probabilities that the logits stand for."""

from typing import Protocol

import numpy as np

from model.engine.ctc import TemporalClassification
from model.engine.functions import log_softmax, sigmoid, softmax
from model.types import Array


class Loss(Protocol):
    """What a network's last outputs, the logits (N, K), mean. Targets are (N, K), one-hot or soft."""

    def value(self, logits: Array, targets: Array) -> float:
        """Return the mean cost per row."""
        ...

    def gradient(self, logits: Array, targets: Array) -> Array:
        """Return the derivative of `value` by the logits, (N, K)."""
        ...

    def probabilities(self, logits: Array) -> Array:
        """Return the chance of each class, (N, K), rows summing to one."""
        ...

    def digit_chances(self, logits: Array) -> Array:
        """Return the chance (N,) that any of the classes is there; one where the loss knows nothing else."""
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
    """One choice among K, or none of them: the last of K + 1 logits stands for none.

    `probabilities` are those of the K, given that it is one of them. `digit_chances` are raised by `PRIOR`, because
    non-digits are common in training and rare in what users send.
    """

    PRIOR = 1.0
    """The logarithm of how much rarer non-digits are in use than in training.

    With 5 instead, 1 % of the accepted digits of old registers were wrong: they still showed lines and neighbours.
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

    Its derivative by `a` is `(a - y) / (a·(1 - a))`; times the derivative of σ, `a·(1 - a)`, that leaves `a - y`.
    """

    def value(self, logits: Array, targets: Array) -> float:
        # log(1 + exp(z)) - y·z is the same cost, and never takes the logarithm of zero.
        return float((np.logaddexp(0, logits) - targets * logits).sum() / len(logits))

    def gradient(self, logits: Array, targets: Array) -> Array:
        return np.asarray((sigmoid(logits) - targets) / len(logits))

    def probabilities(self, logits: Array) -> Array:
        """Return `σ(logits)` scaled so that each row sums to one, using logarithms so that no row is 0 / 0."""
        return softmax(-np.logaddexp(0, -logits))

    def digit_chances(self, logits: Array) -> Array:
        return np.ones(len(logits), logits.dtype)


LOSSES: dict[str, type[SoftmaxCrossEntropy | SigmoidCrossEntropy | TemporalClassification]] = {
    "SoftmaxCrossEntropy": SoftmaxCrossEntropy,
    "SigmoidCrossEntropy": SigmoidCrossEntropy,
    "DigitOrNone": DigitOrNone,
    "TemporalClassification": TemporalClassification,
}
