"""How well probabilities agree with labels: errors, intervals, calibration, and what a threshold lets through."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.types import Array

# The bins of the expected calibration error, all with the same number of digits.
BINS = 15
# Lower probabilities count as this in the log-likelihood: one confident error must not make it infinite.
LEAST = 1e-12
# The shares of errors among the accepted for which thresholds on confidence are chosen.
ERROR_RATES = (0.005, 0.001)


@dataclass(frozen=True)
class Bin:
    """Some answers of about the same confidence: its mean, the share of them that is right, and how many they are."""

    confidence: float
    right: float
    n: int


def errors(probabilities: Array, labels: Array) -> int:
    """Return for how many rows of `probabilities` (N, 10) the most probable digit is not that of `labels` (N,)."""
    return int((probabilities.argmax(axis=1) != labels).sum())


def wilson_interval(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % confidence interval of a rate of `right` out of `total`.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if total < 1 or not 0 <= right <= total:
        raise ValueError(f"`right` must be between 0 and `total`, and `total` at least 1; got {right} of {total}")
    rate, weight = right / total, z * z / total
    centre = (rate + weight / 2) / (1 + weight)
    half = z * math.sqrt(rate * (1 - rate) / total + weight / (4 * total)) / (1 + weight)
    return max(0.0, centre - half), min(1.0, centre + half)


def negative_log_likelihood(probabilities: Array, labels: Array) -> float:
    """Return the mean of `-log p(label)`, in nats."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], LEAST)).mean())


def calibration_error(probabilities: Array, labels: Array) -> float:
    """Return the expected calibration error: |confidence - accuracy|, averaged over bins of equal count.

    Source: Guo et al. 2017, "On calibration of modern neural networks"; equal counts after Nguyen and O'Connor 2015.
    """
    return binned_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)


def binned_error(confidence: Array, right: Array) -> float:
    """Return the same for the `confidence` (N,) in anything that is `right` (N,) or not."""
    bins = reliability(confidence, right)
    return float(sum(abs(each.confidence - each.right) * each.n for each in bins) / len(right))


def reliability(confidence: Array, right: Array) -> list[Bin]:
    """Return bins of equal count, the least sure first, of the `confidence` (N,) in what is `right` (N,) or not."""
    bins = np.array_split(np.argsort(confidence, kind="stable"), BINS)
    return [Bin(float(confidence[rows].mean()), float(right[rows].mean()), len(rows)) for rows in bins if len(rows)]


def error_among_surest(probabilities: Array, labels: Array) -> NDArray[np.float64]:
    """Return the share of errors among the surest digit, the two surest, and so on up to all: (N,).

    Digits with equal confidence are accepted together, so they all get the same share.
    Source: El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification", the risk by coverage.
    """
    confidence = probabilities.max(axis=1)
    surest_first = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(probabilities.argmax(axis=1)[surest_first] != labels[surest_first])
    rates = wrong / np.arange(1, len(labels) + 1)
    falling = -confidence[surest_first]
    return np.asarray(rates[np.searchsorted(falling, falling, side="right") - 1])


def threshold(probabilities: Array, error_rate: float) -> float:
    """Return the least confidence from which on digits are expected to have at most an `error_rate` of errors.

    The expectation is the mean of `1 - confidence` of calibrated `probabilities` (N, 10). Counting errors instead would
    rest on five of 5,000 digits, most of them unreadable. Where no digit is sure enough, the result is above one.
    """
    confidence = np.sort(probabilities.max(axis=1).astype(np.float64))[::-1]
    expected = np.cumsum(1 - confidence) / np.arange(1, len(confidence) + 1)
    accepted = int((expected <= error_rate).sum())
    return float(confidence[accepted - 1]) if accepted else 2.0


def accepted_above(probabilities: Array, labels: Array, least: float) -> tuple[int, int]:
    """Return how many digits have a confidence of at least `least`, and how many of them are wrong."""
    accepted = probabilities.max(axis=1) >= least
    wrong = probabilities.argmax(axis=1) != labels
    return int(accepted.sum()), int((accepted & wrong).sum())


def confusion_matrix(probabilities: Array, labels: Array) -> NDArray[np.int64]:
    """Return counts (10, 10): the row is the real digit, the column is the digit that was read."""
    counts = np.zeros((10, 10), np.int64)
    np.add.at(counts, (labels, probabilities.argmax(axis=1)), 1)
    return counts
