"""The ledger of a camera's folder: no row is lost or torn, and no other file is touched."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.watching.ledger import Ledger, LedgerError, State
from tests.conftest import ROOT

STATE = State(10, 20, 30)
OTHER = """
import pathlib, sys
from app.watching.ledger import Ledger
ledger = Ledger(pathlib.Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""
Row = tuple[str, State, str | None, dict[str, Any]]

# Names are whatever a file may be called: with line ends, quotes, and bytes that are not UTF-8 (lone surrogates).
NAMES = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=8)
ANSWERS = st.fixed_dictionaries({"text": st.text(max_size=5), "error": st.none() | st.text(max_size=5)})
NUMBERS = st.integers(0, 2**63)
ROWS = st.lists(
    st.tuples(NAMES, st.builds(State, NUMBERS, NUMBERS, NUMBERS), st.none() | st.sampled_from(["aa", "bb"]), ANSWERS),
    max_size=5,
)


def write(path: Path, rows: list[Row]) -> list[int]:
    """Write `rows` as a ledger writes them, but for its waits for the disk; return the size at first and after each."""
    lines = [
        json.dumps({"file": file, **answer, "sha256": sha256, **state._asdict()}).encode() + b"\n"
        for file, state, sha256, answer in rows
    ]
    path.write_bytes(b"".join(lines))
    return [0, *itertools.accumulate(map(len, lines))]


def knows(ledger: Ledger, rows: list[Row]) -> bool:
    """Return whether the ledger knows just what is said of each file last."""
    last = {file: (state, answer["error"] is None) for file, state, _, answer in rows}
    return all(ledger.read(file, state) is read for file, (state, read) in last.items())


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger") / "readings.jsonl"


def test_a_row_holds_the_file_its_answer_its_content_and_its_state(path: Path) -> None:
    row: Row = ("a.png", STATE, "aa", {"text": "7", "error": None})
    write(path, [row])
    expected = path.read_bytes()
    path.unlink()
    ledger = Ledger(path)
    ledger.append(*row)
    ledger.close()
    assert path.read_bytes() == expected


@settings(deadline=None, max_examples=20)
@given(rows=ROWS, data=st.data())
def test_wherever_a_row_is_cut_off_the_rows_before_it_stay_and_the_next_one_follows(
    path: Path, rows: list[Row], data: st.DataObject
) -> None:
    sizes = write(path, rows)
    cut = data.draw(st.integers(0, sizes[-1]))
    os.truncate(path, cut)
    whole = sum(1 for size in sizes[1:] if size - 1 <= cut)  # a row is whole without its line end
    again: Row = ("again.png", STATE, "cc", {"text": "1", "error": None})
    ledger = Ledger(path)
    assert knows(ledger, rows[:whole])
    assert not ledger.recognise("again.png", STATE, "cc")
    ledger.append(*again)
    ledger.close()
    written = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [row["file"] for row in written] == [row[0] for row in [*rows[:whole], again]]


@settings(deadline=None, max_examples=20)
@given(rows=ROWS, garbage=st.binary(min_size=1, max_size=40), data=st.data())
def test_a_ledger_with_a_line_that_is_no_row_is_refused_and_left_as_it_is(
    path: Path, rows: list[Row], garbage: bytes, data: st.DataObject
) -> None:
    write(path, rows)
    lines = path.read_bytes().splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines)))
    content = b"".join([*lines[:place], b"x" + garbage.replace(b"\n", b"").replace(b"\0", b"") + b"\n", *lines[place:]])
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=rf"line {place + 1}, is no row of a ledger"):
        Ledger(path)
    assert path.read_bytes() == content


@settings(deadline=None, max_examples=20)
@given(rows=ROWS)
def test_line_ends_of_windows_and_empty_lines_change_nothing(path: Path, rows: list[Row]) -> None:
    write(path, rows)
    path.write_bytes(b"\r\n" + path.read_bytes().replace(b"\n", b"\r\n\r\n"))
    ledger = Ledger(path)
    assert knows(ledger, rows)
    ledger.close()


@pytest.mark.parametrize(
    "content",
    [
        b"no line end",
        b'{"file": "a.png", "text": "75011", "error": null}',  # of the client's command
        b'{"file": "a.png", "text": "75011", "error": null}\n',
        b'{"file": "a.png", "sha256": 1, "error": null, "size": 1, "mtime_ns": 1, "ctime_ns": 1}\n',
        b'{"file": \n',
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0",
        b"\0\0\0\0",
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_ledger_is_refused_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="line 1, is no row of a ledger"):
        Ledger(path)
    assert path.read_bytes() == content


def test_what_a_power_cut_leaves_of_a_row_is_cut_off(path: Path) -> None:
    """Some file systems then keep a new size, with zeros where nothing was written, and even the row's last part."""
    _, size = write(path, [("a.png", STATE, "aa", {"error": None})])
    for torn in (b"\0" * 100, b'{"file": "b' + b"\0" * 100, b"\0" * 100 + b"30}\n"):
        with path.open("ab") as file:
            file.write(torn)
        ledger = Ledger(path)
        assert ledger.read("a.png", STATE)
        ledger.close()
        assert path.stat().st_size == size


def test_content_is_known_by_its_new_state_and_other_content_is_not(path: Path) -> None:
    write(path, [("a.png", STATE, "aa", {"error": None}), ("b.png", STATE, None, {"error": "cannot be opened"})])
    ledger = Ledger(path)
    touched = STATE._replace(mtime_ns=99)
    assert ledger.read("a.png", touched) is None
    assert not ledger.recognise("a.png", touched, "bb")
    assert not ledger.recognise("c.png", touched, "aa")
    assert ledger.recognise("a.png", touched, "aa")
    assert ledger.read("a.png", touched) is True
    assert ledger.read("b.png", STATE) is False
    ledger.close()


def test_two_cannot_use_one_ledger_and_the_second_may_once_the_first_has_ended(path: Path) -> None:
    write(path, [])
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(LedgerError, match="is in use by another watcher: give each its own file"):
            Ledger(path)
        other.kill()
        other.wait()
    Ledger(path).close()


def test_a_ledger_that_was_moved_or_removed_is_not_written_to_in_vain(path: Path) -> None:
    write(path, [])
    ledger = Ledger(path)
    path.unlink()
    with pytest.raises(LedgerError, match="No such file or directory"):
        ledger.append("a.png", STATE, "aa", {"error": None})
    path.touch()
    with pytest.raises(LedgerError, match="another file has its name now"):
        ledger.append("a.png", STATE, "aa", {"error": None})
    ledger.close()


@pytest.mark.parametrize(
    ("place", "message"),
    [("", "is no regular file"), ("missing/readings.jsonl", "cannot be opened for writing: No such file or directory")],
)
def test_a_place_that_cannot_be_written_to_is_one_sentence(tmp_path: Path, place: str, message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        Ledger(tmp_path / place)
