"""Readings of labelled pictures, with their evidence: collected once for each kind, and kept outside the repository."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

import model
from calibrating.pictures import Labelled, Question, Source
from model.confidence.evidence import Evidence, Way
from model.reader import Reader

_AFTERWARDS = {"confidence", "training"}  # folders of `model` that change no evidence, but for what it holds


@dataclass(frozen=True)
class Answered:
    """One reading of a labelled picture.

    kind: of writing. fold: what equal pictures share. possible: whether the reader may accept it at all: it is as long
    as asked for, and nothing rules it out.
    """

    kind: str
    code: str
    fold: int
    evidence: Evidence
    possible: bool

    @property
    def right(self) -> bool:
        return self.evidence.text == self.code


def collected(reader: Reader, sources: Mapping[str, Source], weights: Mapping[str, str], cache: Path) -> list[Answered]:
    """Return the readings of all `sources`, by kind; those in the folder `cache` are not made again.

    reader: without a calibration. weights: the SHA-256 of each file of weights: what others read, or other code, is
    not taken from the cache.
    """
    cache.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(
        json.dumps([dict(weights), _code(), sorted(Evidence.__dataclass_fields__)]).encode()
    ).hexdigest()[:12]
    answered: list[Answered] = []
    for kind, source in sources.items():
        path = cache / f"{kind.replace(' ', '_').replace('/', '-')}.{key}.jsonl"
        if not path.exists():
            rows = [row for labelled in tqdm(source(), desc=kind, leave=False) for row in _rows(reader, labelled)]
            unfinished = path.with_suffix(".unfinished")
            unfinished.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            unfinished.replace(path)
        with path.open(encoding="utf-8") as lines:
            answered += [_answered(kind, json.loads(line)) for line in lines]
    return answered


def _code() -> dict[str, str]:
    """Return the SHA-256 of each file of code that reading depends on, by name."""
    folder = Path(model.__file__).parent
    files = [each for each in folder.rglob("*.py") if each.relative_to(folder).parts[0] not in _AFTERWARDS]
    return {str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest() for each in sorted(files)}


def _rows(reader: Reader, labelled: Labelled) -> Iterator[dict[str, Any]]:
    """Yield what each way to send the picture gives."""
    for question in labelled.questions:
        reading = reader.read(
            labelled.picture, kind=question.kind, digits=question.digits, country=question.country, max_error=1.0
        )
        # Without a calibration, and with every error allowed, what is refused may never be accepted.
        possible = reading.decision == "accept"
        row = {
            "code": labelled.code_for(reading.text),
            "fold": labelled.fold,
            "possible": possible,
            "country": question.country,
        }
        yield {**row, "evidence": asdict(reading.evidence or _nothing_seen(question))}


def _nothing_seen(question: Question) -> Evidence:
    """Return evidence of a picture without ink: nothing is read."""
    if question.kind == "envelope":
        return Evidence("", "envelope", 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    way: Way = "digit" if question.kind == "digit" else "uncounted" if question.digits is None else "counted"
    return Evidence("", way, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def _answered(kind: str, row: dict[str, Any]) -> Answered:
    if row["country"] and row["evidence"]["way"] != "envelope":
        kind += f", {row['country']}"  # other chances, and the same pictures: they are counted apart
    return Answered(kind, row["code"], row["fold"], Evidence(**row["evidence"]), row["possible"])
