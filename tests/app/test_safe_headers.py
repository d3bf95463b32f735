"""Every answer tells browsers what they must not do with it, wherever it is made."""

import base64
import hashlib
import re
import socket

import httpx
import pytest

from app.routes.documented import EXAMPLE
from app.safe_headers import HEADERS
from tests.app.test_protocol import WAIT


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/predict", 200),
        ("POST", "/predict/batch", 422),
        ("POST", f"/predict?{'a=1&' * 501}", 422),
        ("GET", "/predict", 405),
        ("GET", "/nowhere", 404),
        ("GET", "/model", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/health/live", 200),
        ("HEAD", "/health/ready", 200),
    ],
)
def test_an_answer_has_all_headers_once(url: str, method: str, path: str, status: int) -> None:
    answer = httpx.request(method, url + path, json=EXAMPLE if method == "POST" else None)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers.get_list(name) == [value]


def test_a_list_of_lines_has_them_too(url: str) -> None:
    answer = httpx.post(f"{url}/predict/batch", content=b"{}\n", headers={"Content-Type": "application/jsonl"})
    assert HEADERS.items() <= {name.title(): value for name, value in answer.headers.items()}.items()


def test_so_has_what_is_answered_before_the_application_is_asked(url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=WAIT) as connection:
        connection.sendall(b"no HTTP\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    for name, value in HEADERS.items():
        assert f"\r\n{name.lower()}: {value}\r\n".encode() in answer


def test_the_documentation_runs_only_the_scripts_that_it_comes_with(url: str) -> None:
    page = httpx.get(f"{url}/docs")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    [script] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    loaded = re.search(r'src="([^"]*)"', page.text)
    assert loaded
    assert "cache-control" not in httpx.head(url + loaded[1]).headers  # it has a tag, and may be kept


def test_the_page_has_its_own_policy_and_shares_no_window(url: str) -> None:
    page = httpx.get(f"{url}/")
    assert page.headers.get_list("content-security-policy")[0].startswith("default-src 'none'; script-src 'self'")
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert page.headers["cross-origin-resource-policy"] == "same-origin"
