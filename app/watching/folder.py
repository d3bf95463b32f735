"""A camera's folder: which files are in it, and which of them are new and no longer being written."""

import fnmatch
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.watching.ledger import Ledger, State

IGNORED = re.compile(  # hidden and temporary files, and what systems keep in folders
    r"[.~@#$].*|.*(~|\.te?mp|\.part|\.partial|\.filepart|\.crdownload)|thumbs\.db|desktop\.ini"
    r"|lost\+found|system volume information",
    re.IGNORECASE,
)


class Folder:
    """The pictures in the folder at `path` and in the folders in it.

    pattern: which names a picture has. ours: files and folders that are no pictures, wherever they are.
    """

    def __init__(self, path: Path, pattern: str, *ours: Path) -> None:
        self.path = path.resolve()
        self.fault: str | None = None  # why the last look did not see everything
        self._pattern = re.compile(fnmatch.translate(pattern), re.IGNORECASE)
        self._ours = {str(each.resolve()) for each in ours}

    def files(self) -> Iterator[tuple[str, State]]:
        """Yield each file, named from the folder on with forward slashes, and its state. Links to folders are left."""
        self.fault = None
        folders = [(str(self.path), "")]
        while folders:
            folder, prefix = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if IGNORED.fullmatch(entry.name) or entry.path in self._ours:
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            folders.append((entry.path, f"{prefix}{entry.name}/"))
                            continue
                        state = self._state(entry)
                        if state is not None:
                            yield prefix + entry.name, state
            except OSError as error:
                self.fault = f"{folder} cannot be read: {error.strerror}"

    def _state(self, entry: os.DirEntry[str]) -> State | None:
        """Return the state of a picture; None of anything else, and of what went away meanwhile."""
        try:
            if self._pattern.match(entry.name) and entry.is_file():
                return State.of(entry.stat())
        except FileNotFoundError:
            pass
        except OSError as error:
            self.fault = f"{entry.path} cannot be read: {error.strerror}"
        return None


@dataclass(frozen=True)
class Refused:
    """Content that could not be read, by its SHA-256, and why; None where the file could not be opened."""

    sha256: str | None
    reason: str


@dataclass
class Waiting:
    """A file that is not in the ledger as it is now."""

    state: State
    since: float  # when it was first seen like this, by the monotonic clock
    hold: float  # seconds for which it must stay like this
    refused: Refused | None = None


class Arrivals:
    """The files of `folder` that are not in `ledger` as they are now.

    settle: seconds without a change after which a file counts as whole; time is this machine's, not that of a share.
    once: whether only those count that were there at the first look.
    """

    def __init__(self, folder: Folder, ledger: Ledger, settle: float, *, once: bool) -> None:
        self._folder, self._ledger, self._settle, self._once = folder, ledger, settle, once
        self._first: set[str] | None = None
        self.waiting: dict[str, Waiting] = {}

    def look(self) -> list[str]:
        """Return the files that are to be read now, oldest first."""
        now = time.monotonic()
        seen: dict[str, Waiting] = {}
        for file, state in self._files():
            if self._ledger.read(file, state) is None:
                known = self.waiting.get(file)
                unchanged = known is not None and known.state == state
                seen[file] = known if known and unchanged else Waiting(state, time.monotonic(), self._settle)
        self.waiting = seen
        due = [file for file, waiting in seen.items() if now - waiting.since >= waiting.hold]
        return sorted(due, key=lambda file: (seen[file].state.mtime_ns, file))

    def all_read(self) -> bool:
        """Return whether each picture that is there now has a reading in the ledger."""
        read = all(self._ledger.read(file, state) for file, state in self._files())
        return read and self._folder.fault is None

    def put_off(self, file: str, seconds: float, refused: Refused | None = None) -> None:
        """Have `file` be due again after `seconds` without a change."""
        waiting = self.waiting[file]
        self.waiting[file] = Waiting(waiting.state, time.monotonic(), seconds, refused or waiting.refused)

    def _files(self) -> list[tuple[str, State]]:
        files = list(self._folder.files())
        if self._once and self._first is None:
            self._first = {file for file, _ in files}
        return files if self._first is None else [each for each in files if each[0] in self._first]
