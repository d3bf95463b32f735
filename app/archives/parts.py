"""The readings of an archive, a file per block, which has its final name only when it is whole."""

import json
import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from app.archives.files import HALF, written_whole
from app.archives.rows import COLUMNS, Row

_NAME = re.compile(r"part-(\d+)\.\w+")


def can_pack() -> bool:
    """Return whether parts can be Parquet, which needs pyarrow."""
    return find_spec("pyarrow") is not None


class Parts:
    """The folder of the parts."""

    def __init__(self, folder: Path, form: str) -> None:
        """Prepare to write parts of a `form`, parquet or jsonl."""
        self._folder, self._form = folder, form
        folder.mkdir(exist_ok=True)

    def done(self) -> set[int]:
        """Return the numbers of the blocks whose parts are there; what was left half-written is removed."""
        for half in self._folder.glob(f".*{HALF}"):
            half.unlink()
        names = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return {int(name[1]) for name in names if name}

    def write(self, number: int, rows: Sequence[Row]) -> None:
        """Write the part of a block."""
        content = packed(rows) if self._form == "parquet" else _lines(rows)
        with written_whole(self._folder / f"part-{number:07}.{self._form}") as file:
            file.write(content)


def _lines(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def packed(rows: Sequence[Row]) -> bytes:
    """Return the rows as a Parquet file."""
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")  # only the extra has them
    kinds = {
        "page": pa.int32(),
        "confidence": pa.float64(),
        "corners": pa.list_(pa.list_(pa.int32())),
        "turned": pa.int32(),
        "threshold": pa.float64(),
    }
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    content = BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows), schema), content)
    return content.getvalue()
