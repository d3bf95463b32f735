"""Show what a committee's looks gain, on validation and on those halves of other sets that may be used for choices.

Each row is a way to read: errors, negative log-likelihood, and how many looks a digit costs on average (a look is one
member on one view). For each way, temperatures are fitted on validation again.

Example: python scripts/evaluate_committee.py model/weights/cnn.npz --data data
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model import artifact, evaluation
from model.arrays import ArtifactError
from model.classifiers.committee import Committee, View
from model.reader import Reader
from model.training import mnist
from model.training.calibration import calibrate
from model.types import Images
from sets import SETS
from shared import data_folder

DOUBTS = (5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)


@dataclass(frozen=True)
class Set:
    """Images of digits as the networks see them, and their labels."""

    name: str
    images: Images
    labels: NDArray[np.int64]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("artifact", type=Path, help="the file that train.py wrote")
    made.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the sets and of mnist/")
    return made


def main() -> int:
    options = parser().parse_args()
    try:
        committee = artifact.load_digits(options.artifact).classifier
        if not isinstance(committee, Committee):
            raise ArtifactError(f"{options.artifact} holds no committee")
        digits = mnist.load(data_folder(options.data))[mnist.VALIDATION]
    except (OSError, ValueError) as error:
        print(f"evaluate_committee.py: {error}", file=sys.stderr)
        return 1
    validation = Set("validation", mnist.as_ink(digits.images), digits.labels.astype(np.int64))
    sets = [validation, *looked_at(options.data, Reader(committee))]
    print(f"{'errors / negative log-likelihood':36} {'looks':>6} " + " ".join(f"{each.name:>22}" for each in sets))
    for name, way in ways(committee, validation):
        scores = [
            (evaluation.errors(chances, each.labels), evaluation.negative_log_likelihood(chances, each.labels))
            for each in sets
            for chances in (way.probabilities(each.images),)
        ]
        shown = " ".join(f"{f'{wrong} / {loss:.4f}':>22}" for wrong, loss in scores)
        print(f"{name:36} {looks(way, validation.images):6.2f} {shown}")
    return 0


def looked_at(folder: Path, reader: Reader) -> Iterator[Set]:
    """Yield the digits with even indices of each set in `folder`."""
    for name, load in SETS.items():
        if any(folder.glob(f"{name}*")):
            pictures = load(folder)
            chosen = [
                (picture, int(label))
                for picture, label in zip(pictures.pictures[::2], pictures.labels[::2], strict=True)
                if label is not None and label.isdigit()
            ]
            images = np.stack([reader.prepare(picture) for picture, _ in tqdm(chosen, desc=name, leave=False)])
            yield Set(name, images, np.array([label for _, label in chosen]))


def ways(committee: Committee, validation: Set) -> Iterator[tuple[str, Committee]]:
    """Yield each way to read and its name: fewer members and views without doubt, then the whole by doubt."""
    members, views = committee.members, committee.views
    for name, some, seen in (
        ("first, the picture as it is", members[:1], [View()]),
        ("first, first view", members[:1], views[:1]),
        ("first, all views", members[:1], views),
        ("all members, first view", members, views[:1]),
        ("all members, all views", members, views),
    ):
        # With the least doubt, all members are asked about everything: what remains is the mean.
        way = calibrated(Committee(some, seen, evaluation.LEAST), validation)
        yield name, way
    for doubt in DOUBTS:
        yield f"all where the first doubts {doubt:.2%}", Committee(members, views, doubt, way.temperature)


def calibrated(committee: Committee, validation: Set) -> Committee:
    """Return `committee` with the temperatures that suit `validation`."""
    calibrate(committee, validation.images, validation.labels)
    return committee


def looks(committee: Committee, images: Any) -> float:
    """Return how many looks each of `images` costs on average."""
    others = len(committee.members) * len(committee.views) - 1
    return 1 + others * float(committee.doubted(images).mean())


if __name__ == "__main__":
    sys.exit(main())
