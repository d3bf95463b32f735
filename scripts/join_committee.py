"""Join members of committees into one: networks that were fitted on different writers err on different digits.

Each FILE:N is the N-th member of the committee in FILE, trained or joined. The first of them answers most digits. The
temperatures are fitted on validation again, and the header keeps how each member was trained.
Example: python scripts/join_committee.py a.npz:1 b.npz:2 --data data/mnist --out data/models/joined.npz
"""

import argparse
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model import artifact
from model.arrays import ArtifactError
from model.classifiers.committee import Committee
from model.engine.network import Network
from model.training import mnist
from model.training.calibration import calibrate
from model.training.recipes.recipe import validation_scores
from shared import checkout, data_folder

_KEPT = ("name", "version", "recipe", "normalisation")
"""What the header says as that of the first member's committee does."""


@dataclass(frozen=True)
class Member:
    """A network of a trained committee, that committee, its header, and how the network itself was trained."""

    network: Network
    committee: Committee
    header: dict[str, Any]
    training: dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("members", nargs="+", metavar="FILE:N", help="a member of a committee that train.py made")
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    options = parser.parse_args()
    try:
        chosen = [member_of(each) for each in options.members]
        joined, header = committee_of(chosen, mnist.load(data_folder(options.data)).ink()[mnist.VALIDATION])
        artifact.save(options.out, joined, header)
    except (OSError, ValueError) as error:
        print(f"join_committee.py: {error}", file=sys.stderr)
        return 1
    print(f"Scores: {header['scores']}. Wrote {options.out}.")
    return 0


def member_of(text: str) -> Member:
    """Return the member that `text` names, FILE:N. Raises ValueError where there is no such member."""
    name, _, number = text.rpartition(":")
    if not name or not number.isdigit():
        raise ValueError(f"members must be given as FILE:N; got {text!r}")
    whole = artifact.load_digits(Path(name))
    if not isinstance(whole.classifier, Committee):
        raise ArtifactError(f"{name} holds a {whole.classifier.kind}; expected a committee")
    members = whole.classifier.members
    if not 1 <= int(number) <= len(members):
        raise ValueError(f"{name} has members 1 to {len(members)}; got {number}")
    training = whole.header["training"]
    if "members" in training:  # it was joined before
        training = training["members"][int(number) - 1]
    return Member(members[int(number) - 1], whole.classifier, whole.header, training)


def committee_of(chosen: list[Member], held_out: mnist.Ink) -> tuple[Committee, dict[str, Any]]:
    """Return the committee of `chosen` members, with temperatures that suit the digits `held_out`, and its header."""
    first = chosen[0]
    joined = Committee([each.network for each in chosen], first.committee.views, first.committee.doubt)
    calibrate(joined, held_out.images, held_out.labels)
    scores = validation_scores(joined.probabilities(held_out.images), held_out.labels)
    scores["doubted"] = float(joined.doubted(held_out.images).mean())
    trained = [each.training for each in chosen]
    data = {each["name"]: each for training in reversed(trained) for each in training["data"]}
    training = {
        "data": list(data.values()),
        "members": trained,
        **checkout(),
        "command": shlex.join(["python", f"scripts/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "numpy": np.__version__,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    kept: dict[str, Any] = {name: first.header[name] for name in _KEPT if name in first.header}
    if "recipe" in kept:
        kept["recipe"] = {**kept["recipe"], "members": len(chosen)}
    return joined, {**kept, "training": training, "scores": {"validation": scores}}


if __name__ == "__main__":
    sys.exit(main())
