"""What the scripts share: where the data lies, the progress bar, and the account of where weights come from."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info
from tqdm import tqdm

from model.training.recipes.recipe import Trained

VERSION = "1.0.0"
"""Of the artifacts that are made now."""


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


def provenance(recipe: dict[str, Any], trained: Trained, seed: int, preset: str) -> dict[str, Any]:
    """Return the header's account of where the weights come from."""
    blas = [library for library in threadpool_info() if library["user_api"] == "blas"]
    training = {
        **trained.header["training"],
        "seed": seed,
        "preset": preset,
        "threads": blas[0]["num_threads"] if blas else 1,
        "numpy": np.__version__,
        "seconds": round(trained.history.seconds),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    return {"recipe": recipe, "training": training, "scores": trained.header["scores"]}
