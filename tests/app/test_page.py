"""The page and its files: what is sent, how, and what is not."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from app.main import create_app
from app.routes.documented import EXAMPLE
from app.routes.page import STATIC
from app.settings import Settings
from tests.app.services import running

# What the files of a page may be; a source map, an editor's copy or a script would have no place there.
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/",
    ".js": "javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
}
LEAST_COMPRESSED = 500  # bytes: shorter answers would not be compressed anyway
FILES = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())


def raw_answer(url: str, path: str) -> bytes:
    """Return the answer to a path that is sent as it is: HTTP clients take `..` out of it."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("path", ["/", *(f"/static/{name}" for name in FILES)])
def test_each_file_has_its_type_and_headers_that_let_nothing_of_another_host_in(url: str, path: str) -> None:
    answer = httpx.get(f"{url}{path}")
    assert answer.status_code == 200
    assert TYPES[Path(path).suffix or ".html"] in answer.headers["content-type"]
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-cache"


def test_the_page_names_no_address_outside_its_base(url: str) -> None:
    page = httpx.get(f"{url}/").text
    assert '<base href="/">' in page
    named = re.findall(r'(?:src|href)="([^"]*)"', page.replace('<base href="/">', ""))
    assert named
    assert [each for each in named if each.startswith("/") or ":" in each] == []


def test_the_page_is_compressed_where_the_client_takes_that_and_readings_never_are(url: str) -> None:
    assert httpx.get(f"{url}/").headers["content-encoding"] == "gzip"
    plain = httpx.get(f"{url}/", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == httpx.get(f"{url}/").text
    assert httpx.get(f"{url}/model").headers["content-encoding"] == "gzip"
    answer = httpx.post(f"{url}/predict", json=EXAMPLE, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert len(answer.content) > LEAST_COMPRESSED


@pytest.mark.parametrize("path", ["/", f"/static/{FILES[0]}"])
def test_what_the_client_has_is_not_sent_again(url: str, path: str) -> None:
    tag = httpx.get(f"{url}{path}").headers["etag"]
    again = httpx.get(f"{url}{path}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert httpx.get(f"{url}{path}", headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/static/index.html"])
def test_the_page_answers_head_without_a_body(url: str, path: str) -> None:
    answer = httpx.head(f"{url}{path}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == httpx.get(f"{url}{path}").headers["etag"]


@pytest.mark.parametrize(
    "path",
    ["/static/nowhere.js", "/static/", "/static/../main.py", "/static/%2e%2e/main.py", "/static/..%2fmain.py",
     "/static//etc/passwd", "/static/%00", f"/static/{'a' * 300}", "/nowhere"],
)  # fmt: skip
def test_what_is_no_file_of_the_page_is_a_problem(url: str, path: str) -> None:
    head, _, body = raw_answer(url, path).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 "), head
    assert b"content-type: application/problem+json" in head.lower()
    assert b'"status":404' in body


@pytest.mark.parametrize("path", ["/", "/static/index.html"])
def test_nothing_can_be_sent_to_the_page(url: str, path: str) -> None:
    answer = httpx.post(f"{url}{path}", content=b"x")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


@pytest.fixture(scope="module")
def prefixed() -> Iterator[str]:
    app = create_app(Settings())
    app.root_path = '/a"b&c'
    with running(app) as address:
        yield address


def test_behind_a_prefix_all_addresses_go_out_from_it(prefixed: str) -> None:
    assert '<base href="/a&quot;b&amp;c/">' in httpx.get(f"{prefixed}/").text


def test_a_client_that_leaves_once_it_has_a_file_is_no_fault(url: str, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(20):
        assert httpx.get(f"{url}/static/index.html").is_success
    assert httpx.get(f"{url}/health/live").is_success
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
