"""k nearest neighbours: a digit is what the most similar known digits are."""

from typing import Any, ClassVar, Self

import numpy as np

from model.classifiers.deslanting import deslant
from model.classifiers.projection import PCA
from model.engine.functions import softmax
from model.types import CLASSES, PIXELS, Array, Images, Probabilities

# Queries per matrix product: enough to be fast, few enough that their distances (8 MB for 60,000 rows) stay in cache.
BLOCK = 128
# Known rows per group; at first only the nearest of each group is looked at.
GROUP = 32
# Without it, neighbours that are all equally far would have no weight.
LEAST_WEIGHT = 1e-6


class Neighbours:
    """Known rows in Euclidean space, and the search for the nearest of them."""

    def __init__(self, rows: Array) -> None:
        """rows: (M, F) float32, finite."""
        count, features = rows.shape
        # As ‖a-b‖² = ‖a‖² - 2a·b + ‖b‖², the nearest b has the greatest a·b - ‖b‖²/2. That is one matrix product if a
        # last column of ‖b‖²/2 meets a -1 in the query. Rows that fill up the last group are infinitely far.
        self._known = np.zeros((-(-count // GROUP) * GROUP, features + 1), np.float32)
        self._known[:count, :-1] = rows
        self._known[:count, -1] = np.einsum("ij,ij->i", rows, rows) / 2
        self._known[count:, -1] = np.finfo(np.float32).max
        self.rows = self._known[:count, :-1]

    def nearest(self, queries: Array, count: int) -> tuple[Array, Array]:
        """Return the `count` nearest rows of each query, nearest first: indices and distances, each (N, count).

        queries: (N, F) float32. Raises ValueError where `count` is not between 1 and the number of rows.
        """
        if not 1 <= count <= len(self.rows):
            raise ValueError(f"`count` must be between 1 and {len(self.rows)}; got {count}")
        indices = np.empty((len(queries), count), np.int64)
        distances = np.empty((len(queries), count), np.float32)
        size = -(-len(queries) // max(1, -(-len(queries) // BLOCK)))
        nearness = np.empty((size, len(self._known)), np.float32)
        for start in range(0, len(queries), max(1, size)):
            block = slice(start, min(start + size, len(queries)))
            indices[block], distances[block] = self._nearest(queries[block], count, nearness[: block.stop - start])
        return indices, distances

    def _nearest(self, queries: Array, count: int, nearness: Array) -> tuple[Array, Array]:
        np.matmul(np.pad(queries, ((0, 0), (0, 1)), constant_values=-1), self._known.T, out=nearness)
        # The `count` nearest rows are in the `count` groups whose own nearest is nearest: the others need no sorting.
        groups = len(self._known) // GROUP
        best = nearness.reshape(len(queries), GROUP, groups).max(axis=1)
        chosen = _greatest(best, min(count, groups))
        candidates = (chosen[:, None, :] + groups * np.arange(GROUP)[:, None]).reshape(len(queries), -1)
        among = _greatest(np.take_along_axis(nearness, candidates, axis=1), count)
        indices = np.sort(np.take_along_axis(candidates, among, axis=1), axis=1)
        # The product's rounding depends on the batch, and is large where two rows are alike: so these few are exact.
        differences = self.rows[indices] - queries[:, None, :]
        distances = np.sqrt(np.einsum("nkf,nkf->nk", differences, differences))
        order = np.argsort(distances, axis=1, kind="stable")
        return np.take_along_axis(indices, order, axis=1), np.take_along_axis(distances, order, axis=1)


class NearestNeighbours:
    """A Classifier: the `k` nearest known digits vote, nearer ones with more weight.

    A neighbour's weight is how much nearer it is than the first digit left out, so that a near tie at the edge decides
    nothing. `floor` is added to each digit's share of the votes and `temperature` divides the logarithm, so that
    probabilities are calibrated.
    Source: Cover and Hart 1967, "Nearest neighbor pattern classification"; the weights are those of Dudani 1976, "The
    distance-weighted k-nearest-neighbor rule".
    """

    kind: ClassVar[str] = "neighbours"

    def __init__(
        self,
        known: Array,
        labels: Array,
        k: int,
        *,
        deslanted: bool = False,
        projection: PCA | None = None,
        floor: float = 1e-3,
        temperature: float = 1.0,
    ) -> None:
        """known: what `features` gives for the known digits, (M, F) float32. labels: (M,) uint8."""
        if not isinstance(k, int) or not 1 <= k < len(known):
            raise ValueError(f"`k` must be between 1 and {len(known) - 1}, one less than the known digits; got {k!r}")
        self.neighbours = Neighbours(known)
        self.labels, self.k = labels, k
        self.deslanted, self.projection = deslanted, projection
        self.floor, self.temperature = floor, temperature

    @staticmethod
    def features(images: Images, *, deslanted: bool, projection: PCA | None) -> Array:
        """Return `images` (N, 28, 28) as rows (N, F), to be compared by Euclidean distance."""
        rows = (deslant(images) if deslanted else images).reshape(len(images), PIXELS)
        return projection.apply(rows) if projection else rows

    def probabilities(self, images: Images) -> Probabilities:
        """Return each image's chance of being each digit: see `Classifier`."""
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ValueError(f"`images` must be (N, 28, 28); got {images.shape}")
        queries = self.features(images, deslanted=self.deslanted, projection=self.projection)
        indices, distances = self.neighbours.nearest(queries, self.k + 1)
        return chances(votes(self.labels[indices], distances), self.floor, self.temperature).astype(np.float32)

    def to_arrays(self) -> dict[str, Array]:
        arrays = {"labels": self.labels}
        if self.projection is None:
            # Known pixels are whole 255ths: bytes hold them in a quarter of the memory.
            return {**arrays, "known": np.rint(self.neighbours.rows * 255).astype(np.uint8)}
        projection = {f"projection.{name}": array for name, array in vars(self.projection).items()}
        return {**arrays, **projection, "known": self.neighbours.rows}

    def description(self) -> dict[str, Any]:
        return {"k": self.k, "deslanted": self.deslanted, "floor": self.floor, "temperature": self.temperature}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], description: dict[str, Any]) -> Self:
        """Return the classifier that `to_arrays` and `description` came from; ValueError where they do not fit."""
        known, labels = arrays["known"], arrays["labels"]
        if labels.dtype != np.uint8 or labels.shape != known.shape[:1] or labels.max(initial=0) >= CLASSES:
            raise ValueError(f"its labels must be {known.shape[:1]} uint8, 0 to 9; got {labels.shape} {labels.dtype}")
        projected = {name.partition(".")[2]: array for name, array in arrays.items() if name.startswith("projection.")}
        projection = PCA(**projected) if projected else None
        expected = projection.components.shape[1:] if projection else (PIXELS,)
        if known.ndim != 2 or known.shape[1:] != expected:
            raise ValueError(f"its known digits must be rows of {expected} features; got {known.shape}")
        rows = known if projection else known / np.float32(255)
        settings = {name: description[name] for name in ("k", "deslanted", "floor", "temperature")}
        return cls(rows, labels, projection=projection, **settings)


def votes(labels: Array, distances: Array) -> Array:
    """Return each digit's share of the votes, (N, 10).

    labels, distances: of the neighbours, nearest first, (N, k + 1). Votes fade out at the distance of the last.
    """
    weights = distances[:, -1:] - distances[:, :-1] + LEAST_WEIGHT
    ballots = np.einsum("nk,nkc->nc", weights, np.eye(CLASSES, dtype=np.float32)[labels[:, :-1]])
    return np.asarray(ballots / ballots.sum(axis=1, keepdims=True))


def chances(shares: Array, floor: float, temperature: float) -> Array:
    """Return the calibrated chance of each digit, (N, 10), from its shares of the votes: see `NearestNeighbours`."""
    return softmax(np.log(shares + floor) / temperature)


def _greatest(values: Array, count: int) -> Array:
    """Return the columns of the `count` greatest values of each row, in no particular order."""
    return np.argpartition(values, values.shape[1] - count, axis=1)[:, values.shape[1] - count :]
