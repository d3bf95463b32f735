"""The loop and the recipes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.arrays import ArtifactError
from model.engine.batch_norm import BatchNorm
from model.engine.dense import Dense, Dropout, ReLU
from model.engine.layer import Layer
from model.engine.losses import SoftmaxCrossEntropy
from model.engine.network import Network
from model.engine.normalisation import Normalisation
from model.training import initialisation
from model.training.checkpoint import Checkpoint
from model.training.loop import Batch, History, Plan, prefetch, train, warm_up_then_cosine
from model.training.mnist import Digits, as_ink
from model.training.optimisers import Adam, GradientDescent, Optimiser
from model.training.recipes import RECIPES
from model.training.recipes.descent import validator
from model.training.recipes.recipe import Run, one_hot

LESSON = (
    "0.692126 0.685371 0.631033 0.500277 0.235959 0.089350 0.050119 0.034105 0.025642 0.020463 "
    "0.016986 0.014499 0.012634 0.011187 0.010032 0.009090 0.008307 0.007646 0.007082 0.006593"
)


class Lines:
    """A progress that remembers what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def advance(self, step: int, steps: int) -> None:
        assert 0 < step <= steps

    def say(self, line: str) -> None:
        self.lines.append(line)


def test_xor_prints_the_lessons_twenty_costs_and_learns_the_table() -> None:
    progress = Lines()
    RECIPES["xor"].train(None, Run(seed=1, progress=progress))
    costs, table = progress.lines[:20], progress.lines[20:]
    assert costs == [f"Cost after iteration {100 * (k + 1)}: {cost}" for k, cost in enumerate(LESSON.split())]
    assert table == ["0 xor 0 = 0", "0 xor 1 = 1", "1 xor 0 = 1", "1 xor 1 = 0"]


def small_network(digits: Digits) -> Network:
    layers: list[Layer] = [Dense(784, 16), BatchNorm(16), ReLU(), Dropout(0.1), Dense(16, 10)]
    initialisation.he(layers, 1)
    return Network(layers, SoftmaxCrossEntropy(), Normalisation.of_all_pixels(as_ink(digits.images)))


PLAIN = Plan(60, 0.01, warm_up_then_cosine)
AVERAGED = Plan(60, 0.01, warm_up_then_cosine, averaging=0.9, shards=3)


def run(
    digits: Digits, optimiser: Optimiser, epochs: int, artifact: Path | None, *, resume: bool, plan: Plan = PLAIN
) -> tuple[Network, History]:
    network = small_network(digits)
    inputs, targets = network.normalisation.apply(as_ink(digits.images)), one_hot(digits.labels, np.float32)

    def batches(epoch: int) -> Iterator[Batch]:
        if epoch >= epochs:
            raise KeyboardInterrupt
        order = np.random.default_rng([1, epoch]).permutation(len(inputs))
        for rows in np.array_split(order, 10):
            yield inputs[rows], targets[rows]

    history = train(
        network,
        optimiser,
        batches,
        plan,
        seed=3,
        validate=validator(digits.ink(), digits.ink()),
        checkpoint=Checkpoint(artifact, {}, resume) if artifact else None,
    )
    return network, history


