"""What the tests of the watcher share: how it is run, and what its ledger says."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from app import watch

COMMAND = [sys.executable, "-m", "app.watch"]
QUICK = ("--poll", "0.02", "--settle", "0.05")


def watched_once(url: str, folder: Path, out: Path, *more: str | Path) -> int:
    """Read what is in `folder`, in this process; return the exit code."""
    return watch.main([url, str(folder), "--out", str(out), "--once", *QUICK, *map(str, more)])


def rows(out: Path) -> list[dict[str, Any]]:
    """Return the whole rows of a ledger; a watcher may be writing the last one."""
    content = out.read_bytes() if out.exists() else b""
    return [json.loads(line) for line in content.splitlines(keepends=True) if line.endswith(b"\n")]


def key(file: str, content: bytes) -> tuple[str, str]:
    """Return by what a row about this content is known."""
    return file, hashlib.sha256(content).hexdigest()
