"""Fit the network that slides over strips, on strips made of MNIST's training digits 0 to 49,999.

Strips of 50,000 to 54,999 say which epoch is best and how sure to be; both are of the fitting world. It starts from the
weights of a network that reads single digits. The strips that it makes first are kept beside the artifact until it is
written, and so are checkpoints: `--resume` goes on.
Example: python scripts/fit_strips.py model/weights/cnn.npz --data data/mnist --out data/models/strips.npz
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from model import artifact, mnist
from model.arrays import ArtifactError, read_arrays, write_arrays
from model.committee import Committee
from model.ctc import NOTHING, TemporalClassification
from model.folding import folded
from model.geometry import SIZE
from model.ink import find_ink
from model.layers import BatchNorm, Conv2D, Dense, Layer
from model.network import Network
from model.optimisers import Adam
from model.recipes.recipe import Trained
from model.strips import sliding
from model.strips.band import band_of
from model.strips.decoding import best_path
from model.strips.distortion import BandDistortion
from model.strips.line import find_line
from model.strips.rules import without_rules
from model.training import Batch, Plan, train, warm_up_then_cosine
from model.workspace import Workspace
from strip_marks import KINDS
from strip_pictures import Writer
from strip_worlds import FIT
from train import VERSION, Bar, data_folder, provenance

# More than postal codes show: marks between digits, long dashes, digits of unlike sizes, so that amounts are read too.
AMOUNTS = replace(
    FIT,
    separators=0.1,
    endings=0.5,
    ending_length=(0.2, 1.4),
    mark_pens=(0.04, 0.17),
    mark_heights=(0.15, 0.85),
    size_jitter=0.25,
    stretch=(0.8, 1.55),
    drawn=0.14,
    hooked=0.45,
    letters=0.04,
    linked=0.6,
)
KIND_SHARES = (0.1, 0.3, 0.42, 0.18)
ROUND = 0.15  # of the numbers end in noughts, as amounts do
ROWS = 40  # of a band that is kept: distortions move rows in and out
MOST_DIGITS = 9
BLOCK = 250  # strips a task: each is sent the digits, 39 MB
BATCH = 48
SORTED = 40  # mini-batches whose strips are sorted by width, so that little paper is added to any
SHARDS = 2
RATE = 1.5e-3
STATISTICS = 2_000  # digits that the first normalisations are measured on
EVALUATED = 16  # strips at once in validation
BOUNDS = (0.5, 3.0)  # of temperatures


@dataclass(frozen=True)
class Bands:
    """Bands of strips, in order of width: bytes of ROWS rows each, one after the other; and their codes, (N, 9)."""

    flat: NDArray[np.uint8]
    widths: NDArray[np.int64]
    codes: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.widths)

    def padded(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the bands of those indices with paper on their right, (n, ROWS, W) float32 in [0, 1]."""
        ends = np.cumsum(ROWS * self.widths)
        bands = np.zeros((len(rows), ROWS, int(self.widths[rows].max())), np.float32)
        for band, row in zip(bands, rows, strict=True):
            width = self.widths[row]
            band[:, :width] = self.flat[ends[row] - ROWS * width : ends[row]].reshape(ROWS, width)
        bands /= 255
        return bands


def made(digits: mnist.Digits, seed: tuple[int, int], count: int) -> list[tuple[NDArray[np.uint8], str]]:
    """Return the bands (ROWS, W) of `count` new strips, and their codes."""
    random = np.random.default_rng(seed)
    writer = Writer(digits, AMOUNTS, random)
    found = []
    for _ in range(count):
        length = 5 if random.random() < 0.4 else int(random.integers(1, MOST_DIGITS + 1))
        kind = KINDS[int(random.choice(len(KINDS), p=KIND_SHARES))]
        number = random.integers(0, 10, length)
        if random.random() < ROUND:
            number[1 + int(random.integers(length)) :] = 0
        strip = writer.write("".join(map(str, number)), kind)
        line = find_line(without_rules(find_ink(strip.picture).strength))
        if line is not None:
            band = band_of(line, ROWS).image
            found.append((np.round(255 * np.clip(band, 0, 1)).astype(np.uint8), strip.code))
    return found


