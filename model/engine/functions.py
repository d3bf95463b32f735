"""Functions of logits: they turn a number into a probability, or K numbers into K probabilities that sum to one."""

import numpy as np

from model.types import Array


def sigmoid(values: Array, out: Array | None = None) -> Array:
    """Return `1 / (1 + exp(-values))`, written with tanh, which never overflows and keeps the sign of small values."""
    out = np.multiply(values, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1
    out *= 0.5
    return out


def softmax(logits: Array) -> Array:
    """Return each class's chance `exp(logit) / Σ exp(logits)` along the last axis, without overflow."""
    chances = logits - logits.max(axis=-1, keepdims=True)
    np.exp(chances, out=chances)
    chances /= chances.sum(axis=-1, keepdims=True)
    return np.asarray(chances)


def log_softmax(logits: Array) -> Array:
    """Return the logarithm of `softmax`, without taking the logarithm of a probability that may be zero."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
