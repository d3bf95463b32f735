"""The watcher of a camera's folder, with a service that answers as it is told."""

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import watch
from app.watching.ledger import State
from tests.app import services
from tests.app.services import ScriptedService, Step
from tests.app.watching import COMMAND, QUICK, key, rows, watched_once
from tests.conftest import ROOT

WAIT = 30.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "camera"
    path.mkdir()
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "readings.jsonl"


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def bodies(scripted: ScriptedService) -> list[bytes]:
    """Return the pictures that were sent, without the blank one with which a watcher starts."""
    return [request.body for request in scripted.requests if request.body != watch.BLANK]


def refuse(*pictures: bytes, status: int = 422) -> Callable[[bytes], Step]:
    """Return how to answer if `pictures` are refused and all others read."""
    return lambda body: Step(status) if body in pictures else Step()


class Running:
    """A watcher in a process of its own, until it is told to stop."""

    def __init__(self, *arguments: str | Path) -> None:
        command = [*COMMAND, *map(str, arguments), *QUICK]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)

    def stopped(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Return the exit code and what was said, once it has been told to stop."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=WAIT)
        return self.process.returncode, said


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(*arguments: str | Path) -> Running:
        started.append(Running(*arguments))
        return started[-1]

    yield begin
    for each in started:
        each.process.kill()
        each.process.communicate()


def test_each_picture_is_one_row_however_often_the_folder_is_read(
    scripted: ScriptedService, folder: Path, out: Path
) -> None:
    (folder / "monday").mkdir()
    for name, text in {"b.png": "75011", "a.png": "01000", "monday/a.png": "01000"}.items():
        (folder / name).write_text(text)
    assert watched_once(scripted.url, folder, out, "--digits", "5", "--country", "fr") == 0
    assert {(row["file"], row["text"]) for row in rows(out)} == {
        ("b.png", "75011"),
        ("a.png", "01000"),
        ("monday/a.png", "01000"),
    }
    assert all(row["error"] is None and row["decision"] == "accept" and len(row["digits"]) == 5 for row in rows(out))
    assert {request.path for request in scripted.requests} == {"/predict?digits=5&country=fr"}
    assert watched_once(scripted.url, folder, out) == 0
    assert len(rows(out)) == len(bodies(scripted)) == 3


def test_other_content_is_a_new_row_and_the_same_content_is_none(
    scripted: ScriptedService, folder: Path, out: Path
) -> None:
    picture = folder / "a.png"
    for content in (b"1", b"2", b"2", b"1", b"3"):  # the fourth was read before
        picture.write_bytes(content)
        assert watched_once(scripted.url, folder, out) == 0
    assert [(row["file"], row["sha256"]) for row in rows(out)] == [key("a.png", each) for each in (b"1", b"2", b"3")]


def test_content_that_keeps_its_size_and_its_time_is_noticed(
    scripted: ScriptedService, folder: Path, out: Path
) -> None:
    picture = folder / "a.png"
    for content in ("1", "2"):
        picture.write_text(content)
        os.utime(picture, (1, 1))
        assert watched_once(scripted.url, folder, out) == 0
    assert [row["text"] for row in rows(out)] == ["1", "2"]


def test_an_unreadable_picture_is_a_row_with_its_reason_until_it_is_mended(
    scripted: ScriptedService, folder: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted.otherwise = refuse(b"broken")
    (folder / "sub").mkdir()
    for name, content in {"good.png": b"1", "sub/bad.png": b"broken", "empty.png": b""}.items():
        (folder / name).write_bytes(content)
    aside = tmp_path / "aside"
    for _ in range(2):
        assert watched_once(scripted.url, folder, out, "--aside", aside) == 1
    reason = "the service refused with 422 Scripted: as told"
    found = {row["file"]: (row["text"], row["error"]) for row in rows(out)}
    assert found == {"good.png": ("1", None), "sub/bad.png": (None, reason), "empty.png": (None, "the file is empty")}
    assert len(rows(out)) == 3
    assert (folder / "sub" / "bad.png").read_bytes() == b"broken"
    _, digest = key("sub/bad.png", b"broken")
    assert (aside / "sub" / f"bad-{digest[:8]}.png").read_bytes() == b"broken"
    assert (aside / "sub" / f"bad-{digest[:8]}.png.txt").read_text() == f"{reason}\n"
    assert f"sub/bad.png: {reason}\n" in capsys.readouterr().err
    (folder / "empty.png").unlink()
    (folder / "sub" / "bad.png").write_text("2")
    assert watched_once(scripted.url, folder, out) == 0
    assert [row["text"] for row in rows(out)[3:]] == ["2"]


def test_what_cannot_be_read_is_given_time_to_become_whole_though_nothing_shows_a_change(
    scripted: ScriptedService, folder: Path, out: Path
) -> None:
    """Some systems set a copy's size and time first, and its content afterwards."""
    scripted.otherwise = refuse(b"\0\0")
    picture = folder / "a.png"
    picture.write_bytes(b"\0\0")
    thread = threading.Thread(target=watched_once, args=(scripted.url, folder, out))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(State, "of", staticmethod(lambda found: State(found.st_size, 0, 0)))
        patch.setattr(watch, "_stopping_at_signals", contextlib.nullcontext)  # only the main thread may have signals
        thread.start()
        until(lambda: b"\0\0" in bodies(scripted))
        picture.write_bytes(b"12")
        thread.join(WAIT)
    assert [(row["text"], row["error"]) for row in rows(out)] == [("12", None)]


def test_a_file_is_waited_for_while_it_is_written(scripted: ScriptedService, folder: Path, out: Path) -> None:
    def write() -> None:
        with (folder / "a.png").open("wb", buffering=0) as picture:
            for digit in b"0123456789":
                picture.write(bytes([digit]))
                begun.set()
                time.sleep(0.03)

    begun = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    begun.wait(WAIT)
    assert watched_once(scripted.url, folder, out, "--settle", "0.3") == 0
    writer.join()
    assert bodies(scripted) == [b"0123456789"]


def test_hidden_and_temporary_files_and_its_own_are_no_pictures(
    scripted: ScriptedService, folder: Path, tmp_path: Path
) -> None:
    out, aside = folder / "readings.jsonl", folder / "aside"
    scripted.otherwise = refuse(b"9")
    names = [".a.png", "~a.png", "a.png~", "a.tmp", "a.PART", "Thumbs.db", ".hidden/a.png", "@eaDir/a.png", "1.png"]
    for name in [*names, "2.PNG"]:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("9" if name == "1.png" else "2")
    (folder / "loop").symlink_to(folder)
    (folder / "nowhere").symlink_to(folder / "none.png")
    for _ in range(2):
        assert watched_once(scripted.url, folder, out, "--aside", aside) == 1
    assert sorted(row["file"] for row in rows(out)) == ["1.png", "2.PNG"]
    assert watched_once(scripted.url, folder, tmp_path / "other.jsonl", "--match", "2.p?g") == 0
    assert [row["file"] for row in rows(tmp_path / "other.jsonl")] == ["2.PNG"]


def test_a_service_that_is_away_fails_no_picture(
    scripted: ScriptedService, folder: Path, out: Path, start: Callable[..., Running]
) -> None:
    away = threading.Event()
    scripted.otherwise = lambda _: Step(act=services.drop) if away.is_set() else Step()
    watching = start(scripted.url, folder, "--out", out, "--deadline", "0.3")
    (folder / "a.png").write_text("1")
    until(lambda: len(rows(out)) == 1)
    away.set()
    for name in ("b.png", "c.png"):
        (folder / name).write_text("2")
    until(lambda: bodies(scripted).count(b"2") > 2)
    time.sleep(0.5)
    away.clear()
    until(lambda: len(rows(out)) == 3)
    code, said = watching.stopped()
    assert code == 0
    assert [row["error"] for row in rows(out)] == [None] * 3
    assert "cannot be reached" in said
    assert said.endswith("; trying again\nthe service answers\n")


def test_a_picture_at_which_the_service_fails_is_tried_again_while_the_others_are_read(
    scripted: ScriptedService, folder: Path, out: Path, start: Callable[..., Running]
) -> None:
    scripted.otherwise = refuse(b"1", status=500)
    watching = start(scripted.url, folder, "--out", out, "--concurrency", "1")
    for name in ("1", "2", "3"):
        (folder / f"{name}.png").write_text(name)
    until(lambda: len(rows(out)) == 2)
    assert [row["text"] for row in rows(out)] == ["2", "3"]
    scripted.otherwise = lambda _: Step()
    until(lambda: len(rows(out)) == 3)
    assert watching.stopped()[0] == 0
    assert [row["text"] for row in rows(out)] == ["2", "3", "1"]


def test_once_ends_where_the_service_does_not_answer_or_a_proxy_does(
    scripted: ScriptedService, folder: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.png").write_text("1")
    assert watched_once("http://127.0.0.1:9", folder, out, "--deadline", "0.2") == 1
    assert "python -m app.watch: http://127.0.0.1:9/predict cannot be reached" in capsys.readouterr().err
    scripted.otherwise = lambda body: Step(413, body=b"<html>a proxy's limit") if body == b"1" else Step()
    (folder / "b.png").write_text("2")
    assert watched_once(scripted.url, folder, out) == 1
    assert [row["text"] for row in rows(out)] == ["2"]


@pytest.mark.parametrize("status", [401, 404, 422])
def test_a_wrong_key_address_or_option_stops_the_start_and_fails_no_picture(
    scripted: ScriptedService, folder: Path, out: Path, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    scripted.otherwise = lambda _: Step(status)
    (folder / "a.png").write_text("1")
    assert watch.main([scripted.url, str(folder), "--out", str(out), *QUICK]) == 1
    assert capsys.readouterr().err == f"python -m app.watch: the service refused with {status} Scripted: as told\n"
    assert rows(out) == []


def test_sigterm_finishes_what_is_under_way(
    scripted: ScriptedService, folder: Path, out: Path, start: Callable[..., Running]
) -> None:
    scripted.otherwise = lambda body: Step(delay=0.5 if body == b"1" else 0)
    watching = start(scripted.url, folder, "--out", out)
    (folder / "a.png").write_text("1")
    until(lambda: b"1" in bodies(scripted))
    assert watching.stopped() == (0, "")
    assert [row["text"] for row in rows(out)] == ["1"]


def test_ctrl_c_says_by_the_exit_code_that_a_picture_is_left(
    scripted: ScriptedService, folder: Path, out: Path, start: Callable[..., Running]
) -> None:
    watching = start(scripted.url, folder, "--out", out, "--match", "*.png")
    (folder / "a.png").write_text("1")
    until(lambda: len(rows(out)) == 1)
    scripted.otherwise = refuse(b"2", status=500)
    (folder / "b.png").write_text("2")
    until(lambda: b"2" in bodies(scripted))
    assert watching.stopped(signal.SIGINT)[0] == 1


def test_a_full_disk_is_one_sentence_and_the_next_start_goes_on(
    scripted: ScriptedService, folder: Path, out: Path
) -> None:
    for number in range(5):
        (folder / f"{number}.png").write_text(str(number))
    command = ["sh", "-c", 'ulimit -f 2 && exec "$@"', "sh", *COMMAND, scripted.url, str(folder), "--out", str(out)]
    done = subprocess.run([*command, "--once", *QUICK], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"python -m app.watch: {out} cannot be written: File too large\n")
    assert out.read_bytes().endswith(b"\n")
    assert 0 < len(rows(out)) < 5
    assert watched_once(scripted.url, folder, out) == 0
    assert sorted(row["text"] for row in rows(out)) == ["0", "1", "2", "3", "4"]


def test_a_folder_that_goes_away_for_a_while_is_said_once(
    scripted: ScriptedService, folder: Path, out: Path, start: Callable[..., Running]
) -> None:
    watching = start(scripted.url, folder, "--out", out)
    (folder / "a.png").write_text("1")
    until(lambda: len(rows(out)) == 1)
    folder.rename(folder.with_name("unmounted"))
    time.sleep(0.3)
    folder.with_name("unmounted").rename(folder)
    (folder / "b.png").write_text("2")
    until(lambda: len(rows(out)) == 2)
    assert watching.stopped() == (0, f"{folder} cannot be read: No such file or directory\n")


def test_a_second_watcher_of_the_same_ledger_is_told_so(
    scripted: ScriptedService,
    folder: Path,
    out: Path,
    start: Callable[..., Running],
    capsys: pytest.CaptureFixture[str],
) -> None:
    start(scripted.url, folder, "--out", out)
    until(lambda: bool(scripted.requests))
    assert watched_once(scripted.url, folder, out) == 2
    expected = f"python -m app.watch: {out} is in use by another watcher: give each its own file\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["localhost:8000", "{folder}"], "`url` must be like http://localhost:8000; got 'localhost:8000'"),
        (["http://localhost:8000", "{folder}/none"], "DIR must be a folder; got {folder}/none"),
        (["http://localhost:8000", "{folder}", "--poll", "-1"], "must be at least 0 seconds; got -1"),
        (["http://localhost:8000", "{folder}", "--settle", "soon"], "invalid seconds value: 'soon'"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(
    folder: Path, out: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        watch.main([*(each.format(folder=folder) for each in arguments), "--out", str(out)])
    assert ended.value.code == 2
    assert message.format(folder=folder) in capsys.readouterr().err
    assert not out.exists()


def test_a_terminal_shows_a_bar_and_the_rate(scripted: ScriptedService, folder: Path, out: Path) -> None:
    for name in ("1", "2", "3"):
        (folder / f"{name}.png").write_text(name)
    (folder / "4.png").touch()
    ours, theirs = pty.openpty()
    subprocess.run(
        [*COMMAND, scripted.url, str(folder), "--out", str(out), "--once", *QUICK], cwd=ROOT, stderr=theirs, check=False
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "[#####               ] 1 read, 0 unreadable, 3 waiting, 0.0/s" in shown
    assert "4.png: the file is empty\r\n" in shown
    assert "[####################] 3 read, 1 unreadable, 0 waiting, " in shown


def test_the_files_run_alone_where_they_are_copied(
    scripted: ScriptedService, folder: Path, out: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "copied" / "app"
    shutil.copytree(ROOT / "app" / "watching", copied / "watching")
    for name in ("client.py", "watch.py"):
        shutil.copy(ROOT / "app" / name, copied)
    (folder / "a.png").write_text("31")
    command = [*COMMAND, scripted.url, str(folder), "--out", str(out), "--once", *QUICK]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, cwd=copied.parent, env=environment, check=True)
    assert json.loads(out.read_text())["text"] == "31"
