"""Fit the network that slides over strips, on strips made of MNIST's training digits 0 to 49,999.

Strips of 50,000 to 54,999 show which epoch is best and how sure to be; both kinds are drawn from the fitting world. It
starts from the weights of a network that reads single digits. The strips, which it makes first, and the checkpoints are
kept beside the artifact until that is written: `--resume` continues from them.
Example: python scripts/fit_strips.py model/weights/cnn.npz --data data/mnist --out data/models/strips.npz
"""

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from model import artifact
from model.arrays import ArtifactError
from model.classifiers.committee import Committee
from model.engine.ctc import NOTHING
from model.engine.network import Network
from model.picture.ink import find_ink
from model.picture.printed_lines import without_printed_lines
from model.strips.band import band_of
from model.strips.line import find_line
from model.training import mnist
from model.training.checkpoint import Checkpoint
from model.training.recipes.recipe import DRAWN, Run, about
from model.training.recipes.strips import MOST_DIGITS, ROWS, Bands, fitted, started
from shared import Bar, conditions, data_folder, provenance
from synthesis.marks import KINDS
from synthesis.strips import Writer
from synthesis.worlds import FIT

# More than postal codes show: marks between digits, long dashes, digits of unequal sizes, so that amounts are read too.
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
ROUND = 0.15  # of the numbers end in zeros, as amounts do
STATISTICS = 2_000  # digits that the first normalisations are measured on
BLOCK = 250  # strips per task: every task is sent the digits, 39 MB


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
        line = find_line(without_printed_lines(find_ink(strip.picture).strength))
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


def kept(checkpoint: Checkpoint, make: Callable[[], Bands]) -> Bands:
    """Return the bands that a run to resume kept in `checkpoint`, or else those from `make`, and keep them there."""
    there = checkpoint.load()
    if there is not None:
        return Bands(**there[0])
    bands = make()
    checkpoint.save(vars(bands), {})
    return bands


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=Path, help="the artifact of the recipe cnn to start from")
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument("--out", type=Path, default=Path("data/models/strips.npz"), help="the artifact (%(default)s)")
    parser.add_argument("--strips", type=int, default=64_000, help="how many strips to fit on (%(default)s)")
    parser.add_argument("--validation", type=int, default=1_000, help="how many to choose the epoch by (%(default)s)")
    parser.add_argument("--epochs", type=int, default=9, help="how often each strip is seen (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same weights (1)")
    parser.add_argument("--resume", action="store_true", help="continue from the last checkpoint")
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
        recipe = {
            "name": "strips", "strips": options.strips, "validation": options.validation, "epochs": options.epochs,
            "kind_shares": KIND_SHARES, "round": ROUND, "world": asdict(AMOUNTS)
        }  # fmt: skip
        with threadpool_limits(1, user_api="blas"):  # each shard has a thread of its own
            run = conditions(recipe, options.seed, "full", data=digits.sha256, start=start.sha256)
            checkpoint = Checkpoint(options.out, run, options.resume)
            if not options.resume:
                checkpoint.forget()
            to_choose_by = kept(
                checkpoint.part("strips-to-choose-by"),
                lambda: gathered(held_out, options.validation, options.seed + 1, "strips to choose by"),
            )
            to_fit = kept(
                checkpoint.part("strips-to-fit-on"),
                lambda: gathered(fit, options.strips, options.seed, "strips to fit on"),
            )
            bar = Bar("strips")
            trained = fitted(network, to_fit, to_choose_by, options.epochs, Run(options.seed, "full", checkpoint, bar))
        trained.header["training"] = {
            **about(fit, DRAWN),
            "strips": len(to_fit),
            "start": {"name": start.name, "version": start.version, "sha256": start.sha256},
        }
        artifact.save(options.out, trained.classifier, provenance(run, trained))
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"fit_strips.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fit_strips.py: stopped; --resume continues", file=sys.stderr)
        return 130
    finally:
        if bar is not None:
            bar.close()
    checkpoint.forget()
    print(f"Scores: {trained.header['scores']}. Wrote {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
