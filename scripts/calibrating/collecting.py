"""Readings of labelled pictures, with their evidence: collected once for each kind, and kept outside the repository."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from calibrating.pictures import Labelled, Source
from model.confidence.evidence import Evidence
from model.reader import Reader


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
    """Return the readings of all `sources`, by kind, that have ink; those in the folder `cache` are not made again.

    weights: the SHA-256 of each file of weights: readings by others are not taken from the cache.
    """
    cache.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(json.dumps([dict(weights), sorted(Evidence.__dataclass_fields__)]).encode()).hexdigest()[:12]
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


def _rows(reader: Reader, labelled: Labelled) -> Iterator[dict[str, Any]]:
    """Yield what each way to send the picture gives."""
    for question in labelled.questions:
        reading = reader.read(
            labelled.picture, kind=question.kind, digits=question.digits, country=question.country, max_error=1.0
        )
        if reading.evidence is not None:
            possible = reading.reason not in {"not_a_digit", "no_code", "wrong_length"}
            evidence = asdict(reading.evidence)
            row = {"code": labelled.code, "fold": labelled.fold, "possible": possible, "country": question.country}
            yield {**row, "evidence": evidence}


def _answered(kind: str, row: dict[str, Any]) -> Answered:
    if row["country"]:
        kind += f", {row['country']}"  # other chances, and the same pictures: they are counted apart
    return Answered(kind, row["code"], row["fold"], Evidence(**row["evidence"]), row["possible"])
