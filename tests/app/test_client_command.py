"""The client's command, `python -m app.client`, run as users run it."""

import csv
import io
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.app import services
from tests.app.services import ScriptedService, Step
from tests.conftest import ROOT

COMMAND = [sys.executable, "-m", "app.client"]


def run(*arguments: str | Path, **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, **more
    )


def pictures(folder: Path, *codes: str) -> list[Path]:
    paths = [folder / f"{code}.png" for code in codes]
    for path in paths:
        path.write_text(path.stem)  # the scripted service says what the body says
    return paths


def test_json_lines_come_in_the_order_of_the_files(scripted: ScriptedService, tmp_path: Path) -> None:
    files = pictures(tmp_path, "75011", "01000", "00501")
    done = run(scripted.url, *files, "--digits", "5", "--country", "fr")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"] for line in lines] == [str(file) for file in files]
    assert [line["text"] for line in lines] == ["75011", "01000", "00501"]
    assert all(line["error"] is None and line["decision"] == "accept" and len(line["digits"]) == 5 for line in lines)
    assert {request.path for request in scripted.requests} == {"/predict?digits=5&country=fr"}


def test_csv_keeps_leading_zeros(scripted: ScriptedService, tmp_path: Path) -> None:
    (file,) = pictures(tmp_path, "01000")
    done = run(scripted.url, file, "--format", "csv")
    assert done.stdout == (
        '"file","text","formatted","confidence","decision","reason","kind","error"\n'
        f'"{file}","01000","01000",0.99,"accept","","strip",""\n'
    )


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_picture_that_is_not_read_is_a_line_with_its_error_and_the_exit_code(
    scripted: ScriptedService, tmp_path: Path, form: str
) -> None:
    scripted.otherwise = lambda body: Step(422) if body == b"2" else Step()
    files = pictures(tmp_path, "1", "2", "3")
    done = run(scripted.url, files[0], files[1], tmp_path / "none.png", files[2], "--format", form)
    assert done.returncode == 1
    lines: list[dict[str, Any]] = (
        list(csv.DictReader(io.StringIO(done.stdout)))
        if form == "csv"
        else [json.loads(line) for line in done.stdout.splitlines()]
    )
    assert [line["text"] or None for line in lines] == ["1", None, None, "3"]
    refused, missing = lines[1]["error"], lines[2]["error"]
    assert refused == "the service refused with 422 Scripted: as told"
    assert missing == f"the picture cannot be sent: No such file or directory: {tmp_path / 'none.png'}"
    assert done.stderr == f"{files[1]}: {refused}\n{tmp_path / 'none.png'}: {missing}\n"


def test_a_file_name_is_never_a_formula_and_still_names_the_file(scripted: ScriptedService, tmp_path: Path) -> None:
    pictures(tmp_path, "7")
    names = ["=1+1.png", "@x,y.png", '"a"\nb.png', os.fsdecode(b"\xff.png")]
    for name in names:
        shutil.copy(tmp_path / "7.png", tmp_path / name)
    command = [*COMMAND, scripted.url, *names, "--format", "csv"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    written = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, env=environment).stdout
    rows = list(csv.DictReader(io.StringIO(os.fsdecode(written), newline="")))
    assert [row["file"] for row in rows] == ["./=1+1.png", "./@x,y.png", *names[2:]]
    assert all((tmp_path / row["file"]).exists() and row["text"] == "7" for row in rows)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["localhost:8000", "a.png"], "`url` must be like http://localhost:8000; got 'localhost:8000'"),
        (["http://localhost:8000"], "the following arguments are required: FILE"),
        (["http://localhost:8000", "a.png", "--concurrency", "0"], "must be at least 1; got 0"),
        (["http://localhost:8000", "a.png", "--deadline", "0"], "must be above 0 seconds; got 10.0 and 0.0"),
        (["http://localhost:8000", "a.png", "--format", "xml"], "invalid choice: 'xml'"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_service_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    done = run("http://127.0.0.1:9", *pictures(tmp_path, "1"), "--deadline", "0.5")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no reading within 0.5 s: http://127.0.0.1:9/predict cannot be reached" in done.stderr


def test_help_shows_an_example() -> None:
    assert "Example: python -m app.client http://localhost:8000" in run("--help").stdout


def test_the_key_comes_from_the_environment(scripted: ScriptedService, tmp_path: Path) -> None:
    run(scripted.url, *pictures(tmp_path, "1"), env={**os.environ, "DIGITS_API_KEY": "s3cret"})
    assert scripted.requests[0].headers["X-API-Key"] == "s3cret"


def test_the_file_runs_alone_where_it_is_copied(scripted: ScriptedService, tmp_path: Path) -> None:
    shutil.copy(ROOT / "app" / "client.py", tmp_path / "copied.py")
    (file,) = pictures(tmp_path, "31")
    command = [sys.executable, "copied.py", scripted.url, str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["text"] == "31"


def test_a_reader_that_goes_away_ends_it_quietly(scripted: ScriptedService, tmp_path: Path) -> None:
    files = [str(file) for file in pictures(tmp_path, *map(str, range(300)))]
    with subprocess.Popen(
        [*COMMAND, scripted.url, *files], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 1


def test_a_full_disk_is_one_sentence(scripted: ScriptedService, tmp_path: Path) -> None:
    (file,) = pictures(tmp_path, "1")
    command = ["sh", "-c", 'ulimit -f 0 && exec "$@"', "sh", *COMMAND, scripted.url, str(file)]
    with (tmp_path / "readings").open("w") as full:  # to which the shell lets no byte be written
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "the readings cannot be written: File too large\n")


def test_ctrl_c_ends_it_quietly(scripted: ScriptedService, tmp_path: Path) -> None:
    scripted.otherwise = lambda _: Step(act=services.hang)
    with subprocess.Popen(
        [*COMMAND, scripted.url, *map(str, pictures(tmp_path, "1", "2"))], cwd=ROOT, stderr=subprocess.PIPE
    ) as running:
        while len(scripted.requests) < 2:
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, error = running.communicate(timeout=30)
    assert (running.returncode, error) == (130, b"")


def test_a_terminal_shows_the_progress(scripted: ScriptedService, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*COMMAND, scripted.url, *map(str, pictures(tmp_path, "1", "2")), str(tmp_path / "none.png")]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, check=False)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "\r1 of 3, 0 failed\r2 of 3, 0 failed" in shown
    assert "\r3 of 3, 1 failed" in shown
