"""A calibration: how sure readings are, from their evidence, and from where on they are accepted. One JSON file."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, get_args

import numpy as np

from model.arrays import ArtifactError, write_whole
from model.confidence.evidence import Evidence, Way
from model.confidence.features import FEATURES, features
from model.confidence.isotonic import Isotonic
from model.confidence.logistic import Logistic
from model.types import Array

FORMAT = 1
NONE = "none"
"""The name of what stands in where no calibration fits the weights: a reading's own chance."""
SHIPPED = "shipped"
"""The name of the calibration that comes with the project."""
_MOST_BYTES = 1_000_000
_SUREST = 1 - 1e-6  # of a confidence: no picture of thousands could show more
_LEAST_SURE = 10.0  # times the greatest error: no accepted reading may be wrong more often than this


@dataclass(frozen=True)
class Head:
    """How sure readings of one way are.

    regression: from their features to a score. isotonic: from that to their confidence. thresholds: by the greatest
    share of errors among the accepted, the least confidence to accept. supported: the least share that the pictures
    could show.
    """

    regression: Logistic
    isotonic: Isotonic
    thresholds: Mapping[float, float]
    supported: float

    def confidence(self, evidence: Evidence) -> float:
        """Return the chance that the whole text is right."""
        return float(self.isotonic.chances(self.regression.sums(features(evidence))))

    def threshold(self, max_error: float) -> float:
        """Return the threshold of the greatest share that is listed and not above `max_error`."""
        listed = [error for error in self.thresholds if error <= max_error]
        least = self.thresholds[max(listed)] if listed else max(self.thresholds.values())
        return least if max_error >= self.supported else max(least, 1 - max_error)


@dataclass(frozen=True)
class Calibration:
    """What turns evidence into confidence, and confidence into a decision.

    heads: by the way of reading; without one, a reading's own chance is its confidence and must reach 1 - max_error.
    weights: fingerprints of the classifiers that it was fitted with. made: how, in plain values.
    """

    name: str
    heads: Mapping[Way, Head]
    weights: frozenset[str] = frozenset()
    made: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def none(cls) -> Self:
        """Return what stands in where no calibration fits."""
        return cls(NONE, {})

    def fits(self, weights: Collection[str]) -> bool:
        """Return whether it was fitted with exactly the classifiers of these fingerprints."""
        return self.weights == frozenset(weights)

    def confidence(self, evidence: Evidence) -> float:
        """Return the chance that the whole text is right."""
        head = self.heads.get(evidence.way)
        if head is None or evidence.chance == 0:  # a line that is too long is not read
            return evidence.chance
        return min(_SUREST, head.confidence(evidence))

    def threshold(self, way: Way, max_error: float) -> float:
        """Return the confidence from which on readings are accepted, where at most `max_error` may be wrong.

        It never falls as `max_error` falls, and is never below 1 - 10 `max_error`.
        """
        head = self.heads.get(way)
        least = 1 - max_error if head is None else head.threshold(max_error)
        return max(0.0, least, 1 - _LEAST_SURE * max_error)

    def card(self) -> dict[str, Any]:
        """Return what GET /model shows of it."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "thresholds": {
                way: {str(error): self.threshold(way, error) for error in head.thresholds}
                for way, head in self.heads.items()
            },
            "smallest_max_error": {way: head.supported for way, head in self.heads.items()},
            "made": dict(self.made),
        }

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file that `save` writes."""
        return hashlib.sha256(self._text().encode()).hexdigest()

    def save(self, path: Path) -> None:
        """Write it to `path`, whole or not at all; OSError where the disk refuses."""
        content = self._text().encode()
        write_whole(path, lambda file: file.write(content))

    def _text(self) -> str:
        heads = {
            way: {
                **head.regression.plain(FEATURES),
                "scores": head.isotonic.scores.tolist(),
                "log_odds": head.isotonic.log_odds.tolist(),
                "thresholds": {str(error): least for error, least in head.thresholds.items()},
                "supported": head.supported,
            }
            for way, head in self.heads.items()
        }
        whole = {
            "format": FORMAT,
            "name": self.name,
            "weights": sorted(self.weights),
            "made": self.made,
            "heads": heads,
        }
        return json.dumps(whole, indent=1) + "\n"


def threshold_for(falling: Array, most: int) -> float:
    """Return the least threshold that only the first `most` of the `falling` confidences (N,) reach, or fewer.

    Equal confidences are accepted together, so it lies above the next one.
    """
    return float(np.nextafter(falling[most], 2)) if most < len(falling) else 0.0


def shared_out(readings: Sequence[tuple[str, float]], confidence: float) -> list[tuple[str, float]]:
    """Return `readings`, texts with their chances, best first, with the first at `confidence` and the order kept.

    The others keep their chances relative to one another, and share at most the rest.
    """
    text, chance = readings[0]
    rest = (1 - confidence) / (1 - chance) if chance < 1 else 0.0
    scale = min(rest, confidence / chance if chance else 0.0)
    return [(text, confidence), *((other, scale * less) for other, less in readings[1:])]


def load(path: Path) -> Calibration:
    """Return the calibration at `path`. Raises ArtifactError with a sentence that says which file and what is wrong."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ArtifactError(f"{path} has {path.stat().st_size} bytes; a calibration has at most {_MOST_BYTES}")
        whole = json.loads(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        if isinstance(error, ArtifactError):
            raise
        raise ArtifactError(f"{path} is not a calibration: expected JSON") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise ArtifactError(f"{path} is not a calibration of format {FORMAT}, which this version reads")
    try:
        heads = {way: _head(whole["heads"][way]) for way in get_args(Way) if way in whole["heads"]}
        weights = frozenset(map(str, whole["weights"]))
        return Calibration(str(whole["name"]), heads, weights, dict(whole["made"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(f"{path} does not hold a whole calibration: {error}") from error


def _head(values: Mapping[str, Any]) -> Head:
    """Return the head that `Calibration.save` wrote. Raises ValueError or KeyError where values are wrong."""
    regression = Logistic.of(values, FEATURES)
    thresholds = {float(error): float(least) for error, least in values["thresholds"].items()}
    falling = [least for _, least in sorted(thresholds.items())]
    if not falling or falling != sorted(falling, reverse=True) or not all(0 <= least <= 1 for least in falling):
        raise ValueError("its thresholds must be between 0 and 1 and never fall as the error falls")
    isotonic = Isotonic(*(np.array(values[name], np.float64) for name in ("scores", "log_odds")))
    if not (isotonic.scores.ndim == 1 <= len(isotonic.scores) and isotonic.scores.shape == isotonic.log_odds.shape):
        raise ValueError("its scores and log_odds must be as many numbers each, at least one")
    if not all(np.isfinite(each).all() and (np.diff(each) >= 0).all() for each in (isotonic.scores, isotonic.log_odds)):
        raise ValueError("its scores and log_odds must be finite and never fall")
    supported = float(values["supported"])
    if not 0 <= supported <= 1:
        raise ValueError(f"its smallest error must be between 0 and 1; got {supported}")
    return Head(regression, isotonic, thresholds, supported)
