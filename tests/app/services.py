"""Services to test clients with, on real ports: the real one, to be restarted, and one that misbehaves as told."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any, cast

import httpx
import psutil
import uvicorn
from fastapi import FastAPI

from app.protocol import Http
from tests.conftest import ROOT

START_SECONDS = 120


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve `app` from a thread of this process; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, http=Http, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


class RealService:
    """`python -m app`, or another command that serves, on a free port."""

    def __init__(
        self,
        command: Sequence[str] = (sys.executable, "-m", "app"),
        log: int | IO[bytes] = subprocess.DEVNULL,
        **environment: str,
    ) -> None:
        self._command, self._log, self._environment = command, log, environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start the service; it is not ready yet."""
        environment = {**os.environ, **self._environment, "DIGITS_PORT": str(self.port)}
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=environment, stdout=self._log, stderr=self._log)

    def wait_until_ready(self) -> None:
        """Return once the service answers that it is ready."""
        ends = time.monotonic() + START_SECONDS
        with httpx.Client() as client:
            while time.monotonic() < ends and self._process.poll() is None:
                with contextlib.suppress(httpx.TransportError):
                    if client.get(f"{self.url}/health/ready").is_success:
                        return
                time.sleep(0.1)
        raise RuntimeError(f"the service is not ready after {START_SECONDS} s; it ended with {self._process.poll()}")

    def kill(self) -> None:
        """End the service and its workers at once, as a power cut would."""
        running = self._process.poll() is None
        workers = psutil.Process(self._process.pid).children(recursive=True) if running else []
        for process in (self._process, *workers):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def send(self, number: int) -> None:
        """Send the service a signal."""
        self._process.send_signal(number)

    def wait(self) -> int:
        """Return the service's exit code once it has ended."""
        return self._process.wait(timeout=30)

    def process(self) -> psutil.Process:
        """Return the process, which answers itself where there is one worker."""
        return psutil.Process(self._process.pid)

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer, where there are several workers."""
        started = psutil.Process(self._process.pid).children()
        living = [each for each in started if each.status() != psutil.STATUS_ZOMBIE]
        return [each for each in living if "spawn_main" in " ".join(each.cmdline())]

    def stop(self) -> None:
        """End the service, and its workers, as an operator does."""
        self._process.terminate()
        self._process.wait(timeout=30)


@contextlib.contextmanager
def real_service(log: int | IO[bytes] = subprocess.DEVNULL, **environment: str) -> Iterator[RealService]:
    """Run the real service, and end it; `log` gets all that it says."""
    service = RealService(log=log, **environment)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.kill()


@dataclass
class Step:
    """One answer of a scripted service; a reading unless told otherwise."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay: float = 0.0
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


@dataclass
class Request:
    """One request that a scripted service got."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


def hang(request: BaseHTTPRequestHandler) -> None:
    """Do not answer, as long as the client waits."""
    request.connection.settimeout(60)
    request.rfile.read(1)


def drop(request: BaseHTTPRequestHandler) -> None:
    """Break the connection off without an answer."""
    request.connection.shutdown(socket.SHUT_RDWR)


def trickle_head(request: BaseHTTPRequestHandler) -> None:
    """Send a header that never ends, a few bytes at a time, as long as the client listens."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        request.wfile.write(b"a")
        time.sleep(0.02)


def trickle_body(request: BaseHTTPRequestHandler) -> None:
    """Send a body that never ends."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        request.wfile.write(b" ")
        time.sleep(0.02)


def reading(text: str) -> dict[str, Any]:
    """Return an answer of the service that says `text`."""
    box = {"x": 0, "y": 0, "width": 20, "height": 20}
    digits = [{"digit": int(each), "confidence": 1.0, "box": box, "probabilities": [0.1] * 10} for each in text]
    return {
        "kind": "strip",
        "text": text,
        "formatted": text,
        "confidence": 0.99,
        "decision": "accept",
        "reason": None,
        "digits": digits,
        "candidates": [{"text": text, "confidence": 0.99}],
        "corners": [[0, 0], [20, 0], [20, 20], [0, 20]],
        "turned": 0,
        "others": [],
        "threshold": 0.95,
        "calibration": "shipped",
        "model": {"name": "scripted", "version": "1", "sha256": "0" * 64},
        "request_id": "abc",
        "elapsed_ms": 0.1,
    }


class ScriptedService(ThreadingHTTPServer):
    """Answers with `steps`, one a request, then with `otherwise`: what a body of digits says is those digits."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.steps: deque[Step] = deque()
        self.otherwise: Callable[[bytes], Step] = lambda _: Step()
        self.requests: list[Request] = []
        self.under_way = self.most_under_way = 0
        self.lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: that clients go away is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        service = cast("ScriptedService", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with service.lock:
            service.requests.append(Request(self.path, dict(self.headers), body, time.monotonic()))
            service.under_way += 1
            service.most_under_way = max(service.under_way, service.most_under_way)
            step = service.steps.popleft() if service.steps else service.otherwise(body)
        try:
            time.sleep(step.delay)
        finally:
            with service.lock:
                service.under_way -= 1
        if step.act:
            self.close_connection = True
            step.act(self)
            return
        problem = {
            "type": "about:blank",
            "title": "Scripted",
            "status": step.status,
            "detail": "as told",
            "request_id": "r1",
        }
        answer = reading(body.decode() if body.isdigit() else "") if step.status == 200 else problem
        content = json.dumps(answer).encode() if step.body is None else step.body
        self.send_response(step.status)
        for name, value in {"Content-Length": str(len(content)), **step.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 (the base class's name)
        """Stay quiet."""


@contextlib.contextmanager
def scripted_service() -> Iterator[ScriptedService]:
    """Run a service that answers as its `steps` say, and end it."""
    with ScriptedService() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


def codes(count: int) -> list[bytes]:
    """Return pictures of the codes 00000, 00001 … as a scripted service reads them."""
    return [f"{number:05}".encode() for number in range(count)]
