"""Logistic regression on a few standardised features, fitted by Newton's method."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from model.types import Array

_STEPS = 50  # Newton's method needs about ten
_CLOSE = 1e-9  # of a step: the fit is done
_FLAT = 1e-9  # of a deviation: the feature is the same for all


@dataclass(frozen=True)
class Logistic:
    """The chance that a row of features is of the one class: a weighted sum of them, squeezed between 0 and 1.

    means, deviations: (F,), of the features where it was fitted. coefficients: (F,), of the standardised features.
    """

    means: Array
    deviations: Array
    coefficients: Array
    bias: float

    @classmethod
    def fitted(cls, features: Array, right: Array, weights: Array, penalty: float) -> Self:
        """Return the regression that makes `right` likeliest, without a coefficient below zero.

        features: (N, F), each the greater the likelier `right`: one that speaks against its sense here does so by
        chance, and counts for nothing. right: (N,), 0 to 1. weights: (N,), how much each row counts; their sum is what
        `penalty`, on half the squared coefficients, is held against.
        Source: Bishop 2006, "Pattern recognition and machine learning", 4.3.3: iterative reweighted least squares.
        """
        means = weights @ features / weights.sum()
        deviations = np.sqrt(weights @ (features - means) ** 2 / weights.sum())
        rows = np.column_stack([(features - means) / np.where(deviations > _FLAT, deviations, 1), np.ones(len(right))])
        used = np.append(deviations > _FLAT, True)
        parameters = np.zeros(rows.shape[1])
        while True:
            parameters[:] = 0
            parameters[used] = _minimised(rows[:, used], right, weights, penalty)
            if (parameters[:-1] >= 0).all():
                return cls(means, np.where(deviations > _FLAT, deviations, 1.0), parameters[:-1], float(parameters[-1]))
            used[int(parameters[:-1].argmin())] = False

    @classmethod
    def of(cls, values: Mapping[str, Any], names: Collection[str]) -> Self:
        """Return what `plain` made `values` of, for features of these `names`. Raises KeyError or ValueError if not."""
        if values["features"] != list(names):
            raise ValueError(f"its features must be {', '.join(names)}")
        columns = [np.array(values[name], np.float64) for name in ("means", "deviations", "coefficients")]
        if any(column.shape != (len(names),) or not np.isfinite(column).all() for column in columns):
            raise ValueError(f"its means, deviations and coefficients must be {len(names)} finite numbers each")
        if not (columns[1] > 0).all() or not math.isfinite(float(values["bias"])):
            raise ValueError("its deviations must be positive and its bias finite")
        means, deviations, coefficients = columns
        return cls(means, deviations, coefficients, float(values["bias"]))

    def plain(self, names: Iterable[str]) -> dict[str, Any]:
        """Return it in plain values, ready to become JSON, with the `names` of its features."""
        return {
            "features": list(names),
            "means": self.means.tolist(),
            "deviations": self.deviations.tolist(),
            "coefficients": self.coefficients.tolist(),
            "bias": self.bias,
        }

    def sums(self, features: Array) -> Array:
        """Return the log-odds of each row of `features` (N, F), (N,), or of the one (F,)."""
        return np.asarray((features - self.means) / self.deviations @ self.coefficients + self.bias)

    def chances(self, features: Array) -> Array:
        """Return the chance of each row of `features` (N, F), (N,), or of the one (F,)."""
        return _squeezed(self.sums(features))


def _squeezed(sums: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(sums, -500, 500))))


def _minimised(rows: Array, right: Array, weights: Array, penalty: float) -> Array:
    """Return the parameters (F + 1,), the bias last, whose loss is least: Newton's method, shortened at need."""
    ridge = np.full(rows.shape[1], penalty)
    ridge[-1] = 0.0
    parameters = np.zeros(rows.shape[1])
    loss = _loss(rows, right, weights, ridge, parameters)
    for _ in range(_STEPS):
        chances = _squeezed(rows @ parameters)
        gradient = rows.T @ (weights * (chances - right)) + ridge * parameters
        curvature = (rows * (weights * chances * (1 - chances))[:, None]).T @ rows
        step = np.linalg.solve(curvature + np.diag(ridge + _FLAT), gradient)
        while (least := _loss(rows, right, weights, ridge, parameters - step)) > loss and np.abs(step).max() > _CLOSE:
            step /= 2
        parameters, loss = parameters - step, min(least, loss)
        if np.abs(step).max() <= _CLOSE:
            break
    return parameters


def _loss(rows: Array, right: Array, weights: Array, ridge: Array, parameters: Array) -> float:
    sums = rows @ parameters
    return float(weights @ (np.logaddexp(0, sums) - right * sums) + ridge @ parameters**2 / 2)
