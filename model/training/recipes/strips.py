"""The networks that slide over strips: the layers of a digit network, fitted to bands of whole codes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.arrays import ArtifactError
from model.engine.batch_norm import BatchNorm
from model.engine.convolution import Conv2D
from model.engine.ctc import NOTHING, TemporalClassification
from model.engine.dense import Dense, Dropout, ReLU
from model.engine.folding import folded
from model.engine.layer import Layer
from model.engine.network import Network
from model.engine.pooling import ToImages
from model.engine.workspace import Workspace
from model.training import calibration
from model.training.band_distortion import BandDistortion
from model.training.loop import Batch, Plan, train, warm_up_then_cosine
from model.training.optimisers import Adam
from model.training.recipes.cnn import CONVOLUTIONS, LAST_SIDE
from model.training.recipes.recipe import Run, Trained
from model.types import CLASSES, SIDE

ROWS = 40  # rows of a band that are kept: distortions move rows in and out
MOST_DIGITS = 9
BATCH = 48
SORTED = 40  # mini-batches whose strips are sorted by width together, so that little paper is added to each
SHARDS = 2
RATE = 1.5e-3
EVALUATED = 16  # strips at once in validation
BOUNDS = (0.5, 3.0)  # of temperatures
DROPOUT = 0.2
_MIDDLE = slice((ROWS - SIDE) // 2, (ROWS + SIDE) // 2)  # the rows of a band that a network sees


@dataclass(frozen=True)
class Bands:
    """Bands of strips in order of width, as bytes, ROWS rows each, one band after another; and their codes, (N, 9)."""

    flat: NDArray[np.uint8]
    widths: NDArray[np.int64]
    codes: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.widths)

    def typical(self, count: int) -> NDArray[np.float32]:
        """Return the middle SIDE rows of the `count` bands nearest to the median width, (n, SIDE, W)."""
        first = max(0, (len(self) - count) // 2)
        return self.padded(np.arange(first, min(len(self), first + count)))[:, _MIDDLE]

    def padded(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the bands with these indices, padded with paper on the right, (n, ROWS, W) float32 in [0, 1]."""
        ends = np.cumsum(ROWS * self.widths)
        bands = np.zeros((len(rows), ROWS, int(self.widths[rows].max())), np.float32)
        for band, row in zip(bands, rows, strict=True):
            width = self.widths[row]
            band[:, :width] = self.flat[ends[row] - ROWS * width : ends[row]].reshape(ROWS, width)
        bands /= 255
        return bands


def layers() -> list[Layer]:
    """Return the layers used in training, from bands (N, 28 · W) to logits (N, 1, T, 11)."""
    made: list[Layer] = [ToImages(SIDE)]
    inputs = 1
    for outputs, stride in CONVOLUTIONS:
        made += [Conv2D(inputs, outputs, 3, stride, bias=False), BatchNorm(outputs), ReLU()]
        inputs = outputs
    return [*made, Dropout(DROPOUT), Conv2D(inputs, CLASSES + 1, LAST_SIDE)]


def started(reader: Network, images: NDArray[np.float32]) -> Network:
    """Return a network to fit that at first says of each window what `reader`, of digits or of strips, says of it.

    Its normalisations start with statistics measured on `images` (N, 28, W), so that they change nothing there: digits,
    or better the bands that it will be fitted to.
    """
    given: list[Layer] = [layer for layer in folded(reader).layers if isinstance(layer, Conv2D | Dense)]
    network = Network(layers(), TemporalClassification(), reader.normalisation)
    if len(given) != sum(isinstance(layer, Conv2D) for layer in network.layers):
        raise ArtifactError("the network to start from must be made by the recipe cnn or strips")
    workspace, values = Workspace(), reader.normalisation.apply(images)
    for layer in network.layers:
        if isinstance(layer, Conv2D):
            before = given.pop(0).parameters()
            layer.weights[...] = before["weights"].reshape(layer.weights.shape)
            if layer.bias is not None:
                layer.bias[...] = before["bias"]
        if isinstance(layer, BatchNorm):
            layer.mean[...], layer.variance[...] = values.mean(axis=(0, 1, 2)), values.var(axis=(0, 1, 2))
            layer.scale[...], layer.shift[...] = np.sqrt(layer.variance), layer.mean + before["bias"]
        values = layer.forward(values, workspace)
    return network


def validator(bands: Bands) -> Callable[[Network], dict[str, float]]:
    """Return the function that scores a network: the share of strips that the best path misreads, and the cost."""

    def validate(network: Network) -> dict[str, float]:
        wrong, cost = 0, 0.0
        for logits, codes in _outputs(network, bands):
            cost += network.loss.value(logits, codes) * len(codes)
            read = [best_path(each) for each in logits[:, 0]]
            wrong += sum(
                text != "".join(map(str, code[code != NOTHING])) for text, code in zip(read, codes, strict=True)
            )
        return {"errors": wrong / len(bands), "loss": cost / len(bands)}

    return validate


def _outputs(network: Network, bands: Bands) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int8]]]:
    """Yield the logits of a few bands at a time, and their codes."""
    for start in range(0, len(bands), EVALUATED):
        rows = np.arange(start, min(start + EVALUATED, len(bands)))
        yield network.logits(bands.padded(rows)[:, _MIDDLE]), bands.codes[rows]


def fitted(network: Network, bands: Bands, held_out: Bands, epochs: int, run: Run, rate: float = RATE) -> Trained:
    """Return `network` fitted to `bands` as `train` keeps it, folded, and calibrated on `held_out`."""
    distortion = BandDistortion()

    def batches(epoch: int) -> Iterator[Batch]:
        random = np.random.default_rng([run.seed, epoch])
        order = random.permutation(len(bands))
        for start in range(0, len(order), BATCH * SORTED):
            some = np.sort(order[start : start + BATCH * SORTED])  # bands are in order of width
            parts = np.array_split(some, -(-len(some) // BATCH))
            for part in random.permutation(len(parts)):
                copies = distortion.apply(bands.padded(parts[part]), random)
                yield network.normalisation.apply(copies), bands.codes[parts[part]]

    chunks = [min(BATCH * SORTED, len(bands) - start) for start in range(0, len(bands), BATCH * SORTED)]
    steps = epochs * sum(-(-chunk // BATCH) for chunk in chunks)
    validate = validator(held_out)
    plan = Plan(
        steps, rate, lambda share: warm_up_then_cosine(share, 0.03), averaging=0.998, shards=SHARDS
    )  # fmt: skip
    history = train(
        network,
        Adam(weight_decay=0.02),
        batches,
        plan,
        seed=run.seed,
        validate=validate,
        checkpoint=run.checkpoint,
        progress=run.progress,
    )
    network = folded(network)
    network.temperature = temperature(network, held_out)
    return Trained(network, history, {"training": {}, "scores": {"validation": validate(network)}})


def temperature(network: Network, bands: Bands) -> float:
    """Return the temperature at which the codes of `bands` cost least."""
    outputs = list(_outputs(network, bands))

    def cost(at: float) -> float:
        return sum(network.loss.value(logits / at, codes) * len(codes) for logits, codes in outputs)

    return calibration.least(cost, *BOUNDS, tolerance=0.01)


def best_path(scores: NDArray[np.floating]) -> str:
    """Return what the likeliest classes of the frames spell. scores: (T, 11), chances or logits."""
    best = scores.argmax(axis=1)
    changes = np.concatenate([[True], best[1:] != best[:-1]])
    return "".join(str(digit) for digit in best[changes] if digit != scores.shape[1] - 1)
