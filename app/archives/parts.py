"""The readings of an archive, a file per block, which has its final name only when it is whole."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from app.archives import parquet
from app.archives.entries import Row
from app.archives.files import written_whole

FORMATS = ("parquet", "jsonl")
_NAME = re.compile(r"part-(\d+)\.\w+")


class Parts:
    """The folder of the parts."""

    def __init__(self, folder: Path, form: str) -> None:
        self._folder, self._form = folder, form
        folder.mkdir(exist_ok=True)

    def done(self) -> set[int]:
        """Return the numbers of the blocks whose parts are there; what was left half-written is removed."""
        for half in self._folder.glob(".*.half"):
            half.unlink()
        names = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return {int(name[1]) for name in names if name}

    def write(self, number: int, rows: Sequence[Row]) -> None:
        """Write the part of a block."""
        content = parquet.packed(rows) if self._form == "parquet" else _lines(rows)
        with written_whole(self._folder / f"part-{number:07}.{self._form}") as file:
            file.write(content)


def _lines(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()
