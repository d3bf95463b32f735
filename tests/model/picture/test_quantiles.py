"""The median and other quantiles of a few values."""

import numpy as np
import pytest

from model.picture.quantiles import median, quantile


@pytest.mark.parametrize("n", [1, 2, 3, 10, 37])
def test_medians_and_quantiles_are_those_of_numpy(n: int) -> None:
    rng = np.random.default_rng(n)
    for values in (rng.normal(size=n), rng.normal(size=n).astype(np.float32), rng.integers(0, 5, n)):
        assert median(values) == pytest.approx(float(np.median(values)))
        for share in (0.0, 0.1, 0.9, 1.0):
            assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)), rel=1e-6)
