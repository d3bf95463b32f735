"""Checkpoints: the state of a stopped run, in a file beside the artifact that the run makes."""

import glob
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from model.arrays import ArtifactError, read_arrays, write_arrays
from model.types import Array


@dataclass(frozen=True)
class Checkpoint:
    """Where the run that makes `artifact` keeps its state, and what that state depends on.

    run: plain values (JSON) of all that the weights depend on: recipe, seed, data and the like.
    resume: whether to continue from a state that is there. name: the part of the run, if it has parts.
    """

    artifact: Path
    run: dict[str, Any]
    resume: bool = False
    name: str = ""

    @property
    def path(self) -> Path:
        """The file. It does not end in `.npz`, so that it is never packed as an artifact of `weights/*.npz`."""
        return self.artifact.with_name(f"{self.artifact.name}.checkpoint{self.name and f'-{self.name}'}")

    def part(self, name: str) -> "Checkpoint":
        """Return the checkpoint of a part of the same run."""
        return replace(self, name=name)

    def save(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        """Keep `arrays` and the plain values `state`, whole or not at all; OSError where the disk refuses."""
        write_arrays(self.path, arrays, {"run": self.run, "state": state})

    def load(self) -> tuple[dict[str, Array], dict[str, Any]] | None:
        """Return what `save` kept; None where nothing was kept, or where the run does not resume.

        Raises ArtifactError where the file is broken, or of another run.
        """
        if not (self.resume and self.path.exists()):
            return None
        try:
            arrays, header, _ = read_arrays(self.path)
        except ArtifactError as error:
            raise ArtifactError(f"{self.path} is broken: start again without resuming") from error
        # Through JSON, as the other was: it turns tuples into lists.
        theirs, ours = _flat(header.get("run")), _flat(json.loads(json.dumps(self.run)))
        differing = [
            f"{name} is {theirs.get(name)!r}, not {ours.get(name)!r}"
            for name in dict.fromkeys([*ours, *theirs])
            if theirs.get(name) != ours.get(name)
        ]
        if differing or "state" not in header:
            reason = "; ".join(differing) or "it has no state"
            raise ArtifactError(f"{self.path} is not a checkpoint of this run ({reason}): start again without resuming")
        return arrays, header["state"]

    def forget(self) -> None:
        """Remove the checkpoints of this run and of all its parts."""
        for left in self.artifact.parent.glob(f"{glob.escape(self.artifact.name)}.checkpoint*"):
            left.unlink()


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return the plain values inside `value` by their dotted names: {"a": {"b": 1}} gives {"a.b": 1}."""
    if not isinstance(value, dict):
        return {name: value}
    return {
        inner: held
        for key, each in value.items()
        for inner, held in _flat(each, f"{name}.{key}" if name else str(key)).items()
    }
