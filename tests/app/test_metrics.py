"""What /metrics says is what happened: with one worker and three, with callers who left, and after a worker died."""

import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from app.commands import serve
from app.commands.serve import HEALTH_SECONDS
from app.main import create_app
from app.metrics import MEASURES
from app.protocol import MOST_HEAD_BYTES
from app.settings import Settings
from app.worker_folder import VARIABLE
from model.training.mnist import Digits
from serving import mixed
from serving.load import request
from serving.mixed import Samples, samples, total
from tests.app.services import RealService, running
from tests.app.test_load import HeldReader, held, png
from tests.conftest import ROOT

__all__ = ["held"]

WAIT = 30.0
THREE = (
    "import sys; from app import cpus; cpus.available = lambda: 3; from app.__main__ import main; sys.exit(main([]))"
)
"""The command `serve`, as on a machine with three CPUs."""
POOL = """
class Pool:
    threads, most_waiting, waiting, busy = 1, 64, 3, 1
"""
WORKER = f"""{POOL}
import os, signal, sys
from app.metrics import Metrics
metrics = Metrics()
metrics.watch("light", Pool())
metrics.request("/predict", 200, 0.01)
metrics.settle()
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
print(metrics.text()[0].decode())
"""
COUNTED = f"""{POOL}
import json, sys
from app.metrics import Metrics
from app.trace import Trace
metrics = Metrics(json.loads(sys.argv[1]))
metrics.watch("light", Pool())
metrics.refused("heavy")
for status, seconds in ((200, 0.002), (200, 0.2), (503, 20.0)):
    metrics.request("/predict", status, seconds)
answer = dict(kind="digit", decision="accept", reason=None, confidence=0.9995)
metrics.reading(answer, Trace(wait=0.001, decode=0.002, ink=0.003, network=0.004, decide=0.005))
metrics.settle()
sys.stdout.write(metrics.text()[0].decode())
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    # A crowd's request may arrive late where the machine is busy: cut off sooner, some would be reset.
    with running(create_app(Settings(queue=16, receive_seconds=4))) as address:
        yield address


def scraped(url: str) -> Samples:
    return samples(httpx.get(f"{url}/metrics").text)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def load(digits: Digits, count: int, port: int) -> list[str]:
    """Return in what the metrics differ from what clients saw of a mixed load."""
    codes = [np.hstack([*digits.images[start : start + 5]]) for start in range(0, 50, 5)]
    crowd = request("/predict?digits=5", png(codes[0]))
    tally, differences = mixed.check(port, mixed.requests(list(digits.images[:50]), codes, count), crowd)
    assert tally.left >= count / mixed.LEFT_SHARE
    assert tally.answers["/predict", "503"] >= count / mixed.REFUSED_SHARE
    return differences


def test_metrics_agree_with_a_mixed_load(url: str, digits: Digits) -> None:
    assert load(digits, 100, port_of(url)) == []


@pytest.mark.parametrize(
    "workers", [pytest.param("1", marks=pytest.mark.long), pytest.param("3", marks=pytest.mark.heavy)]
)
def test_metrics_agree_with_two_thousand_mixed_requests(digits: Digits, workers: str) -> None:
    service = RealService([sys.executable, "-c", THREE], DIGITS_WORKERS=workers, DIGITS_QUEUE="16")
    try:
        service.wait_until_ready()
        assert load(digits, 2000, service.port) == []
    finally:
        service.stop()


def test_every_path_that_no_route_knows_is_counted_as_one(url: str) -> None:
    before = scraped(url)
    for path in ("/a", "/b", "/predict/c", "/health/live", "/", "/static/api.js"):
        httpx.get(f"{url}{path}")
    time.sleep(0.3)  # a file is whole before its request is done
    after = scraped(url)
    new = {dict(labels)["path"] for name, labels in {*after} - {*before} if name == "digits_requests_total"}
    assert new <= {"/health/live", "/", "/static", "other", "/metrics"}
    assert (
        total(after, "digits_requests_total", path="other") - total(before, "digits_requests_total", path="other") == 3
    )
    for path in ("/health/live", "/", "/static"):
        assert total(after, "digits_requests_total", path=path, status="200") >= 1


def test_requests_that_never_became_one_are_counted_once(url: str) -> None:
    before = scraped(url)
    slow = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of it"
    for sent, status in ((slow, "408"), (b"nonsense\r\n\r\n", "400"), (b"GET /" + b"a" * MOST_HEAD_BYTES, "431")):
        with socket.create_connection(("127.0.0.1", port_of(url)), timeout=WAIT) as connection:
            connection.sendall(sent)
            assert connection.recv(12).decode().endswith(status)
    after = scraped(url)
    grown = {key: value - before.get(key, 0) for key, value in after.items() if key[0] == "digits_requests_total"}
    counted = {(dict(has)["path"], dict(has)["status"]): value for (_, has), value in grown.items() if value}
    counted.pop(("/metrics", "200"))
    assert counted == {("/predict", "408"): 1, ("other", "400"): 1, ("other", "431"): 1}


def test_gauges_come_back_to_zero_when_callers_leave(held: str, digits: Digits) -> None:
    sent = request("/predict?kind=digit", png(digits.images[0]))
    connections = [socket.create_connection(("127.0.0.1", port_of(held))) for _ in range(4)]
    for connection in connections:
        connection.sendall(sent)
        time.sleep(0.1)
    found = scraped(held)
    assert total(found, "digits_queue_length", pool="light") == 3
    assert total(found, "digits_threads_busy", pool="light") == 1
    for connection in connections:
        connection.close()
    time.sleep(0.3)
    assert total(scraped(held), "digits_queue_length") == 0
    HeldReader.go.set()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert pool.submit(httpx.post, f"{held}/predict", content=png(digits.images[0])).result().status_code == 200
    time.sleep(0.1)
    found = scraped(held)
    assert total(found, "digits_threads_busy") == total(found, "digits_queue_length") == 0
    assert total(found, "digits_requests_total", path="/predict", status="499") == 4


def test_a_killed_worker_leaves_its_counts_and_none_of_its_gauges(tmp_path: Path) -> None:
    def worker(how: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", WORKER, how],
            cwd=ROOT,
            env={**os.environ, VARIABLE: str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=WAIT,
            check=False,
        ).stdout

    worker("killed")
    worker("killed")
    found = samples(worker("lives"))
    assert total(found, "digits_requests_total", path="/predict", status="200") == 3
    assert total(found, "digits_request_duration_seconds_count") == 3
    assert total(found, "digits_queue_length") == 3
    assert total(found, "digits_workers") == 1
    again = samples(worker("lives"))  # counted in one place by now
    assert total(again, "digits_requests_total") == 4
    assert total(again, "digits_request_duration_seconds_bucket", le="0.01") == 4
    assert len(list(tmp_path.glob("counter_*"))) == 2


@pytest.mark.long
def test_a_rolling_restart_keeps_the_counts_and_the_folder_goes_with_the_service(
    tmp_path: Path, digits: Digits
) -> None:
    service = RealService(
        [sys.executable, "-c", THREE], DIGITS_WORKERS="2", DIGITS_DRAIN_SECONDS="0", TMPDIR=str(tmp_path)
    )
    try:
        service.wait_until_ready()
        for _ in range(20):
            assert httpx.post(f"{service.url}/predict", content=png(digits.images[0])).status_code == 200
        before = set(service.workers())
        ends = time.monotonic() + 2 * HEALTH_SECONDS
        service.send(signal.SIGHUP)
        while before & set(service.workers()):
            assert time.monotonic() < ends
            time.sleep(0.2)
        found = scraped(service.url)
        assert total(found, "digits_readings_total") == 20
        assert total(found, "digits_workers") == 2
    finally:
        service.stop()
    assert list(tmp_path.iterdir()) == []


def test_every_measure_is_exported_under_its_name(url: str) -> None:
    names = {name for name, _ in scraped(url)}
    for measure in MEASURES:
        if measure.labels and measure.type != "gauge":
            continue  # there from the first time on
        assert {measure.name, f"{measure.name}_count"} & names, measure.name


def test_several_workers_without_a_temporary_folder_are_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(SystemExit) as stopped:
        serve.folder_of(2)
    assert stopped.value.code == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "TMPDIR" in sentence


def test_the_service_says_which_model_and_calibration_it_has(url: str) -> None:
    (labels,) = [dict(has) for name, has in scraped(url) if name == "digits_build_info"]
    card = httpx.get(f"{url}/model").json()
    assert (labels["model"], labels["calibration_sha256"]) == (card["sha256"], card["calibration"]["sha256"])
    assert json.loads(httpx.get(f"{url}/openapi.json").text)["paths"]["/metrics"]


def test_workers_together_answer_in_the_form_in_which_one_answers_alone(tmp_path: Path) -> None:
    build = {"version": "1", "model": "m", "calibration": 'our "own"\\ \n', "calibration_sha256": "s"}

    def answer(**environment: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", COUNTED, json.dumps(build)],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    alone, together = answer(), answer(**{VARIABLE: str(tmp_path)})
    assert samples(together) == samples(alone)
    comments = [[line for line in text.splitlines() if line.startswith("#")] for text in (alone, together)]
    # Only what has been counted is in the files.
    assert set(comments[1]) == {line for line in comments[0] if line.split()[2] != "digits_batch_problems_total"}
