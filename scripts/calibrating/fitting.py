"""Evidence of labelled readings -> how sure each way of reading is, and from where on to accept."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from calibrating.collecting import Answered
from model.confidence.calibration import Calibration, Head, threshold_for
from model.confidence.counting import RULE_OF_THREE, SURPRISE, chance_of_as_many
from model.confidence.evidence import Way
from model.confidence.features import features
from model.confidence.isotonic import Isotonic
from model.confidence.logistic import Logistic
from model.confidence.own import FOLDS
from model.types import Array

PENALTY = 0.3  # of the kinds' weights, each about 1: so the most is accepted, cross-validated
NOTHING = 0.2  # of a kind of writing: how much a kind of what is no writing counts; mail has less of it
_PLACES = 4  # of a share, after the point
_FEW = 100  # readings: a smaller kind counts for less, each of its readings for 1 / _FEW


@dataclass(frozen=True)
class Judged:
    """A reading with what it gets from what was fitted on other pictures: its confidence, and where it is accepted."""

    answered: Answered
    confidence: float
    accepted: Mapping[float, bool]


def fitted(answered: Sequence[Answered], listed: Sequence[float]) -> dict[Way, Head]:
    """Return, by way of reading, what `answered` shows, with a threshold for each of the errors `listed`."""
    heads: dict[Way, Head] = {}
    for way in get_args(Way):
        mine = [each for each in answered if each.evidence.way == way and each.possible]
        if not mine:
            continue
        shown = _Shown.by(mine)
        sums = shown.held_out()
        isotonic = Isotonic.fitted(sums, shown.right, shown.weights)
        confidences = isotonic.chances(sums)
        thresholds = thresholds_of(shown, confidences, listed)
        counts = {error: int((confidences >= least).sum()) for error, least in thresholds.items()}
        supported = min((error for error in listed if error * counts[error] >= RULE_OF_THREE), default=1.0)
        heads[way] = Head(shown.regression(), isotonic, thresholds, supported)
    return heads


@dataclass(frozen=True)
class _Shown:
    """What readings of one way show.

    rows: their features (N, F). right: (N,), 0 or 1. weights: (N,), how much each counts. folds: (N,). kinds: (N,).
    """

    rows: Array
    right: Array
    weights: Array
    folds: Array
    kinds: NDArray[np.str_]

    @classmethod
    def by(cls, answered: Sequence[Answered]) -> "_Shown":
        return cls(
            np.stack([features(each.evidence) for each in answered]),
            np.array([float(each.right) for each in answered]),
            weights_of(answered),
            np.array([each.fold % FOLDS for each in answered]),
            np.array([each.kind for each in answered]),
        )

    def of(self, some: NDArray[np.bool_]) -> "_Shown":
        """Return what `some` (N,) of the readings show."""
        return _Shown(*(getattr(self, each.name)[some] for each in dataclass_fields(self)))

    def regression(self) -> Logistic:
        return Logistic.fitted(self.rows, self.right, self.weights, PENALTY)

    def held_out(self) -> Array:
        """Return the log-odds of each reading by what is fitted on the other folds, (N,)."""
        sums = np.zeros(len(self.right))
        for fold in range(FOLDS):
            others = self.folds != fold
            regression = self.of(others).regression()
            sums[~others] = regression.sums(self.rows[~others])
        return sums

    @property
    def written(self) -> list[str]:
        """The kinds in which something is written that can be read."""
        return sorted(set(self.kinds[self.right == 1].tolist()))


def weights_of(answered: Sequence[Answered]) -> Array:
    """Return how much each reading counts, (N,): each kind of writing alike, and each of what is no writing less."""
    counts = Counter(each.kind for each in answered)
    written = _written(answered)
    return np.array([(1 if each.kind in written else NOTHING) / max(counts[each.kind], _FEW) for each in answered])


def _written(answered: Iterable[Answered]) -> set[str]:
    """Return the kinds of writing, without those in whose pictures there is never a code."""
    return {each.kind for each in answered if each.code}


def thresholds_of(shown: _Shown, confidences: Array, listed: Sequence[float]) -> dict[float, float]:
    """Return, for each of the errors `listed`, the least of the `confidences` (N,) from which on to accept.

    That is where no more errors are expected than that share, all kinds counting as their weights say, and where of no
    kind of writing more are shown: the lower end of the interval of their share is not above it.
    """
    thresholds, least = {}, 0.0
    for error in sorted(listed, reverse=True):
        least = max(least, 1 - 10 * error, _expected(confidences, shown.weights, error))
        for name in shown.written:
            mine = shown.kinds == name
            least = max(least, _counted(confidences[mine], shown.right[mine], error))
        thresholds[error] = min(1.0, least)
    return thresholds


def _expected(confidences: Array, weights: Array, error: float) -> float:
    """Return the least threshold that keeps the expected errors, weighed, to the share `error` of the accepted."""
    order = np.argsort(-confidences, kind="stable")
    within = np.cumsum(weights[order] * (1 - confidences[order])) <= error * np.cumsum(weights[order])
    return threshold_for(confidences[order], _up_to_last(within))


def _counted(confidences: Array, right: Array, error: float) -> float:
    """Return the least threshold from which on one kind's errors do not show that their share is above `error`."""
    order = np.argsort(-confidences, kind="stable")
    wrong = np.cumsum(1 - right[order])
    likely = np.array([chance_of_as_many(int(each), n + 1, error) >= SURPRISE for n, each in enumerate(wrong)])
    return threshold_for(confidences[order], _up_to_last(likely))


def _up_to_last(within: NDArray[np.bool_]) -> int:
    """Return how many there are up to the last that is `within` (N,)."""
    return int(np.flatnonzero(within)[-1]) + 1 if within.any() else 0


def cross_validated(answered: Sequence[Answered], listed: Sequence[float], errors: Collection[float]) -> list[Judged]:
    """Return all readings as judged, at each of the `errors`, by what was fitted on other pictures, thresholds and all.

    listed: the errors that there is a threshold for.
    """
    judged: list[Judged] = []
    for fold in range(FOLDS):
        others = [each for each in answered if each.fold % FOLDS != fold]
        calibration = Calibration("by others", fitted(others, listed))
        for each in answered:
            if each.fold % FOLDS == fold:
                confidence = calibration.confidence(each.evidence)
                accepted = {
                    error: each.possible and confidence >= calibration.threshold(each.evidence.way, error)
                    for error in errors
                }
                judged.append(Judged(each, confidence, accepted))
    return judged


def accepted_shares(judged: Sequence[Judged], errors: Sequence[float]) -> dict[str, dict[str, float]]:
    """Return which share is accepted, by way of reading and by each of the `errors` that were judged.

    Kinds of writing count as they do in the fit. What is no writing is left out: none of it should be accepted.
    """
    written = _written(each.answered for each in judged)
    found: dict[str, dict[str, float]] = {}
    for way in get_args(Way):
        mine = [each for each in judged if each.answered.evidence.way == way and each.answered.kind in written]
        if mine:
            weights = weights_of([each.answered for each in mine])
            found[way] = {
                str(error): round(float(np.average([each.accepted[error] for each in mine], weights=weights)), _PLACES)
                for error in errors
            }
    return found


def shares(answered: Sequence[Answered]) -> dict[str, dict[str, int]]:
    """Return how many readings of each kind there are, by kind and way of reading."""
    counted: dict[str, dict[str, int]] = {}
    for each in answered:
        of_kind = counted.setdefault(each.kind, {})
        way = each.evidence.way
        of_kind[way] = of_kind.get(way, 0) + 1
    return counted
