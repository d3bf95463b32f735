"""Temperatures that make probabilities honest, fitted on images that were not used to fit weights."""

import math
from collections.abc import Callable

from model.classifiers.committee import Committee
from model.engine.losses import Loss
from model.evaluation import negative_log_likelihood
from model.types import Array, Images

_GOLDEN = (math.sqrt(5) - 1) / 2


def fit_temperature(logits: Array, labels: Array, loss: Loss) -> float:
    """Return the temperature, 0.2 to 5, under which `loss.probabilities(logits / temperature)` fits `labels` best.

    logits: (N, K). labels: (N,), the right classes.
    Source: Guo et al. 2017, "On calibration of modern neural networks".
    """

    def cost(log_temperature: float) -> float:
        return negative_log_likelihood(loss.probabilities(logits / math.exp(log_temperature)), labels)

    return math.exp(least(cost, math.log(0.2), math.log(5), tolerance=1e-8))


def calibrate(committee: Committee, images: Images, labels: Array) -> None:
    """Set the temperatures of the first member and of the mean to those that suit held-out `images` best."""
    first, together = committee.first_logits(images), committee.logits(images)
    committee.first.temperature = fit_temperature(first, labels, committee.first.loss)
    committee.temperature = fit_temperature(together, labels, committee.first.loss)


def least(cost: Callable[[float], float], low: float, high: float, *, tolerance: float) -> float:
    """Return, to within `tolerance`, where `cost` is least; it must have one valley between `low` and `high`.

    Source: Kiefer 1953, "Sequential minimax search for a maximum": golden-section search, one cost per step.
    """
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = cost(left), cost(right)
    while high - low > tolerance:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = cost(right)
    return (low + high) / 2
