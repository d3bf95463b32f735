"""What DIR is for: an archive, a model and options. It is written first, and whoever goes on must have the same."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.archives.entries import file_fingerprint, fingerprint, write_index
from app.archives.files import written_whole
from app.archives.source import Source

PLAN, INDEX, READINGS = "plan.json", "index.jsonl", "readings"
_LOCK = ".lock"
_WORDS = {
    "index": "SOURCE holds other pictures than then",
    "model": "the model is another",
    "calibration": "the calibration is another",
    "version": "the version of postal-digits is another",
}


class PlanError(ValueError):
    """DIR cannot be used; the message says why."""


@contextlib.contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold DIR for this process; the hold ends with the process. Raises PlanError where another holds it."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PlanError(f"another process is reading an archive to {out}; expected a folder of its own") from error
        yield


def planned(out: Path, source: Source, asked: dict[str, Any]) -> int:
    """Write the plan and the index, or check that those in DIR are the same; return the number of pictures.

    asked: what else the readings depend on. Raises PlanError where DIR was begun with something else.
    """
    path = out / PLAN
    if not path.exists():
        if (out / READINGS).exists():
            raise PlanError(f"{out} has {READINGS}, but no {PLAN}; expected an empty folder")
        digest, count = write_index(out / INDEX, source.entries())
        with written_whole(path) as file:
            file.write(json.dumps({**asked, "index": digest, "pictures": count}, indent=2).encode() + b"\n")
        return count
    try:
        plan: dict[str, Any] = json.loads(path.read_bytes())
        count = int(plan["pictures"])
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise PlanError(f"{path} is broken: {error}; expected an empty folder") from error
    for name, value in asked.items():
        if plan.get(name) != value and name != "source":
            what = _WORDS.get(name) or f"{name} was {plan.get(name)!r} then, and is {value!r} now"
            raise PlanError(f"{out} was begun otherwise: {what}; take another folder, or ask the same again")
    if not (out / INDEX).exists() or file_fingerprint(out / INDEX) != plan.get("index"):
        raise PlanError(f"{out / INDEX} is not what {PLAN} says; expected an empty folder")
    if fingerprint(source.entries()) != plan.get("index"):
        raise PlanError(f"{out} was begun otherwise: {_WORDS['index']} ({plan.get('source')}); take another folder")
    return count
