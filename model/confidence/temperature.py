"""The temperature of log-odds on other mail: every scale and shift of them that is likely, each with its chance."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.types import Array

_PIVOT = 4.0  # log-odds, a chance of 98 %, at which only the shift moves them: thresholds lie about there
_SCALES = np.exp(np.linspace(np.log(0.15), np.log(2.0), 27))
_SHIFTS = np.linspace(-6.0, 3.0, 46)
# Before any picture is seen: how far, by one deviation, other mail is from what the shipped calibration was fitted on.
_SCALE_DEVIATION, _SHIFT_DEVIATION = 0.3, 1.0  # of the scale's log; of the log-odds


@dataclass(frozen=True)
class Temperature:
    """The log-odds z become scale · (z - pivot) + pivot + shift. scales, shifts, chances: (G,), the last sum to one.

    Source: Platt 1999, "Probabilistic outputs for support vector machines", with a prior around leaving all as it is,
    and averaged over what is likely instead of fitted: Bishop 2006, "Pattern recognition and machine learning", 4.5.
    """

    scales: Array
    shifts: Array
    chances: Array

    @classmethod
    def likely(cls, log_odds: Array, right: NDArray[np.bool_]) -> Self:
        """Return what readings with these `log_odds` (N,), `right` (N,) or not, show."""
        scales, shifts = (each.ravel() for each in np.meshgrid(_SCALES, _SHIFTS, indexing="ij"))
        logs = -((np.log(scales) / _SCALE_DEVIATION) ** 2 + (shifts / _SHIFT_DEVIATION) ** 2) / 2
        signs = np.where(right, -1.0, 1.0)
        for place, (scale, shift) in enumerate(zip(scales, shifts, strict=True)):
            logs[place] -= np.logaddexp(0, signs * (scale * (log_odds - _PIVOT) + _PIVOT + shift)).sum()
        chances = np.exp(logs - logs.max())
        return cls(scales, shifts, chances / chances.sum())

    def applied(self, log_odds: Array) -> Array:
        """Return what the `log_odds` (N,) become, (N,): those of the chance that is to be expected."""
        changed = self._changed(log_odds)
        right, wrong = (self.chances @ np.exp(-np.logaddexp(0, sign * changed)) for sign in (-1, 1))
        return np.asarray(np.log(right) - np.log(wrong))

    def chance_of_more(self, share: float, log_odds: Array, weights: Array) -> float:
        """Return the chance that more than `share` of the readings with these `log_odds` (N,) are wrong.

        weights: (N,), how much each reading counts.
        """
        wrong = np.exp(-np.logaddexp(0, self._changed(log_odds)))
        return float(self.chances[wrong @ (weights / weights.sum()) > share].sum())

    def _changed(self, log_odds: Array) -> Array:
        """Return the `log_odds` (N,) by each scale and shift, (G, N)."""
        return np.asarray(self.scales[:, None] * (log_odds - _PIVOT) + _PIVOT + self.shifts[:, None])
