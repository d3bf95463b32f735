"""Fit the network that slides over strips, on strips made of MNIST's training digits 0 to 49,999 and of others' digits.

Strips of 50,000 to 54,999 show how well it reads and how sure to be; both kinds are drawn from the fitting world. It
starts from the weights of a network that reads single digits, or of one that it fitted before. The strips, which it
makes first, and the checkpoints are kept beside the artifact until that is written: `--resume` continues from them.
Example: python scripts/fit_strips.py model/weights/cnn.npz --data data/mnist --out data/models/strips.npz
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from threadpoolctl import threadpool_limits

from model import artifact
from model.arrays import ArtifactError
from model.classifiers.committee import Committee
from model.engine.network import Network
from model.training import elsewhere, mnist
from model.training.checkpoint import Checkpoint
from model.training.recipes.recipe import DRAWN, Run, about
from model.training.recipes.strips import RATE, Bands, fitted, started
from shared import Bar, conditions, data_folder, provenance
from synthesis import typeset
from synthesis.fitting_lines import AMOUNTS, KIND_SHARES, NO_CODE, PRINT, ROUND, WORDS, Sources, gathered

STATISTICS = 400  # bands that the first normalisations are measured on


def kept(checkpoint: Checkpoint, make: Callable[[], Bands]) -> Bands:
    """Return the bands that a run to resume kept in `checkpoint`, or else those from `make`, and keep them there."""
    there = checkpoint.load()
    if there is not None:
        return Bands(**there[0])
    bands = make()
    checkpoint.save(vars(bands), {})
    return bands


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("start", type=Path, help="the artifact to start from, of the recipe cnn or of this command")
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument(
        "--also", type=Path, nargs="+", default=[], metavar="FILE.npz", help="optdigits.npz, semeion.npz (MNIST alone)"
    )
    made.add_argument("--fonts", type=Path, nargs="+", default=[], metavar="DIR", help="folders of fonts (no print)")
    made.add_argument("--out", type=Path, default=Path("data/models/strips.npz"), help="the artifact (%(default)s)")
    made.add_argument("--strips", type=int, default=64_000, help="how many strips to fit on (%(default)s)")
    made.add_argument("--validation", type=int, default=1_000, help="how many to choose the epoch by (%(default)s)")
    made.add_argument("--epochs", type=int, default=9, help="how often each strip is seen (%(default)s)")
    made.add_argument("--rate", type=float, default=RATE, help="the highest learning rate (%(default)s)")
    made.add_argument("--seed", type=int, default=1, help="the same seed gives the same weights (1)")
    made.add_argument("--resume", action="store_true", help="continue from the last checkpoint")
    return made


def main() -> int:
    options = parser().parse_args()
    if min(options.strips, options.validation, options.epochs) < 1 or options.seed < 0:
        parser().error(
            f"--strips, --validation and --epochs must be at least 1 and --seed at least 0; "
            f"got {options.strips}, {options.validation}, {options.epochs} and {options.seed}"
        )
    bar = None
    try:
        start = artifact.load(options.start)
        reader = start.classifier.first if isinstance(start.classifier, Committee) else start.classifier
        if not isinstance(reader, Network):
            raise ArtifactError(f"{options.start} holds a {start.header['kind']}, not a network")
        digits = mnist.load(data_folder(options.data))
        fit, held_out = digits[mnist.FIT], digits[mnist.VALIDATION]
        sets = [elsewhere.load(path) for path in options.also]
        fonts = typeset.find(options.fonts) if options.fonts else None
        printed = (fonts.digits(),) if fonts else ()
        recipe = {
            "name": "strips", "strips": options.strips, "validation": options.validation, "epochs": options.epochs,
            "rate": options.rate, "kind_shares": KIND_SHARES, "round": ROUND, "no_code": NO_CODE,
            "no_code_shares": (PRINT, WORDS), "world": asdict(AMOUNTS)
        }  # fmt: skip
        with threadpool_limits(1, user_api="blas"):  # each shard has a thread of its own
            also = {each.source.name: each.digits.sha256 for each in sets} | ({"fonts": fonts.sha256} if fonts else {})
            run = conditions(recipe, options.seed, "full", data=digits.sha256, start=start.sha256, **also)
            checkpoint = Checkpoint(options.out, run, options.resume)
            if not options.resume:
                checkpoint.forget()
            to_choose_by = kept(
                checkpoint.part("strips-to-choose-by"),
                lambda: gathered(
                    Sources(held_out, (*(each.validation for each in sets), *printed), fonts),
                    options.validation,
                    options.seed + 1,
                    "strips to choose by",
                ),
            )
            to_fit = kept(
                checkpoint.part("strips-to-fit-on"),
                lambda: gathered(
                    Sources(fit, (*(each.fit for each in sets), *printed), fonts),
                    options.strips,
                    options.seed,
                    "strips to fit on",
                ),
            )
            network = started(reader, to_fit.typical(STATISTICS))
            bar = Bar("strips")
            trained = fitted(
                network, to_fit, to_choose_by, options.epochs, Run(options.seed, "full", checkpoint, bar), options.rate
            )
        trained.header["training"] = {
            **about(fit, DRAWN, *(each.about() for each in sets), *([fonts.about()] if fonts else [])),
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
