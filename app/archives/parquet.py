"""Parquet with images as bytes -> the pictures. It needs pyarrow, of the extra `scale`."""

import os
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from app.archives.entries import Entry, Picture
from app.archives.source import SourceError, too_large

_ENDING = ".parquet"
_AT_ONCE = 16  # rows that are unpacked together
NAMES = ("path", "file", "name", "id")
"""The columns that names are looked for in, where none is asked for."""
NEEDED = "needs pyarrow: pip install 'postal-digits[scale]'"


def parquet_files(path: Path) -> list[Path]:
    """Return the Parquet files that `path` is, in order; nothing where it is something else.

    It is one, or a folder of nothing else: names that begin with `_` or `.`, as writers leave them, do not count.
    """
    if path.is_file():
        return [path] if path.name.endswith(_ENDING) else []
    files = []
    for folder, _, names in os.walk(path):
        for name in names:
            if name.endswith(_ENDING):
                files.append(Path(folder) / name)
            elif not name.startswith(("_", ".")):
                return []
    return sorted(files)


class ParquetFiles:
    """Pictures in a column of Parquet files, in the order of the files and of their rows."""

    def __init__(self, files: Sequence[Path], most: int, column: str, name_column: str | None) -> None:
        """Raises SourceError where pyarrow is missing, a file is broken, or has no such columns."""
        try:
            pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")  # only the extra has them
        except ImportError as error:
            raise SourceError(f"{files[0]} {NEEDED}") from error
        self._files, self._most, self._column, self._name_column = files, most, column, name_column
        self._opened: Any = parquet.ParquetFile
        self._faults: tuple[type[Exception], ...] = (pyarrow.ArrowException, OSError)
        for file in files:
            try:
                self._columns(self._opened(file), file)
            except self._faults as error:
                raise SourceError(f"{file} cannot be read as Parquet: {error}") from error

    def _columns(self, opened: Any, file: Path) -> tuple[str, str | None]:
        """Return where the pictures' bytes are, and the column of their names. Raises SourceError."""
        there = {field.name: str(field.type) for field in opened.schema_arrow}
        for wanted in filter(None, (self._column, self._name_column)):
            if wanted not in there:
                raise SourceError(f"{file} has no column {wanted!r}; it has {', '.join(map(repr, there))}")
        kind = there[self._column]
        if "binary" not in kind:
            raise SourceError(f"the column {self._column!r} of {file} holds {kind}; expected bytes of images (binary)")
        # Data sets of the Hugging Face kind hold a struct of the bytes and their path.
        within = f"{self._column}.bytes" if kind.startswith("struct<") else self._column
        return within, self._name_column or next((name for name in NAMES if name in there), None)

    def entries(self) -> Iterator[Entry]:
        """Yield all rows; a row without a name has the file's, and its number."""
        for number, file in enumerate(self._files):
            opened = self._opened(file)
            within, names = self._columns(opened, file)
            changed = int(file.stat().st_mtime)
            for group in range(opened.num_row_groups):
                rows = opened.metadata.row_group(group).num_rows
                size = _size(opened.metadata.row_group(group), within) // max(rows, 1)
                for row, name in enumerate(_values(opened, group, names, rows)):
                    yield Entry(_text(name, f"{file.name}#{group}.{row}"), 0, size, changed, (number, group, row))

    def pictures(self, entries: Iterable[Entry]) -> Iterator[Picture]:
        """Yield what the rows hold."""
        at: tuple[int, int] | None = None
        values: Iterator[tuple[int, Any]] = iter(())
        for entry in entries:
            number, group, row = entry.place
            try:
                if at != (number, group):
                    at = number, group
                    opened = self._opened(self._files[number])
                    within, _ = self._columns(opened, self._files[number])
                    values = enumerate(_values(opened, group, within, 0))
                content = next(value for found, value in values if found == row)
            except self._faults as error:
                raise SourceError(f"{self._files[number]} cannot be read as Parquet: {error}") from error
            if content is None:
                content = "the row holds no picture"
            elif len(content) > self._most:
                content = too_large(self._most)
            yield Picture(entry.name, 0, content)


def _values(opened: Any, group: int, column: str | None, rows: int) -> Iterator[Any]:
    """Yield the values of a `column` in a row group, a few in memory at a time; `rows` times None without a column."""
    if column is None:
        yield from (None for _ in range(rows))
        return
    for batch in opened.iter_batches(_AT_ONCE, row_groups=[group], columns=[column], use_threads=False):
        values = batch.column(0)
        for name in column.split(".")[1:]:
            values = values.field(name)
        yield from values.to_pylist()


def _size(group: Any, column: str) -> int:
    """Return how many bytes a column takes in a row group, unpacked."""
    columns = [group.column(number) for number in range(group.num_columns)]
    return sum(each.total_uncompressed_size for each in columns if each.path_in_schema == column)


def _text(name: Any, otherwise: str) -> str:
    return otherwise if name is None else str(name)
