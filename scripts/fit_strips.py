"""Fit the network that tells digits from marks and from wrong cuts, on strips made of MNIST's training digits.

Strips of digits 0 to 49,999 fit it, strips of 50,000 to 54,999 say when to stop; both are of the fitting world.
Example: python scripts/fit_strips.py --data data/mnist --out model/weights/strips.npz
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model import artifact, initialisation, mnist
from model.ink import find_ink
from model.layers import Dense, Layer, ReLU
from model.losses import SoftmaxCrossEntropy
from model.network import Network
from model.normalisation import Normalisation
from model.optimisers import Adam
from model.recipes.recipe import Trained
from model.strips.line import Line, find_line
from model.strips.rules import without_rules
from model.strips.scorer import DIGIT, MARK, OTHER
from model.strips.seams import Pieces, cut
from model.strips.units import FEATURES, Units, units_of
from model.training import Batch, Plan, train, warm_up_then_cosine
from strip_pictures import FIT, KINDS, Strip, Writer
from strip_pictures import MARK as MARKED
from train import VERSION, Bar, data_folder, provenance

# More than postal codes show: marks between digits, long dashes, digits of unlike sizes, so that amounts are read too.
AMOUNTS = replace(
    FIT,
    separators=0.15,
    endings=0.7,
    ending_length=(0.2, 1.4),
    mark_pens=(0.04, 0.17),
    mark_heights=(0.15, 0.85),
    size_jitter=0.22,
    stretch=(0.8, 1.45),
)
UNCLEAR = -1
BLOCK = 250  # strips a task: each is sent the digits, 39 MB
BATCH = 256
HIDDEN = 96
EPOCHS = 12
MARKS_WEIGH = 4
LEAST_QUALITY = 0.65  # of the best unit there is for a digit: where it is worse, the digit is in no unit
AS_GOOD = 0.05  # below the best: a unit is that digit too
NEARLY = 0.2  # below the best: nobody can say; worse, and it is not
FOREIGN = 0.12  # of a digit's ink: a mark may hold as much of it


def labels_of(strip: Strip, line: Line, pieces: Pieces, units: Units) -> NDArray[np.int8]:
    """Return for each unit of `strip` whether it is a DIGIT, a MARK, OTHER or UNCLEAR, (N,)."""
    kinds = len(strip.code) + 2
    places = line.on_source(pieces.owners)
    owners = strip.owners[line.top :, line.left :][: places.shape[0], : places.shape[1]].astype(np.int64)
    owners[owners == MARKED] = kinds - 1
    cut_up = places >= 0
    flat = places[cut_up].astype(np.int64) * kinds + owners[cut_up]
    ink = np.bincount(flat, weights=line.source[cut_up], minlength=len(pieces) * kinds).reshape(-1, kinds)
    totals = np.concatenate([np.zeros((1, kinds)), np.cumsum(ink, axis=0)])
    held = totals[units.ends] - totals[units.firsts]
    digits = held[:, 1:-1]
    inks = np.maximum(totals[-1, 1:-1], 1e-6)
    shares = digits / inks
    foreign = (digits.sum(axis=1) + held[:, -1])[:, None] - digits
    # How much of the digit a unit holds, or how little of anything else, whichever is worse.
    qualities = np.minimum(shares, 1 - foreign / inks)
    best = qualities.max(axis=0, initial=0)
    labels = np.full(len(units), OTHER, np.int8)
    labels[((qualities >= best - NEARLY) & (qualities >= LEAST_QUALITY - NEARLY)).any(axis=1)] = UNCLEAR
    labels[((qualities >= best - AS_GOOD) & (qualities >= LEAST_QUALITY)).any(axis=1)] = DIGIT
    share = shares.max(axis=1)
    strange = held[:, -1] + held[:, 0]
    labels[(share <= FOREIGN) & (strange >= 2 * digits.sum(axis=1))] = MARK
    return labels


def made(digits: mnist.Digits, seed: tuple[int, int], count: int) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    """Return features (N, FEATURES), quantised, and labels (N,) of the units of `count` new strips."""
    random = np.random.default_rng(seed)
    writer = Writer(digits, AMOUNTS, random)
    features, labels = [], []
    for _ in range(count):
        length = 5 if random.random() < 0.4 else int(random.integers(1, 10))
        kind = KINDS[int(random.choice(4, p=(0.1, 0.3, 0.4, 0.2)))]
        strip = writer.write("".join(map(str, random.integers(0, 10, length))), kind)
        line = find_line(without_rules(find_ink(strip.picture).strength))
        if line is None:
            continue
        pieces = cut(line)
        units = units_of(line, pieces)
        told = labels_of(strip, line, pieces, units)
        # Marks are rare here and common in amounts.
        clear = np.repeat(np.arange(len(told)), np.where(told == UNCLEAR, 0, np.where(told == MARK, MARKS_WEIGH, 1)))
        features.append(quantised(units.features[clear]))
        labels.append(told[clear])
    return np.concatenate(features), np.concatenate(labels)


# A byte a feature, so that those of a hundred thousand strips fit in memory; views are 0 to 1, shapes -0.6 to 1.6.
def quantised(features: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.round((features + 0.6) * 100), 0, 255).astype(np.uint8)


def restored(features: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(features.astype(np.float32) / 100 - np.float32(0.6), np.float32)


def gathered(digits: mnist.Digits, count: int, seed: int, name: str) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    """Return what `made` gives for `count` strips, on all cores."""
    tasks = -(-count // BLOCK)
    with ProcessPoolExecutor() as pool:
        waiting = [pool.submit(made, digits, (seed, task), min(BLOCK, count - task * BLOCK)) for task in range(tasks)]
        parts = [each.result() for each in tqdm(waiting, desc=name)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def one_hot(labels: NDArray[np.int8]) -> NDArray[np.float32]:
    targets: NDArray[np.float32] = (labels[:, None] == np.arange(3)).astype(np.float32)
    return targets


def validator(features: NDArray[np.uint8], labels: NDArray[np.int8]) -> Callable[[Network], dict[str, float]]:
    """Return the function that scores a network: its errors and its loss."""

    def validate(network: Network) -> dict[str, float]:
        logits = np.concatenate(
            [network.logits(restored(features[at : at + 4096])) for at in range(0, len(features), 4096)]
        )
        return {
            "errors": float((logits.argmax(axis=1) != labels).mean()),
            "loss": network.loss.value(logits, one_hot(labels)),
        }

    return validate


def fitted(
    features: NDArray[np.uint8], labels: NDArray[np.int8], validate: Callable[[Network], dict[str, float]], seed: int,
    bar: Bar,
) -> Trained:  # fmt: skip
    layers: list[Layer] = [Dense(FEATURES, HIDDEN), ReLU(), Dense(HIDDEN, 3)]
    initialisation.he(layers, seed)
    network = Network(layers, SoftmaxCrossEntropy(), Normalisation.identity())

    def batches(epoch: int) -> Iterator[Batch]:
        order = np.random.default_rng([seed, epoch]).permutation(len(labels))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            yield restored(features[rows]), one_hot(labels[rows])

    plan = Plan(EPOCHS * -(-len(labels) // BATCH), 1.5e-3, warm_up_then_cosine)
    history = train(network, Adam(weight_decay=0.02), batches, plan, seed=seed, validate=validate, progress=bar)
    return Trained(network, history, {"training": {}, "scores": {"validation": validate(network)}})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument("--out", type=Path, default=Path("model/weights/strips.npz"), help="the artifact (%(default)s)")
    parser.add_argument("--strips", type=int, default=5_000, help="how many strips to fit on (%(default)s)")
    parser.add_argument("--validation", type=int, default=1_000, help="how many to stop by (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same weights (1)")
    options = parser.parse_args()
    if min(options.strips, options.validation) < 1 or options.seed < 0:
        parser.error(f"--strips must be at least 1 and --seed at least 0; got {options.strips} and {options.seed}")
    bar = None
    try:
        digits = mnist.load(data_folder(options.data))
        held_out = gathered(digits[mnist.VALIDATION], options.validation, options.seed + 1, "strips to validate on")
        features, labels = gathered(digits[mnist.FIT], options.strips, options.seed, "strips to fit on")
        bar = Bar("strips")
        trained = fitted(features, labels, validator(*held_out), options.seed, bar)
        trained.header["training"] = {
            "data": f"{options.strips} strips of MNIST training images",
            "images": [mnist.FIT.start, mnist.FIT.stop],
            "sha256": digits.sha256,
            "units": {
                name: int((labels == k).sum()) for name, k in (("digit", DIGIT), ("mark", MARK), ("other", OTHER))
            },
        }
        recipe = {"name": "strips", "strips": options.strips, "validation": options.validation}
        header = {"name": "strips", "version": VERSION, **provenance(recipe, trained, options.seed, "full")}
        artifact.save(options.out, trained.classifier, header)
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"fit_strips.py: {error}", file=sys.stderr)
        return 1
    finally:
        if bar is not None:
            bar.close()
    print(f"Scores: {header['scores']}. Wrote {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
