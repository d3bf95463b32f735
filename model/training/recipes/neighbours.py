"""k nearest neighbours: plain, deslanted, and projected. Whatever has to be chosen is chosen on validation."""

import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from model import evaluation
from model.classifiers.classifier import Classifier
from model.classifiers.neighbours import NearestNeighbours, Neighbours, chances, votes
from model.classifiers.projection import PCA
from model.engine.losses import SoftmaxCrossEntropy
from model.training import calibration, mnist
from model.training.loop import History
from model.training.recipes.recipe import Run, Trained, about, required, validation_scores
from model.types import Array

KS = tuple(range(1, 21))
FLOORS = (1e-4, 3e-4, 1e-3, 3e-3)
DIMENSIONS = (20, 25, 30, 35, 40, 45, 50, 60, 70, 80)


@dataclass(frozen=True)
class KNearest:
    """k nearest neighbours among the pixels of all 60,000 training images."""

    makes: ClassVar[type[Classifier]] = NearestNeighbours
    summary: ClassVar[str] = "k nearest neighbours among 60,000 digits"
    needs_data: ClassVar[bool] = True
    presets: ClassVar[tuple[str, ...]] = ("full",)
    deslanted: ClassVar[bool] = False
    name: str = "knn"
    k: int | None = None  # None: chosen on validation

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        started, data = time.monotonic(), required(digits)
        pixels = self._features(data)
        search = _Search(data, run)
        search.measure(pixels, self._ks(data), steps=1)
        return search.trained(pixels, started, deslanted=self.deslanted)

    def _features(self, data: mnist.Digits) -> Array:
        images = mnist.as_ink(data.images)
        pixels = NearestNeighbours.features(images, deslanted=self.deslanted, projection=None)
        # An artifact keeps whole 255ths; deslanting gives other values.
        return np.rint(pixels * 255) / np.float32(255) if self.deslanted else pixels

    def _ks(self, data: mnist.Digits) -> tuple[int, ...]:
        most = len(data[mnist.FIT]) - 1
        if self.k is not None and not 1 <= self.k <= most:
            raise ValueError(f"`k` must be between 1 and {most}; got {self.k}")
        return KS if self.k is None else (self.k,)


@dataclass(frozen=True)
class DeslantedNearest(KNearest):
    """The same with every digit set upright first."""

    summary: ClassVar[str] = "the same, every digit set upright first"
    deslanted: ClassVar[bool] = True
    name: str = "knn-deslanted"


@dataclass(frozen=True)
class ProjectedNearest(KNearest):
    """The same on the leading principal components: fewer numbers to compare, and less noise."""

    summary: ClassVar[str] = "the same in the space of the leading principal components"
    name: str = "knn-pca"
    dimensions: int | None = None  # None: chosen on validation

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        started, data = time.monotonic(), required(digits)
        pixels, ks = self._features(data), self._ks(data)
        tried = DIMENSIONS if self.dimensions is None else (self.dimensions,)
        rows = PCA.fit(pixels[mnist.FIT], max(tried)).apply(pixels)
        search = _Search(data, run)
        for dimensions in tried:
            search.measure(rows[:, :dimensions], ks, steps=len(tried), dimensions=dimensions)
        projection = PCA.fit(pixels, search.best()["dimensions"])
        return search.trained(projection.apply(pixels), started, projection=projection)


class _Search:
    """What was tried on validation, and which choice made the fewest errors."""

    def __init__(self, data: mnist.Digits, run: Run) -> None:
        self.data, self.run = data, run
        self.labels = data[mnist.VALIDATION].labels
        self.history = History()
        self._votes: list[Array] = []
        self._steps = 0

    def measure(self, rows: Array, ks: tuple[int, ...], steps: int, **setting: int) -> None:
        """Note the validation errors of each of `ks`.

        rows: (60000, F), all digits. steps: how many such calls the search has, for the progress.
        """
        queries, known = rows[mnist.VALIDATION], Neighbours(rows[mnist.FIT])
        blocks, found = np.array_split(np.arange(len(queries)), 10), []
        for block in blocks:
            found.append(known.nearest(queries[block], max(ks) + 1))
            self._steps += 1
            if self.run.progress:
                self.run.progress.advance(self._steps, steps * len(blocks))
        indices, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
        labels = self.data[mnist.FIT].labels[indices]
        for k in ks:
            self._votes.append(votes(labels[:, : k + 1], distances[:, : k + 1]))
            wrong = evaluation.errors(self._votes[-1], self.labels)
            loss = evaluation.negative_log_likelihood(self._votes[-1] + FLOORS[2], self.labels)
            row = {"k": k, **setting, "errors": wrong, "loss": loss, "accuracy": 1 - wrong / len(self.labels)}
            self.history.validation.append(row)
        if self.run.progress:
            best = self.best()
            self.run.progress.say(", ".join(f"{name} {value:.6g}" for name, value in best.items()))

    def best(self) -> dict[str, Any]:
        """Return the row with the fewest errors; of several, the one with the least loss."""
        return min(self.history.validation, key=lambda row: (row["errors"], row["loss"]))

    def trained(
        self, rows: Array, started: float, *, deslanted: bool = False, projection: PCA | None = None
    ) -> Trained:
        """Return the best choice, made again from all digits (`rows`), and its scores on validation."""
        best = self.best()
        shares = self._votes[self.history.validation.index(best)]
        floor, temperature = self._calibration(shares)
        known = NearestNeighbours(
            rows,
            self.data.labels,
            best["k"],
            deslanted=deslanted,
            projection=projection,
            floor=floor,
            temperature=temperature,
        )
        scores = validation_scores(chances(shares, floor, temperature), self.labels)
        self.history.seconds = time.monotonic() - started
        return Trained(known, self.history, {"training": about(self.data), "scores": {"validation": scores}})

    def _calibration(self, shares: Array) -> tuple[float, float]:
        """Return the floor and temperature with which the votes predict the labels best."""
        fitted = []
        for floor in FLOORS:
            temperature = calibration.fit_temperature(np.log(shares + floor), self.labels, SoftmaxCrossEntropy())
            loss = evaluation.negative_log_likelihood(chances(shares, floor, temperature), self.labels)
            fitted.append((loss, floor, temperature))
        _, floor, temperature = min(fitted)
        return floor, temperature
