"""The artifact: one `.npz` file with a classifier's arrays and one JSON header that says what they are.

Never pickle. It is written under a temporary name and then renamed, so that a kill leaves the old file or the new one.
"""

import hashlib
import io
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.network import Network

FORMAT = 1
CLASSIFIERS: dict[str, type[Classifier]] = {"network": Network}
# The largest artifact that is read: kNN's 60,000 images of float32 are 188 MB.
MAX_BYTES = 1 << 30


class ArtifactError(ValueError):
    """The file is not an artifact that this version can use; the message says which file and what is wrong."""


@dataclass(frozen=True)
class Artifact:
    """A classifier as it was read from a file, with the file's header and SHA-256."""

    classifier: Classifier
    header: dict[str, Any]
    sha256: str

    @property
    def name(self) -> str:
        return str(self.header["name"])

    @property
    def version(self) -> str:
        return str(self.header["version"])


def save(path: Path, classifier: Classifier, kind: str, header: dict[str, Any]) -> None:
    """Write `classifier` and `header` to `path`, whole or not at all; OSError where the disk refuses."""
    whole = {**header, "format": FORMAT, "kind": kind, "description": classifier.description()}
    write_arrays(path, classifier.to_arrays(), whole)


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
    return Artifact(classifier, header, sha256)


def require_digits(artifact: Artifact, path: Path) -> None:
    """Raise ArtifactError where the classifier at `path` does not read 28 × 28 digits (`xor` does not)."""
    try:
        shape = artifact.classifier.probabilities(np.zeros((1, 28, 28), np.float32)).shape
    except ValueError:
        shape = ()
    if shape != (1, 10):
        raise ArtifactError(f"{path} ({artifact.name}) does not read 28 × 28 pictures of ten digits")


def write_arrays(path: Path, arrays: dict[str, NDArray[Any]], header: dict[str, Any]) -> None:
    """Write `arrays` and the JSON `header` to `path` through a temporary file beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    text = np.frombuffer(json.dumps(header, indent=1).encode(), np.uint8)
    try:
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, header=text, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any], str]:
    """Return the arrays, the header and the SHA-256 of the file at `path`; ArtifactError where it is broken."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ArtifactError(f"{path} has {path.stat().st_size} bytes; an artifact has at most {MAX_BYTES}")
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            if sum(member.file_size for member in members.infolist()) > MAX_BYTES:
                raise ArtifactError(f"{path} unpacks to more than {MAX_BYTES} bytes")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
        header = json.loads(arrays.pop("header").tobytes())
    except ArtifactError:
        raise
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise ArtifactError(f"{path} is not an artifact, or is broken: expected an .npz made by train.py") from error
    if not isinstance(header, dict):
        raise ArtifactError(f"{path} has no header: expected an .npz made by train.py")
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise ArtifactError(f"{path}: array {name!r} must hold numbers; got {array.dtype}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ArtifactError(f"{path}: array {name!r} holds values that are not finite")
    return arrays, header, hashlib.sha256(content).hexdigest()
