"""Runs of digits on a piece -> how likely each is the addressee's code: a logistic regression of what is seen."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from model.arrays import ArtifactError, write_whole
from model.confidence.logistic import Logistic
from model.envelopes.layout import Place
from model.envelopes.spotting import Run
from model.shipped import CHOICE
from model.types import Array

FORMAT = 1

_FAR = 2.0  # pitches: digits further away say nothing more


@dataclass(frozen=True)
class Clues:
    """What is seen of a run that may be the addressee's code.

    listed: whether it is in use. town_after: whether the country writes the town's name behind the code. certainty:
    the log-odds of its digits. unasked: the same if nothing were known of what a code is: low where a digit was left
    out to have as many as a code has. lower: 1 where it stands below other numbers, -1 where it stands above them.
    These three are 0 at first sight.
    """

    run: Run
    place: Place
    listed: bool
    town_after: bool
    certainty: float = 0.0
    unasked: float = 0.0
    lower: int = 0


FIRST: Mapping[str, Callable[[Clues], float]] = {
    "seen": lambda seen: max(seen.run.score, -3.0),
    "least": lambda seen: float(np.log(seen.run.least)),
    "listed": lambda seen: float(seen.listed),
    "even": lambda seen: -min(seen.run.uneven, 2.0),
    "gap before": lambda seen: min(seen.run.before, _FAR),
    "gap after": lambda seen: min(seen.run.after, _FAR),
    "beside a word": lambda seen: float(seen.place.after if seen.town_after else seen.place.before),
    "begins or ends": lambda seen: float(not (seen.place.before if seen.town_after else seen.place.after)),
    "lines above": lambda seen: float(min(seen.place.above, 2)),
    "last": lambda seen: -float(min(seen.place.below, 2)),
    "not at the top": lambda seen: min(seen.place.y, 0.5),
    "not at the bottom": lambda seen: -max(seen.place.y - 0.85, 0.0),
    "not at the left": lambda seen: min(seen.place.x, 0.45),
    "tall": lambda seen: float(np.clip(np.log(seen.place.tall), -1.0, 0.3)),
    "postage": lambda seen: float(np.clip(seen.place.postage, -2, 2)),
}
"""What is known at first sight, by name: the greater, the likelier."""
SECOND: Mapping[str, Callable[[Clues], float]] = {
    **FIRST,
    "certainty": lambda seen: float(np.clip(seen.certainty, -8, 8)),
    "unasked": lambda seen: float(np.clip(seen.unasked, -6, 6)),
    "lower": lambda seen: float(seen.lower),
}
"""What is known once its digits were looked at."""


def features(seen: Clues, known: Mapping[str, Callable[[Clues], float]]) -> Array:
    """Return what is `known` of what is `seen`, (F,) float64."""
    return np.array([take(seen) for take in known.values()])


@dataclass(frozen=True)
class Choice:
    """What tells the addressee's code from other numbers, at first sight and then. made: how it was fitted."""

    first: Logistic
    second: Logistic
    made: Mapping[str, Any]

    def first_odds(self, seen: Clues) -> float:
        """Return the log-odds, at first sight, that what is `seen` is the addressee's code."""
        return float(self.first.sums(features(seen, FIRST)))

    def odds(self, seen: Clues) -> float:
        """Return the log-odds that what is `seen` is the addressee's code."""
        return float(self.second.sums(features(seen, SECOND)))

    def save(self, path: Path) -> None:
        """Write it to `path`, whole or not at all; OSError where the disk refuses."""
        parts = {"first": self.first.plain(FIRST), "second": self.second.plain(SECOND)}
        content = (json.dumps({"format": FORMAT, "made": dict(self.made), **parts}, indent=1) + "\n").encode()
        write_whole(path, lambda file: file.write(content))


def load(path: Path) -> Choice:
    """Return what `save` wrote to `path`. Raises ArtifactError with a sentence on which file and what is wrong."""
    try:
        whole = json.loads(path.read_bytes())
        if whole["format"] != FORMAT:
            raise ValueError(f"its format is {whole['format']}; expected {FORMAT}")
        return Choice(Logistic.of(whole["first"], FIRST), Logistic.of(whole["second"], SECOND), whole["made"])
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path} does not hold a whole choice: {error}") from error


@cache
def shipped() -> Choice:
    """Return the choice that the project ships. Raises ArtifactError where its file is missing or broken."""
    return load(CHOICE)
