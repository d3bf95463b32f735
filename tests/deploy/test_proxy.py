"""The proxy of deploy/haproxy, the real one, before two services that behave as told."""

import os
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import httpx
import pytest

from tests.app.services import free_port
from tests.conftest import ROOT

HAPROXY = shutil.which("haproxy")
WAIT = 10.0

pytestmark = pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")


class Service(ThreadingHTTPServer):
    """Answers pictures with `status`, None for not at all, and /health/ready with 200 where it is `ready`."""

    status: int | None

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ready, self.status, self.pictures = True, 200, 0
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: the proxy breaks its checks off once it has seen the status."""

    def end(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()
        self.thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200 if cast("Service", self.server).ready else 503)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        service = cast("Service", self.server)
        service.pictures += 1
        if service.status is None:
            self.close_connection = True
        else:
            self._answer(service.status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 (the base class's name)
        """Stay quiet."""


class Proxied:
    """Both services, and the addresses of the proxy before them and of its metrics."""

    def __init__(self, services: list[Service], url: str, metrics: str) -> None:
        self.first, self.second = self.services = services
        self.url, self.metrics = url, metrics

    def sent(self, count: int, size: int = 1000) -> Counter[int]:
        """Send so many pictures, each on a connection of its own; how many answers had each status."""
        return Counter(httpx.post(f"{self.url}/predict", content=bytes(size)).status_code for _ in range(count))

    def wait_until_in_use(self, *services: Service) -> None:
        """Return once the proxy takes these services for ready, and no others."""
        ends = time.monotonic() + WAIT
        while self._in_use() != list(services):
            assert time.monotonic() < ends
            time.sleep(0.05)

    def _in_use(self) -> list[Service]:
        text = httpx.get(self.metrics).text
        up = re.findall(
            r'^haproxy_server_status\{proxy="services",server="reader-(\d)",state="UP"\} 1$', text, re.MULTILINE
        )
        return [self.services[int(number) - 1] for number in up]


@pytest.fixture
def proxied() -> Iterator[Proxied]:
    services, port, metrics = [Service(), Service()], free_port(), free_port()
    environment = {"PROXY_LISTEN": f"127.0.0.1:{port}", "PROXY_METRICS": f"127.0.0.1:{metrics}"}
    environment |= {
        f"READER_{number}": f"127.0.0.1:{each.server_port}" for number, each in enumerate(services, start=1)
    }
    command = [str(HAPROXY), "-q", "-db", "-f", str(ROOT / "deploy" / "haproxy" / "haproxy.cfg")]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        proxied = Proxied(services, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{metrics}/metrics")
        while not answers(proxied.metrics):
            assert process.poll() is None
            time.sleep(0.02)
        yield proxied
    finally:
        process.terminate()
        process.wait()
        for each in services:
            each.end()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def test_pictures_are_shared_and_one_service_s_metrics_are_not_shown(proxied: Proxied) -> None:
    proxied.wait_until_in_use(proxied.first, proxied.second)
    assert proxied.sent(10) == {200: 10}
    assert proxied.first.pictures
    assert proxied.second.pictures
    assert httpx.get(f"{proxied.url}/metrics").status_code == 404


def test_a_service_that_drains_gets_no_more_pictures_and_comes_back(proxied: Proxied) -> None:
    proxied.first.ready = False
    proxied.wait_until_in_use(proxied.second)
    before = proxied.first.pictures
    assert proxied.sent(10) == {200: 10}
    assert proxied.first.pictures == before
    proxied.first.ready = True
    proxied.wait_until_in_use(proxied.first, proxied.second)


def test_what_one_service_refuses_or_cannot_take_the_other_reads(proxied: Proxied) -> None:
    proxied.first.status = 503
    assert proxied.sent(10) == {200: 10}
    assert proxied.first.pictures
    proxied.first.end()  # at once: the proxy has not noticed yet
    assert proxied.sent(10) == {200: 10}
    assert proxied.sent(4, size=1_000_000) == {200: 4}


def test_what_dies_with_one_service_the_other_reads_unless_it_is_too_large_to_keep(proxied: Proxied) -> None:
    proxied.first.status = None
    assert proxied.sent(4) == {200: 4}
    assert proxied.sent(4, size=1_000_000).keys() == {200, 502}


def test_where_both_refuse_the_client_learns_it(proxied: Proxied) -> None:
    proxied.first.status = proxied.second.status = 503
    assert proxied.sent(3) == {503: 3}
    assert proxied.first.pictures + proxied.second.pictures == 6  # each was asked once
