"""Arrays by name and one JSON header in one `.npz` file: what artifacts and checkpoints are made of.

Never pickle. A file is written under a temporary name and then renamed, so that a killed writer leaves either the old
file or the new one.
"""

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from model.types import Array

# The largest artifact that is read, packed or unpacked: it limits the memory that a broken or hostile file can take.
MAX_BYTES = 1 << 30


class ArtifactError(ValueError):
    """The file is not an artifact that this version can use; the message says which file and what is wrong."""


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it: `path` is written whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_arrays(path: Path, arrays: dict[str, Array], header: dict[str, Any]) -> None:
    """Write `arrays` and the JSON `header` to `path`, whole or not at all."""
    text = np.frombuffer(json.dumps(header, indent=1).encode(), np.uint8)
    write_whole(path, lambda file: np.savez(file, allow_pickle=False, header=text, **arrays))


def read_arrays(path: Path) -> tuple[dict[str, Array], dict[str, Any], str]:
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
