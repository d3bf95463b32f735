"""Clients that others wrote read a picture, used just as they are."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app.services import RealService
from tests.app.test_bodies import PNG

CLIENTS = Path(__file__).parent / "clients"


@pytest.fixture
def url(real: RealService) -> str:
    return real.url


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "seven.png"
    path.write_bytes(PNG)
    return path


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def read_by(command: list[str], cwd: Path | None = None) -> list[str]:
    """Return the text of each answer that the command printed, one line each: a status and JSON."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd)
    assert done.returncode == 0, done.stderr
    texts = []
    for line in done.stdout.splitlines():
        status, _, body = line.partition(" ")
        assert status == "200", line
        texts.append(json.loads(body)["text"])
    return texts


def test_the_jdks_http_client_reads(url: str, picture: Path, tmp_path: Path) -> None:
    subprocess.run([tool("javac"), "-d", str(tmp_path), str(CLIENTS / "Predict.java")], check=True, timeout=120)
    assert read_by([tool("java"), "-cp", str(tmp_path), "Predict", f"{url}/predict", str(picture)]) == ["7", "7"]


def test_fetch_of_node_reads(url: str, picture: Path) -> None:
    assert read_by([tool("node"), str(CLIENTS / "predict.mjs"), f"{url}/predict", str(picture)]) == ["7", "7", "7"]


CURL = {
    "as it comes": ["--data-binary", "@{file}"],
    "HTTP/2 offered": ["--http2", "--data-binary", "@{file}"],
    "HTTP/1.0": ["--http1.0", "--data-binary", "@{file}"],
    "chunked": ["-H", "Transfer-Encoding: chunked", "--data-binary", "@{file}"],
    "Expect": ["-H", "Expect: 100-continue", "--data-binary", "@{file}"],
    "a form": ["-F", "file=@{file}"],
    "a form without a filename": ["-F", "file=<{file};filename="],
    "put together": ["-X", "POST", "-T", "{file}"],
}


@pytest.mark.parametrize("name", CURL)
def test_curl_reads(url: str, picture: Path, name: str) -> None:
    options = [part.format(file=picture) for part in CURL[name]]
    command = [tool("curl"), "--silent", "--show-error", "--write-out", "%{stderr}%{http_code}", *options]
    done = subprocess.run([*command, f"{url}/predict"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "200"), done.stdout
    assert json.loads(done.stdout)["text"] == "7"


def test_requests_reads_files_with_and_without_a_name(url: str) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    for files in ({"file": PNG}, {"file": (None, PNG)}, {"file": ("seven.png", PNG, "image/png")}):
        assert requests.post(f"{url}/predict", files=files, timeout=60).json()["text"] == "7"
    assert requests.post(f"{url}/predict", data=PNG, timeout=60).json()["text"] == "7"
