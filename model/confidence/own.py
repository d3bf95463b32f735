"""A calibration of one's own: the shipped one, brought into line with labelled pictures of one's own mail.

The regression stays. What the pictures give is a temperature and a shift of the log-odds, and thresholds. As few
pictures say little, the temperature is not one pair of numbers but all that are likely, each with its chance: the less
is known, the less sure are the readings.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from model.confidence.calibration import Calibration, Head, threshold_for
from model.confidence.counting import (
    RULE_OF_THREE,
    SHOWN,
    SURPRISE,
    chance_of_as_few,
    chance_of_as_many,
    effective,
    effective_counts,
)
from model.confidence.evidence import Evidence, Way
from model.confidence.features import FEATURES, features, log_odds
from model.confidence.isotonic import Isotonic
from model.confidence.logistic import Logistic
from model.confidence.temperature import Temperature
from model.types import Array

LISTED = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
"""The greatest errors for which thresholds are chosen."""
FOLDS = 5
_DOUBT = 0.9  # of the chance that more are wrong than is asked: from there on, the shipped threshold is raised
_KNOTS = 60  # places between which confidences follow straight lines: the temperature bends them
_BOUND = 14.0  # log-odds: beyond those of any chance in the evidence


@dataclass(frozen=True)
class Known:
    """A reading of a picture whose label is known.

    right: whether it says what the label says. possible: whether it may be accepted at all: nothing rules it out.
    weight: how many pictures of the mail it stands for. picture: what equal pictures share, and only they.
    """

    evidence: Evidence
    right: bool
    possible: bool
    picture: str
    weight: float = 1.0


@dataclass(frozen=True)
class Decided:
    """What a calibration that did not see a picture makes of it: its confidence, and where it is accepted."""

    known: Known
    confidence: float
    accepted: Mapping[float, bool]


def complete(calibration: Calibration) -> Calibration:
    """Return `calibration` with a head for each way of reading: where it has none, the chance counts as it is."""
    chance = np.array([float(name == "chance") for name in FEATURES])
    as_it_is = Head(
        Logistic(np.zeros(len(chance)), np.ones(len(chance)), chance, 0.0),
        Isotonic(np.array([-_BOUND, _BOUND]), np.array([-_BOUND, _BOUND])),
        {error: 1 - error for error in LISTED},
        supported=1.0,
    )
    return replace(calibration, heads={way: calibration.heads.get(way, as_it_is) for way in get_args(Way)})


def fitted(base: Calibration, known: Sequence[Known]) -> Calibration:
    """Return `base`, which has all heads, as the `known` readings change it; ways of which none is known stay."""
    heads = dict(base.heads)
    for way in get_args(Way):
        mine = [each for each in known if each.evidence.way == way and each.possible]
        if mine:
            heads[way] = _Shown.by(base, way, mine).head()
    return replace(base, heads=heads)


def decided(calibration: Calibration, known: Sequence[Known]) -> list[Decided]:
    """Return what `calibration` makes of the `known` readings, at each of the errors `LISTED`."""
    made = []
    for each in known:
        confidence = calibration.confidence(each.evidence)
        accepted = {
            error: each.possible and confidence >= calibration.threshold(each.evidence.way, error) for error in LISTED
        }
        made.append(Decided(each, confidence, accepted))
    return made


def cross_validated(base: Calibration, known: Sequence[Known]) -> list[Decided]:
    """Return, in order, what calibrations make of the `known` readings that saw none of an equal picture."""
    folds = folds_of([each.picture for each in known])
    made: dict[int, Decided] = {}
    for fold in sorted(set(folds)):
        calibration = fitted(base, [each for each, of in zip(known, folds, strict=True) if of != fold])
        own = [number for number, of in enumerate(folds) if of == fold]
        made.update(zip(own, decided(calibration, [known[number] for number in own]), strict=True))
    return [made[number] for number in range(len(known))]


def folds_of(pictures: Sequence[str]) -> list[int]:
    """Return the fold of each of the `pictures`: equal ones share it, and all folds have about as many others."""
    order = {picture: number for number, picture in enumerate(sorted(set(pictures)))}
    return [order[picture] % FOLDS for picture in pictures]


@dataclass(frozen=True)
class _Shown:
    """What readings of one way show, the surest first.

    before: the shipped head. shipped: its thresholds, as they count. after: score -> the new confidence.
    temperature: what the readings say of the log-odds. scores: of each reading, (N,). wrong, weights: (N,).
    """

    before: Head
    shipped: Mapping[float, float]
    after: Isotonic
    temperature: Temperature
    scores: Array
    wrong: NDArray[np.bool_]
    weights: Array

    @classmethod
    def by(cls, base: Calibration, way: Way, known: Sequence[Known]) -> "_Shown":
        head = base.heads[way]
        scores = np.asarray(head.regression.sums(np.stack([features(each.evidence) for each in known])))
        order = np.argsort(-scores, kind="stable")
        scores, wrong, weights = (
            values[order]
            for values in (scores, np.array([not each.right for each in known]), np.array([e.weight for e in known]))
        )
        # How a picture got into the sample depends on its score alone, given which its weight says nothing more.
        temperature = Temperature.likely(np.interp(scores, head.isotonic.scores, head.isotonic.log_odds), ~wrong)
        shipped = {error: base.threshold(way, error) for error in LISTED}
        return cls(head, shipped, _bent(head.isotonic, temperature), temperature, scores, wrong, weights)

    def head(self) -> Head:
        """Return the head with the confidences and the thresholds that the readings give it."""
        thresholds, least, unshown = {}, 0.0, []
        for error in sorted(LISTED, reverse=True):
            stands = _threshold_after(self.before.isotonic, self.after, self.shipped[error])
            if self._speaks_against(error):
                raised = max(stands, self._within(error))
                if error * self._counted(self.after.chances(self.scores) >= raised)[1] < RULE_OF_THREE:
                    unshown.append(error)
                least = max(least, raised)
            else:
                least = max(least, min(stands, self._shown(error)))
            least = thresholds[error] = min(1.0, max(least, 1 - 10 * error))
        supported = self.before.supported
        if unshown:
            supported = max(supported, min((error for error in LISTED if error > max(unshown)), default=1.0))
        return Head(self.before.regression, self.after, thresholds, supported)

    def _counted(self, some: NDArray[np.bool_]) -> tuple[int, int]:
        """Return how many of `some` (N,) of the readings are wrong, and of how many that count alike."""
        return effective(self.weights[some], self.wrong[some])

    def _speaks_against(self, error: float) -> bool:
        """Return whether more than the share `error` of what the shipped threshold accepts is likely to be wrong."""
        accepted = self.before.isotonic.chances(self.scores) >= self.shipped[error]
        if not accepted.any():
            return False
        before = np.interp(self.scores[accepted], self.before.isotonic.scores, self.before.isotonic.log_odds)
        doubt = self.temperature.chance_of_more(error, before, self.weights[accepted])
        return doubt >= _DOUBT or chance_of_as_many(*self._counted(accepted), error) < SURPRISE

    def _within(self, error: float) -> float:
        """Return the least threshold at which no more than the share `error` is expected, nor shown, to be wrong."""
        return self._least(error, lambda wrong, n: chance_of_as_many(wrong, n, error) >= SURPRISE)

    def _shown(self, error: float) -> float:
        """Return the least threshold at which at most the share `error` is expected, and shown, to be wrong."""
        return self._least(error, lambda wrong, n: chance_of_as_few(wrong, n, error) <= SHOWN)

    def _least(self, error: float, allowed: Callable[[int, int], bool]) -> float:
        """Return the least threshold that keeps the expected errors to the share `error`, with `allowed` counts."""
        confidences = self.after.chances(self.scores)
        within = np.cumsum(self.weights * (1 - confidences)) <= error * np.cumsum(self.weights)
        counts = effective_counts(self.weights, self.wrong)
        most_first = np.flatnonzero(within)[::-1].tolist()
        return threshold_for(confidences, next((number + 1 for number in most_first if allowed(*counts[number])), 0))


def _bent(isotonic: Isotonic, temperature: Temperature) -> Isotonic:
    """Return `isotonic` with the log-odds that it gives as the temperature changes them."""
    between = np.linspace(isotonic.scores[0], isotonic.scores[-1], _KNOTS)
    scores = np.union1d(isotonic.scores, between)
    bent = temperature.applied(np.interp(scores, isotonic.scores, isotonic.log_odds))
    return Isotonic(scores, np.maximum.accumulate(bent))  # sums may round


def _threshold_after(before: Isotonic, after: Isotonic, threshold: float) -> float:
    """Return the least confidence `after` of what reaches the `threshold` before."""
    chances = before.chances(before.scores)
    below = int(np.searchsorted(chances, threshold))  # the number of places that do not reach it
    if below == 0:
        return 0.0
    if below == len(chances):
        return 1.0
    low, high = before.log_odds[below - 1 : below + 1]
    share = (log_odds(threshold) - low) / (high - low)
    start, end = before.scores[below - 1 : below + 1]
    least = after.chances(np.array([start, start + share * (end - start)]))
    # Many readings may have the very score at which the line starts, and they do not reach it.
    return float(max(np.nextafter(least[0], 2), least[1]))
