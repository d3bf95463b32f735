"""A committee: one network looks once; where it is in doubt, all members look several times."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from model.engine.network import Network
from model.picture.resampling import sharpened
from model.types import CLASSES, SIDE, Array, Images, Probabilities


@dataclass(frozen=True)
class View:
    """How a picture is looked at: sheared by `shear` columns a row, and sharpened as in `Distortion`."""

    sharpening: float = 0.0
    shear: float = 0.0

    def of(self, images: Images) -> Images:
        """Return `images` (N, 28, 28) as this view shows them; the same shape and range."""
        if self.shear:
            left, share = self._places
            padded = np.zeros((len(images), SIDE, SIDE + 2), np.float32)
            padded[:, :, 1:-1] = images
            pixels = padded.reshape(len(images), -1)
            images = pixels.take(left, axis=1)
            images += share * (pixels.take(left + 1, axis=1) - images)
        if self.sharpening:
            images = sharpened(images, np.full((len(images), 1, 1), self.sharpening, np.float32))
        return images

    @cached_property
    def _places(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Where the shear reads, as `sample` does, but found out once: between two pixels of the same row.

        Of each new pixel, (28, 28): the left one's place in an image with a column of zeros on either side, and the
        right one's share.
        """
        y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
        columns = np.clip(x + np.float32(self.shear) * (y - (SIDE - 1) / 2) + 1, 0, SIDE + 0.999)
        left = columns.astype(np.intp)
        return left + np.arange(SIDE)[:, None] * (SIDE + 2), columns - left


class Committee:
    """A Classifier of networks trained alike from different seeds, each with several views. Most digits cost one look.

    The first member answers from the first view. Where the chance that it is wrong exceeds `doubt`, the mean of all
    members' logits on all views counts as well. From e · `doubt` on, only that mean counts; in between its weight
    grows, because an answer must not jump where the last bit of a product differs. `temperature` applies to the mean
    logits; the first member's answer has the member's own.
    Source: Hansen and Salamon 1990, "Neural network ensembles"; the order, light before heavy, after Viola and Jones
    2001, "Rapid object detection using a boosted cascade".
    """

    kind: ClassVar[str] = "committee"

    def __init__(
        self, members: Sequence[Network], views: Sequence[View], doubt: float, temperature: float = 1.0
    ) -> None:
        if not members or not views:
            raise ValueError(f"`members` and `views` must be at least one; got {len(members)} and {len(views)}")
        if len(losses := {type(member.loss).__name__ for member in members}) > 1:
            raise ValueError(f"`members` must share one loss; got {', '.join(sorted(losses))}")
        if not 0 < doubt <= 1:
            raise ValueError(f"`doubt` must be above 0 and at most 1; got {doubt}")
        if not temperature > 0:
            raise ValueError(f"`temperature` must be positive; got {temperature}")
        self.members = tuple(members)
        self.views = tuple(views)
        self.doubt = doubt
        self.temperature = temperature

    @property
    def first(self) -> Network:
        """The network that answers alone where it is not in doubt."""
        return self.members[0]

    def probabilities(self, images: Images) -> Probabilities:
        """Return each image's chance of being each digit: see `Classifier`."""
        return self.judged(images)[0]

    def judged(self, images: Images) -> tuple[Probabilities, NDArray[np.float32]]:
        """Return `probabilities` of `images` and the chance that each shows a digit at all, (N,) float32."""
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ValueError(f"`images` must be (N, 28, 28); got {images.shape}")
        if len(images) == 0:
            return np.zeros((0, CLASSES), np.float32), np.zeros(0, np.float32)
        logits = self.first_logits(images)
        probabilities, chances = self._meaning(logits, self.first.temperature)
        weights = self._weights_of_all(probabilities, chances)
        doubted = np.flatnonzero(weights)
        if len(doubted):
            together = self._meaning(self._mean(logits[doubted], images[doubted]), self.temperature)
            for answers, others in zip((probabilities, chances), together, strict=True):
                answers[doubted] += ((others - answers[doubted]).T * weights[doubted]).T
        return probabilities.astype(np.float32), chances.astype(np.float32)

    def doubted(self, images: Images) -> NDArray[np.bool_]:
        """Return for which images all members are asked, (N,)."""
        return self._weights_of_all(*self._meaning(self.first_logits(images), self.first.temperature)) > 0

    def first_logits(self, images: Images) -> Array:
        """Return the first member's logits (N, K) of the first view of `images`, before the temperature."""
        return self.first.logits(self.views[0].of(images))

    def logits(self, images: Images) -> Array:
        """Return the mean of all members' logits (N, K) of all views of `images`, before the temperature."""
        return self._mean(self.first_logits(images), images)

    def _mean(self, first: Array, images: Images) -> Array:
        """Return the mean of the logits `first` of `images` and those of all other members and views."""
        seen = [view.of(images) for view in self.views]
        total = first.copy()
        for member in self.members:
            others = seen[member is self.first :]  # all views together: a pass costs less than several small ones
            if others:
                total += member.logits(np.concatenate(others)).reshape(len(others), *first.shape).sum(axis=0)
        return total / (len(self.members) * len(self.views))

    def _meaning(self, logits: Array, temperature: float) -> tuple[Array, Array]:
        """Return what `logits` mean: probabilities (N, 10) and the chances that there is a digit (N,), in float64."""
        logits = logits.astype(np.float64)  # a doubt of a thousandth is lost in the float32 of its complement
        return self.first.loss.probabilities(logits / temperature), self.first.loss.digit_chances(logits)

    def _weights_of_all(self, probabilities: Array, chances: Array) -> Array:
        """Return the weight of all members' answer, (N,), 0 to 1: it follows the chance that the first's is wrong.

        That is right where there is a digit and it names that one, or where there is none and it says so.
        """
        right = np.maximum(probabilities.max(axis=1) * chances, 1 - chances)
        doubts = np.maximum(1 - right, np.finfo(np.float64).tiny)
        return np.asarray(np.clip(np.log(doubts / self.doubt), 0, 1))

    def to_arrays(self) -> dict[str, Array]:
        return {
            f"{number}.{name}": array
            for number, member in enumerate(self.members)
            for name, array in member.to_arrays().items()
        }

    def description(self) -> dict[str, Any]:
        members = [member.description() for member in self.members]
        views = [asdict(view) for view in self.views]
        return {"members": members, "views": views, "doubt": self.doubt, "temperature": self.temperature}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], description: dict[str, Any]) -> Self:
        """Return the committee that `to_arrays` and `description` came from; ValueError where they do not fit."""
        parts: list[dict[str, Array]] = [{} for _ in description["members"]]
        for name, array in arrays.items():
            number, _, own_name = name.partition(".")
            if not number.isdigit() or int(number) >= len(parts):
                raise ValueError(f"its arrays must be those of {len(parts)} members; got {name!r}")
            parts[int(number)][own_name] = array
        members = [
            Network.from_arrays(part, member) for part, member in zip(parts, description["members"], strict=True)
        ]
        views = [View(float(view["sharpening"]), float(view["shear"])) for view in description["views"]]
        return cls(members, views, float(description["doubt"]), float(description["temperature"]))
