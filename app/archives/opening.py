"""SOURCE -> the archive that it is."""

import tarfile
from pathlib import Path

from app.archives import tiff_pages
from app.archives.folder import Folder
from app.archives.parquet import ParquetFiles, parquet_files
from app.archives.source import Source, SourceError
from app.archives.tars import PackedTar, Tar

_GZIP = b"\x1f\x8b"


def source_of(path: Path, most: int, column: str, name_column: str | None) -> Source:
    """Return the archive at `path`. Raises SourceError where it is none.

    most: bytes that a picture may have. column, name_column: of Parquet, where pictures and their names are.
    """
    if files := parquet_files(path):
        return ParquetFiles(files, most, column, name_column)
    if path.is_dir():
        return Folder(path, most)
    if not path.is_file():
        raise SourceError(f"{path} is not there; expected a folder, a tar, a TIFF or Parquet")
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_GZIP):
        return PackedTar(path, most)
    if tiff_pages.is_tiff(start):
        return Folder(path.parent, most, path.name)
    if not tarfile.is_tarfile(path):
        raise SourceError(f"{path} is neither a folder, a tar, a TIFF nor Parquet")
    return Tar(path, most)
