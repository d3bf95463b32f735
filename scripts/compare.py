"""Train what is missing, score every method on MNIST's test images, and write a table as Markdown, JSON and pictures.

Example: python scripts/compare.py --data data/mnist --out data/comparison
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from evaluate import fixed_on_validation, log_look, measured, read_all, timed
from model import artifact, evaluation
from model.artifact import Artifact
from model.shipped import CNN
from model.training import mnist
from model.training.recipes import RECIPES
from shared import data_folder

METHODS = tuple(name for name, recipe in RECIPES.items() if recipe.needs_data)
# Figures that others report: method, share of test images misread, source.
ANCHORS = (
    ("the lesson: logistic regression, one against all", 0.25, "the lesson, about 75 % right"),
    ("the lesson: kNN", 0.05, "the lesson, 95 % right"),
    ("the lesson: two layers", 0.0869, "the lesson, 91.31 % right"),
    ("linear classifier", 0.12, "LeCun et al. 1998"),
    ("kNN", 0.05, "LeCun et al. 1998"),
    ("kNN, deslanted", 0.024, "LeCun et al. 1998"),
    ("two layers, 300 hidden", 0.047, "LeCun et al. 1998"),
    ("LeNet-5, convolutional", 0.0095, "LeCun et al. 1998"),
    ("two layers, 800 hidden, elastic distortions", 0.007, "Simard, Steinkraus and Platt 2003"),
    ("convolutional, elastic distortions", 0.004, "Simard, Steinkraus and Platt 2003"),
    ("a person", 0.002, "LeCun et al. 1995, cited by Cireşan et al. 2012"),
)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument("--models", type=Path, default=Path("data/models"), help="folder of the artifacts (data/models)")
    made.add_argument("--out", type=Path, default=Path("data/comparison"), help="folder to write to (data/comparison)")
    made.add_argument(
        "--methods",
        nargs="+",
        choices=METHODS,
        default=METHODS,
        metavar="NAME",
        help=f"any of {', '.join(METHODS)} (all)",
    )
    made.add_argument("--fresh", action="store_true", help="train all of them, even those that exist or are shipped")
    made.add_argument("--record", action="store_true", help="write the looks at the test images into the log")
    return made


def main() -> int:
    options = parser().parse_args()
    try:
        data = data_folder(options.data)
        digits = mnist.load(data, "t10k")
        paths = {
            name: trained(name, data, options.models, fresh=options.fresh)
            for name in tqdm(options.methods, desc="methods")
        }
        artifacts = {name: artifact.load_digits(path) for name, path in paths.items()}
    except (OSError, ValueError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    probabilities = {name: read_all(loaded, digits, progress=True) for name, loaded in artifacts.items()}
    times = timed(artifacts, digits)
    rows = []
    for name, path in paths.items():
        scored = measured(fixed_on_validation(artifacts[name], data), probabilities[name], digits.labels)
        rows.append(row(artifacts[name], path, scored, times[name]))
    if options.record:
        for name, scored in zip(paths, rows, strict=True):
            log_look(paths[name], scored["errors"])
    import plots

    curves = {name: evaluation.error_among_surest(chances, digits.labels) for name, chances in probabilities.items()}
    plots.accepted(curves, "What each method accepts at which error", options.out / "accepted.png")
    plots.speed(rows, options.out / "speed.png")
    (options.out / "comparison.json").write_text(json.dumps({"rows": rows, "machine": machine()}, indent=1) + "\n")
    (options.out / "comparison.md").write_text(table(rows), encoding="utf-8")
    print(table(rows))
    return 0


def trained(name: str, data: Path, models: Path, *, fresh: bool) -> Path:
    """Return the artifact of method `name`: the one in `models`, else the shipped one, else one trained now."""
    path = models / f"{name}.npz"
    there = [candidate for candidate in (path, CNN.with_name(f"{name}.npz")) if candidate.exists()]
    if there and not fresh:
        return there[0]
    train = [sys.executable, str(Path(__file__).parent / "train.py"), "--resume"]
    subprocess.run([*train, "--model", name, "--data", str(data), "--out", str(path)], check=True)
    return path


def row(loaded: Artifact, path: Path, scores: dict[str, Any], times: dict[str, float]) -> dict[str, Any]:
    """Return one method's row, for machines."""
    training = loaded.header["training"]
    return {
        "model": loaded.name,
        **scores,
        "training_seconds": sum(run["seconds"] for run in training.get("members", [training])),
        "microseconds_per_digit": times,
        "bytes": path.stat().st_size,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return `rows`, and what others report, as a table in Markdown."""
    lines = [
        "| method | right (95 % interval) | errors of 10,000 | training | µs a digit, alone / of 100 | size "
        "| accepted at 0.5 % / 0.1 % error | source |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for scored in rows:
        low, high = scored["interval"]
        times = scored["microseconds_per_digit"]
        # A dash where no threshold was fixed on validation.
        accepted = ["-" if share is None else f"{share:.1%}" for share in scored["accepted_at"].values()]
        lines.append(
            f"| `{scored['model']}` | {scored['accuracy']:.2%} ({low:.2%} to {high:.2%}) | {scored['errors']:,} "
            f"| {scored['training_seconds']} s | {times['1']:,.0f} / {times['100']:,.0f} | {size(scored['bytes'])} "
            f"| {' / '.join(accepted)} | this project |"
        )
    for method, rate, source in ANCHORS:
        lines.append(f"| {method} | {100 * (1 - rate):.4g} % | {rate * 10_000:,.0f} | | | | | {source} |")
    return "\n".join(lines) + "\n"


def size(count: int) -> str:
    """Return `count` bytes for a person."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def machine() -> dict[str, Any]:
    """Return what the times depend on: this machine and its software."""
    return {"cores": os.cpu_count(), "numpy": np.__version__, "python": sys.version.split()[0]}


if __name__ == "__main__":
    sys.exit(main())