@pytest.mark.parametrize("plan", [PLAIN, AVERAGED])
@pytest.mark.parametrize("make", [lambda: GradientDescent(0.9), lambda: Adam(weight_decay=0.01)])
def test_a_resumed_run_ends_with_the_weights_of_an_unbroken_one(
    make: "type[Optimiser]", plan: Plan, digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.training.loop.SECONDS_BETWEEN_CHECKPOINTS", 0)
    some, artifact = digits[:500], tmp_path / "run.npz"
    unbroken, whole = run(some, make(), 100, None, resume=False, plan=plan)
    with pytest.raises(KeyboardInterrupt):
        run(some, make(), 3, artifact, resume=False, plan=plan)
    resumed, history = run(some, make(), 100, artifact, resume=True, plan=plan)
    assert history.costs == whole.costs
    for name, array in unbroken.to_arrays().items():
        assert np.array_equal(array, resumed.to_arrays()[name])


def test_a_checkpoint_of_a_run_without_averages_is_refused_by_one_with_them(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.training.loop.SECONDS_BETWEEN_CHECKPOINTS", 0)
    artifact = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        run(digits[:100], Adam(), 1, artifact, resume=False)
    with pytest.raises(ArtifactError, match="do not both average"):
        run(digits[:100], Adam(), 100, artifact, resume=True, plan=AVERAGED)


def test_the_last_average_of_the_weights_is_what_is_kept(digits: Digits) -> None:
    network = small_network(digits)
    network.layers = [Dense(784, 10)]
    seen = []
    batch = network.normalisation.apply(as_ink(digits.images[:50])), one_hot(digits.labels[:50], np.float32)

    class Recorder(GradientDescent):
        def step(self, parameters: dict[str, Any], gradients: dict[str, Any], learning_rate: float) -> None:
            super().step(parameters, gradients, learning_rate)
            seen.append(parameters["0.weights"].copy())

    worse = iter([{"errors": 1, "loss": 0.1}, {"errors": 2, "loss": 0.2}, {"errors": 3, "loss": 0.3}])
    train(network, Recorder(), lambda _: iter([batch]), Plan(3, 0.1, averaging=0.2), validate=lambda _: next(worse))
    first, second, third = seen
    # The first decay is min(0.2, 2 / 11); before it the weights were zero.
    average = 0.2 * (0.2 * (1 - 2 / 11) * first + 0.8 * second) + 0.8 * third
    assert network.parameters()["0.weights"] == pytest.approx(average, abs=1e-7)


def test_shards_give_the_gradient_of_the_whole_batch(digits: Digits) -> None:
    def trained(shards: int) -> Network:
        network = small_network(digits)
        network.layers = [Dense(784, 16), ReLU(), Dense(16, 10)]
        initialisation.he(network.layers, 1)
        batch = network.normalisation.apply(as_ink(digits.images[:50])), one_hot(digits.labels[:50], np.float32)
        train(network, GradientDescent(), lambda _: iter([batch]), Plan(5, 0.1, shards=shards))
        return network

    whole, parts = trained(1), trained(3)
    for name, array in whole.parameters().items():
        assert_allclose(parts.parameters()[name], array, rtol=0, atol=1e-5)


def test_a_broken_checkpoint_is_refused_with_a_sentence(digits: Digits, tmp_path: Path) -> None:
    artifact = tmp_path / "run.npz"
    checkpoint = Checkpoint(artifact, {}).path
    checkpoint.write_bytes(b"PK\3\4 half a file")
    with pytest.raises(ArtifactError, match=re.escape(f"{checkpoint} is broken: start again without resuming")):
        run(digits[:100], Adam(), 100, artifact, resume=True)


def test_training_reads_most_digits_that_it_has_not_seen(digits: Digits) -> None:
    network, _ = run(digits[:3000], Adam(), 100, None, resume=False)
    assert validator(digits.ink(), digits[3000:].ink())(network)["errors"] < 500


def test_training_stops_when_patience_runs_out(digits: Digits) -> None:
    network, few = small_network(digits), digits[:100]
    network.layers = [Dense(784, 10)]
    batch = network.normalisation.apply(as_ink(few.images)), one_hot(few.labels, np.float32)
    plan = Plan(1000, 0.0, patience=3)
    history = train(network, GradientDescent(), lambda _: iter([batch]), plan, validate=validator(few.ink(), few.ink()))
    assert len(history.validation) == 4


def test_a_cost_that_is_not_a_number_stops_training(digits: Digits) -> None:
    network = small_network(digits)
    batch = np.full((2, 784), np.nan, np.float32), one_hot(digits.labels[:2], np.float32)
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        train(network, GradientDescent(), lambda _: iter([batch]), Plan(10, 1.0))


def test_prefetch_keeps_the_order_and_passes_errors_on() -> None:
    assert list(prefetch(iter(range(10)))) == list(range(10))
    with pytest.raises(ZeroDivisionError):
        list(prefetch(1 // (2 - number) for number in range(4)))


def test_the_schedule_rises_then_falls_to_zero() -> None:
    assert warm_up_then_cosine(0.0) == 0
    assert warm_up_then_cosine(0.05) == 1
    assert warm_up_then_cosine(1.0) == pytest.approx(0)
