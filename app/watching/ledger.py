"""The ledger of a camera's folder: a file of JSON Lines, one row a picture, that outlives kills and power cuts.

A row is on the disk before `append` returns. Only the last row can be torn, and the next start cuts it off.
"""

import contextlib
import io
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any, NamedTuple

if sys.platform != "win32":
    import fcntl

ROW_STARTS = b'{"file": '
LONGEST_ROW = 10_000_000  # bytes; a longer line is not ours, and need not be held in memory
NUL = b"\0"  # what some file systems leave of a row that was being written when the power was cut

Row = dict[str, Any]


class LedgerError(Exception):
    """The ledger cannot be used; the message says why, and what to do."""


class State(NamedTuple):
    """By what a file is known again without its content being read. A change of time alone leads to a look inside."""

    size: int
    mtime_ns: int
    ctime_ns: int  # also changes where a copy keeps the older file's mtime

    @classmethod
    def of(cls, found: os.stat_result) -> "State":
        """Return the state that `found` shows."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns)


class Ledger:
    """The rows in the file at `path`, which is made where there is none. No other process may use it meanwhile.

    Raises LedgerError where the file cannot be written, is in use, or holds anything that is not a row.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # (file, SHA-256 of its content) -> whether it was read; of a file that cannot be opened, the SHA-256 is None.
        self._contents: dict[tuple[str, str | None], bool] = {}
        self._files: dict[str, tuple[State, bool]] = {}
        self._end = 0  # of the last whole row, in bytes
        try:
            if path.exists() and not stat.S_ISREG(path.stat().st_mode):
                raise LedgerError(f"{path} is no regular file: name a file to write the readings to")
            self._file = path.open("a+b", buffering=0)
        except OSError as error:
            raise LedgerError(f"{path} cannot be opened for writing: {error.strerror}") from error
        try:
            self._lock()
            self._load()
        except OSError as error:
            self.close()
            raise LedgerError(f"{path} cannot be read: {error.strerror}") from error
        except BaseException:
            self.close()
            raise
        if not self._end:
            _keep_name(path.parent)

    def read(self, file: str, state: State) -> bool | None:
        """Return whether `file`, as it is in `state`, was read; None where there is no row about it in that state."""
        known = self._files.get(file)
        return known[1] if known is not None and known[0] == state else None

    def recognise(self, file: str, state: State, sha256: str | None) -> bool:
        """Return whether there is a row about `file` with this content, and if so know it by its new state."""
        read = self._contents.get((file, sha256))
        if read is not None:
            self._files[file] = state, read
        return read is not None

    def append(self, file: str, state: State, sha256: str | None, answer: Row) -> None:
        """Write a row: `file`, the fields of `answer`, of which `error` says whether it was read, and the rest.

        Raises LedgerError where it cannot be written; then nothing of it is in the file.
        """
        row = {"file": file, **answer, "sha256": sha256, **state._asdict()}
        line = json.dumps(row).encode() + b"\n"
        try:
            if not os.path.samestat(self.path.stat(), os.fstat(self._file.fileno())):
                raise FileNotFoundError(0, "another file has its name now")
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self._end)
            raise LedgerError(f"{self.path} cannot be written: {error.strerror}") from error
        self._end += len(line)
        self._note(row)

    def close(self) -> None:
        """Close the file, which others may use then."""
        self._file.close()

    def _lock(self) -> None:
        """Keep other watchers away until this process ends, however it ends. Windows has no such lock."""
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerError(f"{self.path} is in use by another watcher: give each its own file") from None
        except OSError as error:
            raise LedgerError(f"{self.path} cannot be locked: {error.strerror}; put it on a local disk") from error

    def _load(self) -> None:
        """Take in every row, and cut off one that was torn while it was written."""
        lines = io.BufferedReader(self._file)
        lines.seek(0)
        ended = True
        for number, line in enumerate(iter(lambda: lines.readline(LONGEST_ROW), b""), start=1):
            row = _row(line)
            if row is not None:
                self._note(row)
            elif line.strip():  # editors leave empty lines
                if lines.peek(1) or not _torn(line, number):
                    place = f"{self.path}, line {number}"
                    raise LedgerError(f"{place}, is no row of a ledger: name another file, or mend it")
                self._file.truncate(self._end)
                break
            self._end += len(line)
            ended = line.endswith(b"\n")
        lines.detach()
        if not ended:  # an editor did that, or a kill just before the last byte
            self._end += self._file.write(b"\n")

    def _note(self, row: Row) -> None:
        read = row["error"] is None
        self._contents[row["file"], row["sha256"]] = read
        self._files[row["file"]] = State(row["size"], row["mtime_ns"], row["ctime_ns"]), read


def _row(line: bytes) -> Row | None:
    """Return the row in `line`; None where it holds none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not isinstance(row.get("file"), str):
        return None
    texts = (row.get(name, 0) for name in ("sha256", "error"))
    numbers = (row.get(name) for name in State._fields)
    whole = all(text is None or isinstance(text, str) for text in texts) and all(
        isinstance(number, int) for number in numbers
    )
    return row if whole else None


def _torn(line: bytes, number: int) -> bool:
    """Return whether `line`, the last of the file, is what a kill or a power cut left of a row.

    In doubt it is not: the file may be somebody's who did not mean it to be a ledger.
    """
    if NUL in line:
        return number > 1
    begun = line.startswith(ROW_STARTS) or ROW_STARTS.startswith(line)
    return begun and not line.endswith(b"\n") and not _is_json(line)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _keep_name(folder: Path) -> None:
    """Have the name of a new file in `folder` outlive a power cut too, where the system can promise that."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
