"""Fit the network that tells digits from digits upside down, on MNIST's training digits 0 to 49,999 and drawn ones.

The digits from 50,000 to 54,999 show how well it does, and how sure to be.
Example: python scripts/fit_upright.py --data data/mnist --out data/models/upright.npz
"""

import argparse
import sys
from dataclasses import asdict, replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from model import artifact
from model.training import mnist
from model.training.recipes.recipe import Run
from model.training.recipes.upright import Upright
from shared import Bar, conditions, data_folder, provenance


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument("--out", type=Path, default=Path("data/models/upright.npz"), help="the artifact (%(default)s)")
    parser.add_argument("--epochs", type=int, default=Upright.epochs, help="how often each is seen (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same weights (1)")
    options = parser.parse_args()
    if options.epochs < 1 or options.seed < 0:
        parser.error(f"--epochs must be at least 1 and --seed at least 0; got {options.epochs} and {options.seed}")
    bar = None
    try:
        recipe = replace(Upright(), epochs=options.epochs)
        digits = mnist.load(data_folder(options.data))
        bar = Bar(recipe.name)
        with threadpool_limits(1, user_api="blas"):  # so that the same seed gives the same weights
            run = conditions(asdict(recipe), options.seed, "full", data=digits.sha256)
            trained = recipe.train(digits, Run(options.seed, progress=bar))
        artifact.save(options.out, trained.classifier, provenance(run, trained))
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"fit_upright.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if bar is not None:
            bar.close()
    print(f"Scores: {trained.header['scores']}. Wrote {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
