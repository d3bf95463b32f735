"""Principal component analysis, written by hand: the directions in which digits differ most."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from model.types import Array


@dataclass(frozen=True)
class PCA:
    """A projection on the leading principal components.

    mean: (F,) float32. components: (F, D) float32, orthonormal columns, largest variance first.
    explained_variance: (F,) float32, the share of the total variance along every component, including those left out.
    Source: Pearson 1901, "On lines and planes of closest fit to systems of points in space"; Hotelling 1933.
    """

    mean: Array
    components: Array
    explained_variance: Array

    def __post_init__(self) -> None:
        features = len(self.mean)
        if self.components.ndim != 2 or len(self.components) != features or len(self.explained_variance) != features:
            shapes = f"{self.mean.shape}, {self.components.shape} and {self.explained_variance.shape}"
            raise ValueError(f"a projection's mean, components and variances must be (F,), (F, D), (F,); got {shapes}")

    @classmethod
    def fit(cls, rows: Array, dimensions: int) -> Self:
        """Return the projection of `rows` (N, F) on their first `dimensions` components.

        Raises ValueError where `dimensions` is not between 1 and F.
        """
        features = rows.shape[1]
        if not 1 <= dimensions <= features:
            raise ValueError(f"`dimensions` must be between 1 and {features}; got {dimensions}")
        mean = rows.mean(axis=0, dtype=np.float64)
        covariance = (rows.T @ rows).astype(np.float64) / len(rows) - np.outer(mean, mean)
        # eigh gives the smallest first; rounding can leave a variance that should be zero a little below it.
        variances, directions = np.linalg.eigh(covariance)
        variances = np.maximum(variances[::-1], 0)
        components = np.ascontiguousarray(directions[:, ::-1][:, :dimensions], np.float32)
        shares = variances / max(variances.sum(), np.finfo(np.float64).tiny)
        return cls(mean.astype(np.float32), components, shares.astype(np.float32))

    def apply(self, rows: Array) -> Array:
        """Return the coordinates (N, D) of `rows` (N, F) along the components."""
        return np.asarray((rows - self.mean) @ self.components)
