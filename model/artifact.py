"""The artifact: a file with a classifier, and a header that says what it is and where it comes from."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.arrays import ArtifactError, read_arrays, write_arrays
from model.classifiers.classifier import Classifier
from model.classifiers.registry import CLASSIFIERS
from model.types import CLASSES, SIDE

FORMAT = 1


@dataclass(frozen=True)
class Artifact:
    """A classifier read from a file, with the file's header and SHA-256."""

    classifier: Classifier
    header: dict[str, Any]
    sha256: str

    @property
    def name(self) -> str:
        return str(self.header["name"])

    @property
    def version(self) -> str:
        return str(self.header["version"])


def save(path: Path, classifier: Classifier, header: dict[str, Any]) -> None:
    """Write `classifier` and `header` to `path`, whole or not at all; OSError where the disk refuses."""
    whole = {**header, "format": FORMAT, "kind": classifier.kind, "description": classifier.description()}
    write_arrays(path, classifier.to_arrays(), whole)


def fingerprint(classifier: Classifier) -> str:
    """Return the SHA-256 of all that `classifier` computes with: its kind, description and arrays."""
    known = [classifier.kind, classifier.description()]
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode())
    for name, array in sorted(classifier.to_arrays().items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def load(path: Path) -> Artifact:
    """Return the artifact at `path`. Raises ArtifactError with one sentence that says which file and what is wrong."""
    arrays, header, sha256 = read_arrays(path)
    if header.get("format") != FORMAT:
        raise ArtifactError(f"{path} has format {header.get('format')!r}; this version reads format {FORMAT}")
    for name in ("name", "version", "kind", "description"):
        if name not in header:
            raise ArtifactError(f"{path} has no {name!r} in its header: it is not an artifact made by train.py")
    if header["kind"] not in CLASSIFIERS:
        raise ArtifactError(f"{path} holds a {header['kind']!r}; expected one of {', '.join(CLASSIFIERS)}")
    try:
        classifier = CLASSIFIERS[header["kind"]].from_arrays(arrays, header["description"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} does not hold a whole {header['kind']}: {error}") from error
    return Artifact(classifier, _as_now(header), sha256)


def _as_now(header: dict[str, Any]) -> dict[str, Any]:
    """Return `header` in today's form: older ones hold their training data as one sentence, without a licence."""
    training = header.get("training")
    if not isinstance(training, dict) or not isinstance(training.get("data"), str):
        return header
    about = {"images": training.get("images"), "sha256": training.get("sha256"), "licence": None}
    rest = {name: value for name, value in training.items() if name not in {"data", *about}}
    return {**header, "training": {"data": [{"name": training["data"], **about}], **rest}}


def load_digits(path: Path) -> Artifact:
    """Return the artifact at `path`. Raises ArtifactError as `load` does, and where it does not read digits."""
    artifact = load(path)
    require_digits(artifact, path)
    return artifact


def require_digits(artifact: Artifact, path: Path) -> None:
    """Raise ArtifactError where the classifier at `path` does not read 28 × 28 digits (`xor` does not)."""
    try:
        shape = artifact.classifier.probabilities(np.zeros((1, SIDE, SIDE), np.float32)).shape
    except ValueError:
        shape = ()
    if shape != (1, CLASSES):
        raise ArtifactError(f"{path} ({artifact.name}) does not read 28 × 28 pictures of ten digits")
