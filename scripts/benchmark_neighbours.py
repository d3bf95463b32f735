"""Time `knn` and `knn-pca` beside scikit-learn's brute-force search, on the same arrays and threads, taking turns.

Example: python scripts/benchmark_neighbours.py data/models/knn.npz data/models/knn-pca.npz --data data/mnist
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info
from tqdm import tqdm

from model import artifact
from model.arrays import ArtifactError
from model.classifiers.neighbours import NearestNeighbours
from model.training import mnist
from shared import data_folder

BATCHES = {1: 200, 100: 30}
"""Digits per call -> number of calls timed."""
PAIRS = (("knn", "knn-pca"), ("knn", "scikit-learn"), ("knn-pca", "scikit-learn, projected"))
"""The methods that take turns: only two at a time, because a third one's threads, which spin, would take the cores."""


def main() -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("knn", type=Path, help="the artifact of knn")
    made.add_argument("projected", type=Path, help="the artifact of knn-pca")
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options = made.parse_args()
    try:
        knn, projected = neighbours(options.knn), neighbours(options.projected)
        queries = mnist.as_ink(mnist.load(data_folder(options.data))[mnist.VALIDATION].images)
    except (OSError, ValueError) as error:
        print(f"benchmark_neighbours.py: {error}", file=sys.stderr)
        return 1
    methods: dict[str, Callable[[Any], Any]] = {
        "knn": knn.probabilities,
        "knn-pca": projected.probabilities,
        "scikit-learn": peer(knn),
        "scikit-learn, projected": peer(projected),
    }
    rows = [
        measure({name: methods[name] for name in pair}, queries, batch, calls, quiet=options.json)
        for batch, calls in BATCHES.items()
        for pair in PAIRS
    ]
    if options.json:
        print(json.dumps({"rows": rows}))
        return 0
    for scored in rows:
        left, right = scored["microseconds_per_digit"].items()
        print(f"batch {scored['batch']}, {scored['threads']} threads: {left[0]} {left[1]:,.0f} microseconds a digit, "
              f"{right[0]} {right[1]:,.0f}, ratio {scored['ratio']:.2f}")  # fmt: skip
    return 0


def neighbours(path: Path) -> NearestNeighbours:
    """Return the nearest neighbours at `path`; ArtifactError where it holds something else."""
    loaded = artifact.load(path).classifier
    if not isinstance(loaded, NearestNeighbours):
        raise ArtifactError(f"{path} holds a {loaded.kind}; expected the artifact of knn or knn-pca")
    return loaded


def peer(ours: NearestNeighbours) -> Callable[[Any], Any]:
    """Return scikit-learn's classifier on the rows that `ours` knows, behind the same features."""
    from sklearn.neighbors import KNeighborsClassifier

    theirs = KNeighborsClassifier(ours.k, algorithm="brute", weights="distance")
    theirs.fit(np.ascontiguousarray(ours.neighbours.rows), ours.labels)
    return lambda images: theirs.predict_proba(
        ours.features(images, deslanted=ours.deslanted, projection=ours.projection)
    )


def measure(
    pair: dict[str, Callable[[Any], Any]], queries: Any, batch: int, calls: int, *, quiet: bool
) -> dict[str, Any]:
    """Return the medians of `calls` calls of two methods that take turns, and of the ratio of their times."""
    seconds: dict[str, list[float]] = {name: [] for name in pair}
    for call in tqdm(range(calls), desc=f"batch {batch}", disable=quiet, leave=False):
        images = queries[call * batch % 4900 :][:batch]
        for name, method in pair.items():
            before = time.perf_counter()
            method(images)
            seconds[name].append(time.perf_counter() - before)
    first, second = seconds.values()
    return {
        "batch": batch,
        "threads": max(library["num_threads"] for library in threadpool_info()),
        "microseconds_per_digit": {name: float(np.median(taken)) / batch * 1e6 for name, taken in seconds.items()},
        "ratio": float(np.median(np.divide(first, second))),
    }


if __name__ == "__main__":
    sys.exit(main())
