"""What the scripts share: where the data is, the progress bar, and the record of how weights were made."""

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_info
from tqdm import tqdm

if TYPE_CHECKING:
    from model.training.recipes.recipe import Trained

VERSION = "1.0.0"
"""The version of the artifacts that are made now."""
ROOT = Path(__file__).resolve().parents[1]


class Bar:
    """The loop's progress as a bar with the time left."""

    def __init__(self, name: str) -> None:
        self._bar: tqdm[Any] = tqdm(desc=name, unit="batch", dynamic_ncols=True, mininterval=0.5)

    def advance(self, step: int, steps: int) -> None:
        self._bar.total = steps
        self._bar.update(step - self._bar.n)

    def say(self, line: str) -> None:
        self._bar.write(line)

    def close(self) -> None:
        self._bar.close()


def data_folder(chosen: Path | None) -> Path:
    """Return MNIST's folder: the one chosen, else $DIGITS_DATA (or its mnist/), else data/mnist."""
    folder = chosen or Path(os.environ.get("DIGITS_DATA", "data"))
    return folder / "mnist" if (folder / "mnist").is_dir() else folder


def checkout() -> dict[str, Any]:
    """Return this file's commit, and whether tracked files differ from it; null where git cannot tell."""
    try:
        top, commit = _git("rev-parse", "--show-toplevel", "HEAD").splitlines()
        # A copy without its own history may lie inside another project's checkout.
        if Path(top).resolve() == ROOT:
            return {"commit": commit, "dirty": bool(_git("status", "--porcelain", "--untracked-files=no"))}
    except (OSError, ValueError, subprocess.CalledProcessError):
        pass
    return {"commit": None, "dirty": None}


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def conditions(recipe: dict[str, Any], seed: int, preset: str, **sources: str | None) -> dict[str, Any]:
    """Return everything that a run's weights depend on; a checkpoint with other conditions is from another run.

    recipe: its name and settings. sources: SHA-256 of what it starts from, by name. Call it before the run, under the
    run's own thread limit.
    """
    blas = [library for library in threadpool_info() if library["user_api"] == "blas"]
    threads = blas[0]["num_threads"] if blas else 1
    made_by = {"seed": seed, "preset": preset, "threads": threads, "numpy": np.__version__, **checkout()}
    return {"recipe": recipe, **made_by, "sources": sources}


def provenance(run: dict[str, Any], trained: "Trained") -> dict[str, Any]:
    """Return the whole header of an artifact trained under the conditions `run`, from `conditions`."""
    training = {
        **trained.header["training"],
        **{name: value for name, value in run.items() if name not in {"recipe", "sources"}},
        "command": shlex.join(["python", f"scripts/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "seconds": round(trained.history.seconds),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    arrays = trained.classifier.to_arrays()
    return {
        "name": run["recipe"]["name"],
        "version": VERSION,
        "recipe": run["recipe"],
        # One number for all pixels is written here; one per pixel is an array of the artifact.
        "normalisation": {
            name: array.item() if array.size == 1 else f"an array of {array.size}"
            for name, array in arrays.items()
            if "normalisation" in name
        },
        "training": training,
        "scores": trained.header["scores"],
    }
