"""`postal-digits read`: pictures to lines, without a server."""

import csv
import dataclasses
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app import client
from app.__main__ import main
from app.commands import read
from model.training.mnist import Digits
from tests.conftest import ROOT

COMMAND = [sys.executable, "-m", "app", "read"]


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def scans(digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    for number in range(3):
        Image.fromarray(digits.images[number]).save(folder / f"{number}.png")
    (folder / "note.txt").write_text("hello", encoding="utf-8")
    (folder / "cut.png").write_bytes((folder / "0.png").read_bytes()[:-40])
    (folder / "folder").mkdir()
    return folder


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_picture_is_a_line_with_the_fields_of_the_clients_command(scans: Path, digits: Digits) -> None:
    files = [scans / f"{number}.png" for number in range(3)]
    done = run(*files, "--kind", "digit", "--top", "2")
    assert (done.returncode, done.stderr) == (0, "")
    rows = lines(done.stdout)
    assert [row["file"] for row in rows] == [str(file) for file in files]
    assert [row["text"] for row in rows] == [str(label) for label in digits.labels[:3]]
    fields = {field.name for field in dataclasses.fields(client.Reading)} | {"file", "error"}
    for row in rows:
        assert row.keys() == fields - {"request_id"}
        assert len(row["candidates"]) == 2
        assert row["error"] is None
    assert read.COLUMNS == client.COLUMNS


def test_an_unreadable_file_is_a_row_with_one_sentence_and_the_rest_is_read(scans: Path) -> None:
    names = ("0.png", "note.txt", "cut.png", "folder", "nowhere.png", "1.png")
    done = run(*(scans / name for name in names), "--format", "csv")
    assert done.returncode == 1
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert tuple(rows[0]) == read.COLUMNS
    errors = {Path(row["file"]).name: row["error"] for row in rows}
    assert tuple(errors) == names
    assert errors["0.png"] == errors["1.png"] == ""
    assert "expected a PNG" in errors["note.txt"]
    assert "truncated" in errors["cut.png"]
    assert errors["folder"] == "the file cannot be read: Is a directory"
    assert errors["nowhere.png"] == "the file cannot be read: No such file or directory"
    assert done.stderr == ""


def test_readings_go_to_the_file_that_out_names(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "readings.jsonl"
    done = run(scans / "0.png", "--out", out)
    assert (done.returncode, done.stdout) == (0, "")
    assert len(lines(out.read_text(encoding="utf-8"))) == 1


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["--country", "zz"], {}, "'zz'"),
        (["--digits", "0"], {}, "--digits: must be at least 1"),
        (["--max-error", "2"], {}, "between 0 and 1"),
        (["--top", "0"], {}, "at least 1"),
        (["--out", "nowhere/readings.csv"], {}, "nowhere/readings.csv cannot be written"),
        ([], {"DIGITS_MODEL": "nowhere.npz"}, "nowhere.npz cannot be read"),
        ([], {"DIGITS_MAX_PIXELS": "many"}, "DIGITS_MAX_PIXELS"),
    ],
)
def test_a_wrong_option_or_setting_is_one_sentence_and_code_2(
    scans: Path,
    arguments: list[str],
    environment: dict[str, str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        main(["read", str(scans / "0.png"), *arguments])
    printed = capsys.readouterr()
    assert (stopped.value.code, printed.out) == (2, "")
    assert sentence in printed.err.splitlines()[-1]


def test_settings_limit_what_is_read(scans: Path) -> None:
    done = run(scans / "0.png", "/dev/zero", DIGITS_MAX_BODY_BYTES="1000")
    first, second = lines(done.stdout)
    assert first["error"] is None
    assert "more than 1000 bytes" in second["error"]


def test_ctrl_c_leaves_whole_lines(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "readings.jsonl"
    process = subprocess.Popen([*COMMAND, *[str(scans / "0.png")] * 20_000, "--out", str(out)], cwd=ROOT)
    ends = time.monotonic() + 60
    while (not out.exists() or out.stat().st_size < 10_000) and time.monotonic() < ends:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    written = out.read_text(encoding="utf-8")
    assert written.endswith("\n")
    assert 0 < len(lines(written)) < 20_000


def test_a_reader_that_has_seen_enough_is_not_an_error(scans: Path) -> None:
    command = shlex.join([*COMMAND, *[str(scans / "0.png")] * 200])
    done = subprocess.run(
        ["/bin/sh", "-c", f"({command}; echo $? >&2) | head -n 1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert len(lines(done.stdout)) == 1
    assert done.stderr.split() == ["1"]


@pytest.mark.parametrize("word", [[], ["serve"], ["read"]])
def test_help_appears_without_loading_the_reader(word: list[str]) -> None:
    code = (
        "import sys; from app.__main__ import main\n"
        f"try: main({[*word, '--help']})\n"
        "except SystemExit: print(sorted({'numpy', 'fastapi', 'PIL', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "usage: postal-digits" in done.stdout