def gathered(digits: mnist.Digits, count: int, seed: int, name: str) -> Bands:
    """Return the bands of `count` strips, made on all cores."""
    tasks = -(-count // BLOCK)
    with ProcessPoolExecutor() as pool:
        waiting = [pool.submit(made, digits, (seed, task), min(BLOCK, count - task * BLOCK)) for task in range(tasks)]
        strips = [strip for each in tqdm(waiting, desc=name) for strip in each.result()]
    strips.sort(key=lambda strip: strip[0].shape[1])
    codes = np.full((len(strips), MOST_DIGITS), NOTHING, np.int8)
    for row, (_, code) in zip(codes, strips, strict=True):
        row[: len(code)] = [int(digit) for digit in code]
    widths = np.array([band.shape[1] for band, _ in strips])
    return Bands(np.concatenate([band.ravel() for band, _ in strips]), widths, codes)


def kept(path: Path, make: Callable[[], Bands], *, resume: bool) -> Bands:
    """Return the bands that the run to `resume` left at `path`, or else those that `make` does, and leave them."""
    if resume and path.exists():
        return Bands(**read_arrays(path)[0])
    bands = make()
    write_arrays(path, vars(bands), {})
    return bands


def started(reader: Network, images: NDArray[np.float32]) -> Network:
    """Return a network to fit that says of each window what `reader` says of a digit.

    Its normalisations are measured on `images` (N, 28, 28), so that they change nothing at first.
    """
    given: list[Layer] = [layer for layer in folded(reader).layers if isinstance(layer, Conv2D | Dense)]
    network = Network(sliding.layers(), TemporalClassification(), reader.normalisation)
    if len(given) != sum(isinstance(layer, Conv2D) for layer in network.layers):
        raise ArtifactError("the network to start from must be of the recipe cnn")
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
    """Return the function that scores a network: the share of strips misread, by the best path, and the cost."""

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
    middle = slice((ROWS - SIZE) // 2, (ROWS + SIZE) // 2)
    for start in range(0, len(bands), EVALUATED):
        rows = np.arange(start, min(start + EVALUATED, len(bands)))
        yield network.logits(bands.padded(rows)[:, middle]), bands.codes[rows]


def fitted(network: Network, bands: Bands, held_out: Bands, options: argparse.Namespace, bar: Bar) -> Trained:
    distortion = BandDistortion()

    def batches(epoch: int) -> Iterator[Batch]:
        random = np.random.default_rng([options.seed, epoch])
        order = random.permutation(len(bands))
        for start in range(0, len(order), BATCH * SORTED):
            some = np.sort(order[start : start + BATCH * SORTED])  # bands are in order of width
            parts = np.array_split(some, -(-len(some) // BATCH))
            for part in random.permutation(len(parts)):
                copies = distortion.apply(bands.padded(parts[part]), random)
                yield network.normalisation.apply(copies), bands.codes[parts[part]]

    chunks = [min(BATCH * SORTED, len(bands) - start) for start in range(0, len(bands), BATCH * SORTED)]
    steps = options.epochs * sum(-(-chunk // BATCH) for chunk in chunks)
    validate = validator(held_out)
    plan = Plan(
        steps, RATE, lambda share: warm_up_then_cosine(share, 0.03), averaging=0.998, shards=SHARDS
    )  # fmt: skip
    history = train(
        network,
        Adam(weight_decay=0.02),
        batches,
        plan,
        seed=options.seed,
        validate=validate,
        checkpoint=options.out.with_suffix(".checkpoint.npz"),
        resume=options.resume,
        progress=bar,
    )
    network = folded(network)
    network.temperature = temperature(network, held_out)
    return Trained(network, history, {"training": {}, "scores": {"validation": validate(network)}})


def temperature(network: Network, bands: Bands) -> float:
    """Return the temperature under which the codes of `bands` cost least, by golden-section search."""
    outputs = list(_outputs(network, bands))

    def cost(at: float) -> float:
        return sum(network.loss.value(logits / at, codes) * len(codes) for logits, codes in outputs)

    golden, (low, high) = (5**0.5 - 1) / 2, BOUNDS
    while high - low > 0.01:
        first, second = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, second) if cost(first) < cost(second) else (first, high)
    return (low + high) / 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=Path, help="the artifact of the recipe cnn to start from")
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument("--out", type=Path, default=Path("data/models/strips.npz"), help="the artifact (%(default)s)")
    parser.add_argument("--strips", type=int, default=64_000, help="how many strips to fit on (%(default)s)")
    parser.add_argument("--validation", type=int, default=1_000, help="how many to choose by (%(default)s)")
    parser.add_argument("--epochs", type=int, default=9, help="how often each strip is seen (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same weights (1)")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    options = parser.parse_args()
    if min(options.strips, options.validation, options.epochs) < 1 or options.seed < 0:
        parser.error(
            f"--strips, --validation and --epochs must be at least 1 and --seed at least 0; "
            f"got {options.strips}, {options.validation}, {options.epochs} and {options.seed}"
        )
    bar = None
    try:
        start = artifact.load_digits(options.start)
        reader = start.classifier.first if isinstance(start.classifier, Committee) else start.classifier
        if not isinstance(reader, Network):
            raise ArtifactError(f"{options.start} holds a {start.header['kind']}, not a network")
        digits = mnist.load(data_folder(options.data))
        fit, held_out = digits[mnist.FIT], digits[mnist.VALIDATION]
        network = started(reader, mnist.as_ink(fit.images[:STATISTICS]))
        beside = [options.out.with_suffix(f".{part}.checkpoint.npz") for part in ("validation", "fit")]
        to_choose_by = kept(
            beside[0],
            lambda: gathered(held_out, options.validation, options.seed + 1, "strips to choose by"),
            resume=options.resume,
        )
        to_fit = kept(
            beside[1], lambda: gathered(fit, options.strips, options.seed, "strips to fit on"), resume=options.resume
        )
        bar = Bar("strips")
        with threadpool_limits(1, user_api="blas"):  # shards are threads of their own
            trained = fitted(network, to_fit, to_choose_by, options, bar)
        trained.header["training"] = {
            "data": f"{len(to_fit)} strips of MNIST training images and of digits and letters drawn by the project",
            "images": [mnist.FIT.start, mnist.FIT.stop],
            "sha256": digits.sha256,
            "start": {"name": start.name, "version": start.version, "sha256": start.sha256},
        }
        recipe = {
            "name": "strips", "strips": options.strips, "validation": options.validation, "epochs": options.epochs
        }  # fmt: skip
        header = {"name": "strips", "version": VERSION, **provenance(recipe, trained, options.seed, "full")}
        artifact.save(options.out, trained.classifier, header)
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"fit_strips.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fit_strips.py: stopped; --resume goes on", file=sys.stderr)
        return 130
    finally:
        if bar is not None:
            bar.close()
    for path in (*beside, options.out.with_suffix(".checkpoint.npz")):
        path.unlink(missing_ok=True)
    print(f"Scores: {header['scores']}. Wrote {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
