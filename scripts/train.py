"""Train one of the named models and write its artifact.

Example: python scripts/train.py --model cnn --data data/mnist --out data/models/cnn.npz --plots data/plots
         python scripts/train.py --model knn-pca --set dimensions=30 k=5
"""

import argparse
import json
import sys
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from threadpoolctl import threadpool_limits

from model import artifact
from model.training import elsewhere, mnist
from model.training.checkpoint import Checkpoint
from model.training.recipes import RECIPES
from model.training.recipes.cnn import Convolutional
from model.training.recipes.recipe import Recipe, Run
from shared import Bar, conditions, data_folder, provenance

# The types that a recipe's settings may have, in words.
KINDS: dict[Any, str] = {int: "a whole number", float: "a number", int | None: "a whole number or null"}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(
        "--model",
        required=True,
        choices=RECIPES,
        metavar="NAME",
        help="; ".join(f"{recipe.name}: {recipe.summary}" for recipe in RECIPES.values()).replace("%", "%%"),
    )
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument(
        "--also", type=Path, nargs="+", default=[], metavar="FILE.npz",
        help="cnn: train on these digits too: optdigits.npz, semeion.npz (MNIST's alone)",
    )  # fmt: skip
    made.add_argument("--out", type=Path, help="the artifact to write (data/models/NAME.npz)")
    made.add_argument("--seed", type=int, default=1, help="the same seed and thread count give the same weights (1)")
    made.add_argument("--preset", default="full", help="how long to train: full or, if the recipe has it, quick (full)")
    made.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="change settings of the recipe")
    made.add_argument("--resume", action="store_true", help="continue from the last checkpoint")
    made.add_argument("--plots", type=Path, metavar="DIR", help="folder for plots of the cost and the validation")
    return made


def main() -> int:
    options = parser().parse_args()
    try:
        recipe = changed(RECIPES[options.model], options.set)
    except ValueError as error:
        parser().error(f"--set: {error}")
    if options.preset not in recipe.presets:
        parser().error(f"--preset of {recipe.name} must be one of {', '.join(recipe.presets)}; got {options.preset!r}")
    if options.also and not isinstance(recipe, Convolutional):
        parser().error(f"--also is for the model cnn; {recipe.name} trains on MNIST's digits alone")
    if options.seed < 0:
        parser().error(f"--seed must be at least 0; got {options.seed}")
    out: Path = options.out or Path("data/models") / f"{recipe.name}.npz"
    bar = Bar(recipe.name)
    try:
        digits = mnist.load(data_folder(options.data)) if recipe.needs_data else None
        # Each shard has its own thread: more threads for each matrix product would only get in the way.
        with threadpool_limits(1 if asdict(recipe).get("shards", 1) > 1 else None, user_api="blas"):
            also = tuple(elsewhere.load(path) for path in options.also)
            sources = {"data": digits.sha256 if digits else None} | {
                each.source.name: each.digits.sha256 for each in also
            }
            run = conditions(asdict(recipe), options.seed, options.preset, **sources)
            checkpoint = Checkpoint(out, run, options.resume)
            if not options.resume:
                checkpoint.forget()
            trained = recipe.train(digits, Run(options.seed, options.preset, checkpoint, bar, also))
        artifact.save(out, trained.classifier, provenance(run, trained))
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"train.py: stopped; --resume continues from the checkpoints beside {out}", file=sys.stderr)
        return 130
    finally:
        bar.close()
    checkpoint.forget()
    print(f"Trained in {trained.history.seconds:.0f} s. Scores: {trained.header['scores']}. Wrote {out}.")
    if options.plots:
        import plots  # Matplotlib takes a second to import, and only this path needs it

        plots.training(trained, recipe.name, options.plots)
    return 0


def changed(recipe: Recipe, settings: list[str]) -> Recipe:
    """Return `recipe` with each `NAME=VALUE` of `settings` set; ValueError where it has no such setting or value."""
    kinds = {name: kind for name, kind in get_type_hints(type(recipe)).items() if name in asdict(recipe)}
    kinds = {name: kind for name, kind in kinds.items() if name != "name" and not is_dataclass(kind)}
    values = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in kinds:
            raise ValueError(f"{recipe.name} has the settings {', '.join(kinds) or 'none'}; got {setting!r}")
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        # An integer is accepted for a float; a bool is not a number here.
        fits = isinstance(value, kinds[name]) or (kinds[name] is float and isinstance(value, int))
        if not fits or isinstance(value, bool):
            raise ValueError(f"{name} must be {KINDS[kinds[name]]}; got {text!r}")
        values[name] = value
    return replace(recipe, **values)


if __name__ == "__main__":
    sys.exit(main())
