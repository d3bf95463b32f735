"""The loop: batches, schedule, validation, early stop, checkpoints."""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from model.arrays import ArtifactError
from model.engine.network import Network
from model.engine.workspace import Workspace
from model.training.checkpoint import Checkpoint
from model.training.optimisers import Optimiser
from model.types import Array

Batch = tuple[Array, Array]
Item = TypeVar("Item")

# Costs kept for the plot and lines printed, as in the lesson.
COSTS_KEPT = 100
LINES_PRINTED = 20
# A checkpoint costs a few milliseconds; epochs shorter than this share one.
SECONDS_BETWEEN_CHECKPOINTS = 5.0


class Progress(Protocol):
    """Where the loop reports how far it has got; scripts show it as a bar."""

    def advance(self, step: int, steps: int) -> None:
        """Show that `step` of `steps` mini-batches are done."""
        ...

    def say(self, line: str) -> None:
        """Show one line."""
        ...


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train: what a recipe sets.

    steps: mini-batches in all. learning_rate: the highest. schedule: the share of it to use after a share of the steps.
    patience: epochs without a better validation before training stops; None never stops early. averaging: the share of
    the running average of all weights and statistics that a step keeps, such as 0.999. The average is then what is
    validated, and the last one is kept (Polyak and Juditsky 1992, "Acceleration of stochastic approximation by
    averaging"). shards: the parts of a mini-batch that threads work on at once, each with its own batch statistics.
    Their gradients are added in a fixed order, so that the same number of shards gives the same weights.
    """

    steps: int
    learning_rate: float
    schedule: Callable[[float], float] = lambda _: 1.0
    patience: int | None = None
    averaging: float | None = None
    shards: int = 1


@dataclass
class History:
    """What happened: the cost at every hundredth of the steps, and each epoch's validation."""

    costs: list[list[float]] = field(default_factory=list)
    validation: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0


def warm_up_then_cosine(share: float, warm_up: float = 0.05) -> float:
    """Return the share of the learning rate to use: a linear rise, then half a cosine down to zero.

    Source: Loshchilov and Hutter 2017, "SGDR"; Goyal et al. 2017, "Accurate, large minibatch SGD" for the rise.
    """
    if share < warm_up:
        return share / warm_up
    return 0.5 * (1 + math.cos(math.pi * (share - warm_up) / (1 - warm_up)))


def train(
    network: Network,
    optimiser: Optimiser,
    batches: Callable[[int], Iterator[Batch]],
    plan: Plan,
    *,
    seed: int = 0,
    validate: Callable[[Network], dict[str, float]] | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
) -> History:
    """Fit `network` in place, and return the history.

    The weights with the fewest "errors" by `validate` are kept. Where weights are averaged, the last average is kept:
    its epochs differ by less than validation can tell.

    batches: an epoch's number -> its mini-batches of normalised inputs (n, features) and targets (n, K). Whatever is
    random in an epoch is drawn from its number and the seed, so that an epoch is the same after a resume.
    checkpoint: where the state is kept between epochs, and from where training continues if it is to resume.
    Raises ArtifactError where the checkpoint is broken or of another run, FloatingPointError where the cost is no
    longer finite.
    """
    state = _State(network, optimiser, plan)
    if checkpoint is not None:
        state.restore(checkpoint)
    started = saved = time.monotonic()
    before = state.history.seconds
    every, line = max(1, plan.steps // COSTS_KEPT), max(1, plan.steps // LINES_PRINTED)
    with ThreadPoolExecutor(plan.shards) as pool:
        while state.step < plan.steps and not state.stopped(plan.patience):
            shards = [
                _Shard(network, Workspace(np.random.default_rng([seed, state.epoch, 1, number])))
                for number in range(plan.shards)
            ]
            for batch in prefetch(batches(state.epoch)):
                state.step += 1
                used = shards[: len(batch[0])]
                cost, gradients = _cost_and_gradients(used, batch, pool)
                if not math.isfinite(cost):
                    raise FloatingPointError(f"the cost is {cost} after {state.step} steps: lower the learning rate")
                if state.step % every == 0:
                    state.history.costs.append([state.step, cost])
                    if progress and state.step % line == 0:
                        progress.say(f"Cost after iteration {state.step}: {cost:f}")
                rate = plan.learning_rate * plan.schedule(state.step / plan.steps)
                optimiser.step(network.parameters(), gradients, rate)
                state.follow(used)
                if progress:
                    progress.advance(state.step, plan.steps)
                if state.step == plan.steps:
                    break
            state.epoch += 1
            if validate:
                scores = state.validate(validate)
                if progress:
                    progress.say(
                        f"Epoch {state.epoch}: " + ", ".join(f"{name} {value:.6g}" for name, value in scores.items())
                    )
            now = time.monotonic()
            state.history.seconds = before + now - started
            if checkpoint is not None and now - saved > SECONDS_BETWEEN_CHECKPOINTS:
                state.save(checkpoint)
                saved = now
    network.restore(state.average or state.best or state.arrays())
    return state.history


@dataclass
class _Shard:
    """A part of each mini-batch, which one thread at a time works on."""

    network: Network
    workspace: Workspace

    def cost_and_gradients(self, inputs: Array, targets: Array) -> tuple[float, dict[str, Array]]:
        logits = self.network.forward(inputs, self.workspace)
        cost = self.network.loss.value(logits, targets)
        return cost, self.network.backward(self.network.loss.gradient(logits, targets), self.workspace)


def _cost_and_gradients(shards: list[_Shard], batch: Batch, pool: ThreadPoolExecutor) -> tuple[float, dict[str, Array]]:
    """Return the mean cost of `batch` and its derivatives: the shards' own, weighted by their rows, added in order."""
    if len(shards) == 1:
        return shards[0].cost_and_gradients(*batch)
    inputs, targets = (np.array_split(array, len(shards)) for array in batch)
    parts = list(pool.map(_Shard.cost_and_gradients, shards, inputs, targets))
    weights = [len(part) / len(batch[0]) for part in inputs]
    gradients = {name: weights[0] * gradient for name, gradient in parts[0][1].items()}
    for (_, others), weight in zip(parts[1:], weights[1:], strict=True):
        for name, gradient in others.items():
            gradients[name] += weight * gradient
    return sum(weight * cost for weight, (cost, _) in zip(weights, parts, strict=True)), gradients


class _State:
    """Everything that an uninterrupted run carries from one epoch to the next."""

    def __init__(self, network: Network, optimiser: Optimiser, plan: Plan) -> None:
        self.network, self.optimiser, self.plan = network, optimiser, plan
        self.step = self.epoch = self.best_epoch = 0
        self.best: dict[str, Array] = {}
        self.average = _copied(self.arrays()) if plan.averaging is not None else {}
        self.history = History()

    def arrays(self) -> dict[str, Array]:
        return {**self.network.parameters(), **self.network.statistics()}

    def follow(self, shards: list[_Shard]) -> None:
        """Update the layers' statistics after a step, then the average of weights and statistics."""
        for shard in shards:
            for layer in self.network.layers:
                layer.observe(shard.workspace)
        if self.plan.averaging is not None:
            # A young average forgets faster; otherwise it would keep the first, random weights.
            decay = min(self.plan.averaging, (1 + self.step) / (10 + self.step))
            for name, array in self.arrays().items():
                self.average[name] += (1 - decay) * (array - self.average[name])

    def validate(self, validate: Callable[[Network], dict[str, float]]) -> dict[str, float]:
        """Score what would be kept, and note it if it is the best so far (fewest errors, then least loss)."""
        now = _copied(self.arrays())
        self.network.restore(self.average or now)
        scores = validate(self.network)
        self.history.validation.append({"epoch": self.epoch, **scores})
        best = min(self.history.validation, key=lambda row: (row["errors"], row["loss"]))
        if best["epoch"] == self.epoch:
            self.best = _copied(self.arrays())
            self.best_epoch = self.epoch
        self.network.restore(now)
        return scores

    def stopped(self, patience: int | None) -> bool:
        return patience is not None and self.epoch - self.best_epoch >= patience

    def save(self, checkpoint: Checkpoint) -> None:
        groups = {"now": self.arrays(), "best": self.best, "average": self.average, "optimiser": self.optimiser.state}
        arrays = {f"{group}/{name}": array for group, held in groups.items() for name, array in held.items()}
        state = {
            "step": self.step,
            "epoch": self.epoch,
            "best_epoch": self.best_epoch,
            "history": vars(self.history),
        }
        checkpoint.save(arrays, state)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Continue from `checkpoint` where it is to be resumed; ArtifactError where it does not fit the network."""
        kept = checkpoint.load()
        if kept is None:
            return
        arrays, state = kept
        groups: dict[str, dict[str, Array]] = {"now": {}, "best": {}, "average": {}, "optimiser": {}}
        try:
            for name, array in arrays.items():
                group, own_name = name.split("/")
                groups[group][own_name] = array.copy()
            if groups["average"].keys() != self.average.keys():
                raise ValueError("it and this run do not both average their weights")
            self.network.restore(groups["now"])
            self.step, self.epoch, self.best_epoch = state["step"], state["epoch"], state["best_epoch"]
            self.history = History(**state["history"])
        except (ValueError, KeyError, TypeError) as error:
            raise ArtifactError(f"{checkpoint.path} does not fit this run: {error}") from error
        self.best, self.average, self.optimiser.state = groups["best"], groups["average"], groups["optimiser"]


def _copied(arrays: dict[str, Array]) -> dict[str, Array]:
    return {name: array.copy() for name, array in arrays.items()}


def prefetch(items: Iterator[Item], ahead: int = 3) -> Iterator[Item]:
    """Yield `items` in order, while a thread makes up to `ahead` of the next ones."""
    nothing = object()
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(next, items, nothing) for _ in range(ahead)]
        while (item := waiting.pop(0).result()) is not nothing:
            waiting.append(pool.submit(next, items, nothing))
            yield item  # type: ignore[misc]  # `nothing` is the one object that is no Item
