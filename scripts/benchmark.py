"""Measure the shipped network's forward pass beside ONNX Runtime, the service beside its peers, or a training.

Times are measured alternately in one run, one thread each, and compared by their medians. Of a committee, only the
first network is measured, which answers alone where it is not in doubt; evaluate.py times the whole on real digits.
Needs the `bench` extra.

Example: python scripts/benchmark.py forward --model model/weights/cnn.npz --json
         python scripts/benchmark.py serve --connections 1 16 --tree ../older-checkout
         python scripts/benchmark.py train --recipe cnn --data data/mnist
"""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from model import artifact
from model.arrays import ArtifactError
from model.classifiers.committee import Committee
from model.engine.convolution import Conv2D
from model.engine.dense import Dense
from model.engine.network import Network
from model.engine.workspace import Workspace
from model.shipped import CNN
from model.training import mnist
from model.training.recipes import RECIPES
from model.training.recipes.recipe import Run
from shared import data_folder

BATCHES = (1, 8, 32, 128)
PIECES = 25  # candidate pieces of a strip, read in a single batch
ROUNDS = 60
SAME = 1e-4
MATRIX = 768  # large enough for the peak, small enough for the cache


def forward(path: Path) -> dict[str, Any]:
    """Return the ratios to ONNX Runtime and shares of the peak by batch size; ValueError where the outputs differ."""
    import onnxruntime

    from onnx_graph import exported

    network = artifact.load(path).classifier
    if isinstance(network, Committee):
        network = network.first
    if not isinstance(network, Network):
        raise ArtifactError(f"{path} holds no network")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(exported(network).SerializeToString(), options, ["CPUExecutionProvider"])
    pixels = np.random.default_rng(0).integers(0, 256, (max(BATCHES), 28, 28)).astype(np.float32)
    images = np.divide(pixels, 255, dtype=np.float32)
    matrix = pixels.ravel()[: MATRIX * MATRIX // 8].repeat(8).reshape(MATRIX, MATRIX)
    product = np.empty_like(matrix)

    def ours(count: int) -> NDArray[Any]:
        return network.probabilities(images[:count])

    def theirs(count: int) -> NDArray[Any]:
        return np.asarray(session.run(None, {"pixels": pixels[:count]})[0])

    difference = float(np.abs(ours(max(BATCHES)) - theirs(max(BATCHES))).max())
    if difference > SAME:
        raise ValueError(f"the probabilities must agree with ONNX Runtime's to {SAME}; they differ by {difference:.2g}")
    rows = []
    for batch in tqdm((*BATCHES, PIECES), desc="forward", leave=False):
        tasks: list[Callable[[], Any]] = [
            partial(ours, batch),
            partial(theirs, batch),
            partial(np.matmul, matrix, matrix, out=product),
        ]
        times = _alternately(tasks)
        ratios = times[0] / times[1]
        own, _, peak = np.median(times, axis=1)
        flops = 2 * batch * multiply_adds(network)
        rows.append(
            {
                "batch": batch,
                "threads": 1,
                "ratio_to_onnxruntime": float(np.median(ratios)),
                "ratio_quartiles": [float(share) for share in np.quantile(ratios, (0.25, 0.75))],
                "share_of_peak": (flops / own) / (2 * MATRIX**3 / peak),
                "milliseconds": 1000 * own,
                "best_milliseconds": 1000 * float(times[0].min()),
            }
        )
    return {"model": str(path), "largest_difference": difference, "rows": rows}


def _alternately(tasks: list[Callable[[], Any]]) -> NDArray[np.float64]:
    """Return the seconds of each task in each round, (tasks, rounds), one task after the other in every round.

    The first two, which are compared, swap places in every second round: the last one empties the caches for the next.
    """
    times = np.zeros((len(tasks), ROUNDS))
    for task in tasks:
        task()
    for run in range(ROUNDS):
        order = list(range(len(tasks)))
        if run % 2:
            order[:2] = 1, 0
        for number in order:
            started = time.perf_counter()
            tasks[number]()
            times[number, run] = time.perf_counter() - started
    return times


def multiply_adds(network: Network) -> int:
    """Return how many multiplications by a weight one image costs."""
    workspace, total = Workspace(), 0
    values = np.zeros((1, 28 * 28), network.normalisation.mean.dtype)
    for layer in network.layers:
        values = layer.forward(values, workspace)
        if isinstance(layer, Dense | Conv2D):
            total += layer.weights.size * (values.size // layer.weights.shape[-1])
    return total


class _EnoughError(Exception):
    """The requested steps are done."""


class _Clock:
    """A progress that notes when each step ended, and stops the training after the requested ones."""

    def __init__(self, steps: int) -> None:
        self.ends: list[float] = []
        self._bar: tqdm[Any] = tqdm(total=steps, desc="train", unit="batch", leave=False)

    def advance(self, step: int, steps: int) -> None:
        self.ends.append(time.perf_counter())
        self._bar.update()
        if len(self.ends) == self._bar.total or step == steps:
            self._bar.close()
            raise _EnoughError

    def say(self, line: str) -> None:
        """Say nothing: costs are not measured."""


def train(name: str, data: Path | None, steps: int) -> dict[str, Any]:
    """Return how fast recipe `name` trains, with its distortions, over its first `steps` mini-batches."""
    recipe: Any = RECIPES[name]
    clock = _Clock(steps)
    digits = mnist.load(data_folder(data))
    with contextlib.suppress(_EnoughError):
        recipe.train(digits, Run(progress=clock))
    seconds = float(np.median(np.diff(clock.ends)))
    epoch = len(digits[mnist.FIT])
    return {
        "recipe": name,
        "batch": recipe.batch_size,
        "images_per_second": recipe.batch_size / seconds,
        "seconds_per_epoch": epoch / recipe.batch_size * seconds,
        "cores": os.cpu_count(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["forward", "serve", "train"])
    parser.add_argument("--model", type=Path, default=CNN, help="forward: the artifact (the shipped one)")
    trainable = [name for name, recipe in RECIPES.items() if hasattr(recipe, "batch_size")]
    parser.add_argument("--recipe", choices=trainable, default=trainable[-1], help="train: its name")
    parser.add_argument("--data", type=Path, help="serve, train: MNIST's folder (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument(
        "--connections", type=int, nargs="+", default=[1, 16, 64, 256], help="serve: how many at once (1 16 64 256)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="serve: turns per server (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="serve: length of a turn (%(default)s)")
    parser.add_argument("--tree", type=Path, help="serve: an older checkout of the project to compare with")
    parser.add_argument("--steps", type=int, default=100, help="train: mini-batches to measure (100)")
    parser.add_argument("--json", action="store_true", help="print one object, for machines")
    options = parser.parse_args()
    if options.steps < 2:
        parser.error(f"--steps must be at least 2; got {options.steps}")
    try:
        if options.what == "forward":
            with threadpool_limits(1):
                result = forward(options.model)
        elif options.what == "serve":
            from serving import benchmark

            result = benchmark.serve(options.data, options.tree, options.connections, options.rounds, options.seconds)
        else:
            result = train(options.recipe, options.data, options.steps)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"benchmark.py: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(result))
    elif options.what == "serve":
        print(benchmark.table(result["rows"]))
    elif options.what == "train":
        print("\n".join(f"{name}: {value}" for name, value in result.items()))
    else:
        print("batch  ratio to ONNX Runtime (quartiles)  share of peak  ms (best)")
        for row in result["rows"]:
            low, high = row["ratio_quartiles"]
            spread = f"{row['ratio_to_onnxruntime']:.2f} ({low:.2f} to {high:.2f})"
            times = f"{row['milliseconds']:.2f} ({row['best_milliseconds']:.2f})"
            print(f"{row['batch']:5}  {spread:>33}  {row['share_of_peak']:13.0%}  {times}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
