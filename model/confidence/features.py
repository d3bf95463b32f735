"""Evidence -> the numbers that confidence is a weighted sum of."""

import math
from collections.abc import Callable

import numpy as np

from model.confidence.evidence import Evidence
from model.types import Array

_SUREST = 1e-6  # odds beyond this, or below its inverse, tell nothing more
_TALLEST = 32.0  # pixels of a digit's height: from there on, more do not help
_LEAST = 1e-3  # of a chance: smaller ones are alike
_DOUBT = 3.0  # log-odds of a chance of 0.95: below it, doubt may weigh differently
_CODE = 5  # digits: in shorter numbers, more of the marks that are read are no digits
_SLASH, _NO_SLASH = 0.2, 3e-3  # of a chance: a stroke that is likelier a slash is doubt enough; smaller ones are none
_SURE_7 = 5.0  # log-odds of its least digit: below it, a 7 may be a 1 with a long hook
_CHOSEN = 6.0  # log-odds: surer choices are alike
_WIDE = 1.1  # heights of a digit: a wider one is seldom one digit


def log_odds(chance: float) -> float:
    """Return the log of `chance` to its complement, within bounds."""
    chance = min(max(chance, _SUREST), 1 - _SUREST)
    return math.log(chance / (1 - chance))


def _log_height(evidence: Evidence) -> float:
    return math.log(min(max(evidence.height, 1.0), _TALLEST) / _TALLEST)


def _ones(evidence: Evidence) -> float:
    """Return the share of 1s: bars, rules, hatching and the letter l look like them."""
    return evidence.text.count("1") / len(evidence.text)


FEATURES: dict[str, Callable[[Evidence], float]] = {
    "chance": lambda seen: log_odds(seen.chance),
    "little doubt": lambda seen: min(0.0, log_odds(seen.chance) - _DOUBT),
    "something": lambda seen: -math.log(seen.nothing + _SUREST),
    "least digit": lambda seen: log_odds(seen.least_digit),
    "least look": lambda seen: math.log(seen.least_look + _LEAST),
    "no rival": lambda seen: -seen.rival,
    "agreeing": lambda seen: seen.agreeing,
    "digit chance": lambda seen: -math.log(1 - seen.digit_chance + _LEAST),
    "height": _log_height,
    "even heights": lambda seen: -min(seen.heights, 0.5),
    "even levels": lambda seen: -min(seen.levels, 0.5),
    "even gaps": lambda seen: -min(seen.gaps, 1.0),
    "narrow": lambda seen: -min(max(seen.widest - _WIDE, 0.0), 1.0),
    "all read": lambda seen: -min(seen.unread, 0.5),
    "untouched": lambda seen: -min(seen.taken, 0.5),
    "no ring": lambda seen: -min(seen.ringed, 0.5),
    "no slash": lambda seen: -math.log(min(seen.slash, _SLASH) + _NO_SLASH),
    "several": lambda seen: math.log(min(len(seen.text), _CODE)),
    "not all ones": lambda seen: -_ones(seen),
    "no hooked 1": lambda seen: min(0.0, log_odds(seen.least_digit) - _SURE_7) if "7" in seen.text else 0.0,
    "choice": lambda seen: min(max(seen.choice, -_CHOSEN), _CHOSEN),
    "little doubt of choice": lambda seen: min(0.0, max(seen.choice, -_CHOSEN) - _DOUBT),
    "lead": lambda seen: min(max(seen.lead, 0.0), _CHOSEN),
}
"""By name, what is taken from the evidence: the greater, the surer. Bounds keep strange pictures from counting more."""


def features(evidence: Evidence) -> Array:
    """Return the `FEATURES` of `evidence`, (F,) float64."""
    return np.array([take(evidence) for take in FEATURES.values()])
