"""Fetching data from real servers on real ports and from folders, with small files made up here."""

import contextlib
import gzip
import hashlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fetch_data import MNIST, FetchError, File, fetch, main
from tests.conftest import ROOT

CONTENT = bytes(range(256)) * 1000
LABELS = b"\0\0\x08\x01" + bytes(100)


def file_of(name: str, content: bytes) -> File:
    return File(name, len(content), hashlib.sha256(content).hexdigest())


IMAGES_FILE, LABELS_FILE = FILES = (file_of("images", CONTENT), file_of("labels", LABELS))

Answer = Callable[[BaseHTTPRequestHandler], None]


def sends(content: bytes, *, declared: int | None = None) -> Answer:
    """Return an answer with `content`, which is cut short if `declared` is larger."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(declared or len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def never_ends(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    with contextlib.suppress(OSError):  # until the client goes away
        while True:
            request.wfile.write(bytes(1000))
            time.sleep(0.001)


@contextlib.contextmanager
def mirror(answers: dict[str, Answer]) -> Iterator[tuple[str, list[str]]]:
    """Serve `answers` by file name on a real port; yield the address and the list of requested files."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/mnist/")
            asked.append(name)
            if name in answers:
                answers[name](self)
            else:
                self.send_error(404)

        def log_message(self, format: str, *values: object) -> None:  # noqa: A002 (the base class's name)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mnist/", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


RIGHT = {"images.gz": sends(gzip.compress(CONTENT)), "labels.gz": sends(gzip.compress(LABELS))}


def test_a_mirror_gives_the_files_unpacked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with mirror(RIGHT) as (url, _):
        assert main(["--out", str(tmp_path / "new" / "mnist")], FILES, [url]) == 0
    assert (tmp_path / "new" / "mnist" / "images").read_bytes() == CONTENT
    assert (tmp_path / "new" / "mnist" / "labels").read_bytes() == LABELS
    assert names(tmp_path / "new" / "mnist") == ["images", "labels"]
    assert capsys.readouterr().out.startswith(f"images: from {url}\nlabels: from {url}\n")


def test_right_files_that_are_there_are_kept_and_wrong_ones_are_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "images").write_bytes(CONTENT)
    (tmp_path / "labels").write_bytes(LABELS[:-1] + b"\1")
    with mirror(RIGHT) as (url, asked):
        assert main(["--out", str(tmp_path)], FILES, [url]) == 0
    assert asked == ["labels.gz"]
    assert (tmp_path / "labels").read_bytes() == LABELS
    assert capsys.readouterr().out.startswith("images: already there\n")


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_gives_the_files_plain_or_packed(tmp_path: Path, packed: bool) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    for file, content in zip(FILES, (CONTENT, LABELS), strict=True):
        name, stored = (f"{file.name}.gz", gzip.compress(content)) if packed else (file.name, content)
        (source / name).write_bytes(stored)
    assert main(["--source", str(source), "--out", str(out)], FILES, []) == 0
    assert (out / "images").read_bytes() == CONTENT


def test_a_url_may_have_the_files_plain(tmp_path: Path) -> None:
    with mirror({"images": sends(CONTENT), "labels": sends(LABELS)}) as (url, _):
        assert main(["--source", url, "--out", str(tmp_path)], FILES, []) == 0
    assert names(tmp_path) == ["images", "labels"]


def test_a_mirror_that_is_down_is_passed_over_and_not_asked_again(tmp_path: Path) -> None:
    failing: dict[str, Answer] = {"images.gz": lambda request: request.send_error(503)}
    with mirror(failing) as (down, asked), mirror(RIGHT) as (url, _):
        assert main(["--out", str(tmp_path)], FILES, ["http://127.0.0.1:9/", down, url]) == 0
    assert asked == ["images.gz"]
    assert names(tmp_path) == ["images", "labels"]


WRONG: dict[str, tuple[Answer, str]] = {
    "a download that breaks off": (
        sends(gzip.compress(CONTENT)[:500], declared=len(gzip.compress(CONTENT))),
        "peer closed connection",
    ),
    "a download cut short on the server": (sends(gzip.compress(CONTENT)[:500]), "broke off after"),
    "another file": (sends(gzip.compress(CONTENT[::-1])), "SHA-256"),
    "a page": (sends(b"<html>Sign in to the network</html>"), "broke off after"),
    "broken gzip": (sends(b"\x1f\x8b" + bytes(500)), "broken gzip"),
    "a gzip bomb": (sends(gzip.compress(bytes(50_000_000))), "unpacks to more than 256,000 bytes"),
    "a file without end": (never_ends, "more than 256,000 bytes"),
    "nothing": (sends(b""), "broke off after 0 of 256,000 bytes"),
    "a refusal": (lambda request: request.send_error(403), "403 Forbidden"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_never_gets_the_final_name(tmp_path: Path, what: str) -> None:
    answer, fault = WRONG[what]
    with mirror({"images.gz": answer}) as (url, _):
        with pytest.raises(FetchError, match=fault):
            fetch(IMAGES_FILE, [url], tmp_path)
        assert names(tmp_path) == []
        with mirror(RIGHT) as (second, _):
            assert fetch(IMAGES_FILE, [url, second], tmp_path) == second
    assert names(tmp_path) == ["images"]


def test_an_error_says_in_one_line_what_was_tried_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mirror({}) as (url, _):
        assert main(["--out", str(tmp_path)], FILES, [url, str(tmp_path / "none")]) == 1
    error = capsys.readouterr().err
    assert error == (
        f"fetch_data.py: images could not be fetched from {url} (404 Not Found), {tmp_path / 'none'} "
        "(no such file, nor one ending in .gz): give a folder or URL with --source\n"
    )


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"")
    with mirror(RIGHT) as (url, _):
        assert main(["--out", str(tmp_path / "file")], FILES, [url]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("stop", "left"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, 1)],
    ids=["SIGINT", "SIGTERM", "SIGKILL"],
)
def test_stopped_half_way_it_leaves_no_file_under_a_final_name(tmp_path: Path, stop: signal.Signals, left: int) -> None:
    with mirror({"train-images-idx3-ubyte.gz": never_ends}) as (url, _):
        command = [sys.executable, "scripts/fetch_data.py", "--source", url, "--out", str(tmp_path)]
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with running:
            while not any(path.stat().st_size for path in tmp_path.glob(".*.part")):
                assert running.poll() is None
                time.sleep(0.02)
            running.send_signal(stop)
            _, error = running.communicate(timeout=30)
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"] * left  # kill -9 leaves nothing under a final name
    if not left:
        assert (running.returncode, error.count("\n")) == (130, 1)


def test_help_shows_an_example() -> None:
    command = [sys.executable, "scripts/fetch_data.py", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "Example: python scripts/fetch_data.py" in shown


def test_the_sums_and_sizes_are_in_the_readme_of_the_data() -> None:
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for file in MNIST:
        assert f"| `{file.name}` | {file.size:,} | `{file.sha256}` |" in readme
