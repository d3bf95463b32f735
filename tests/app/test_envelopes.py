"""Mail pieces over HTTP: what is asked and answered, and who waits for whom."""

import asyncio
import base64
import concurrent.futures
import contextlib
import copy
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from app.__main__ import main
from app.answering import HEAVY_WAITING, Answering
from app.client import DigitsClient
from app.main import create_app
from app.service import Question, Service
from app.settings import Settings
from model.decision import PendingEnvelope
from model.reader import Options, Reader
from model.reading import Other, Reading
from model.training.mnist import Digits
from tests.app.services import ScriptedService, Step, reading, running

SENDER = ((10.0, 20.0), (60.0, 20.0), (60.0, 40.0), (10.0, 40.0))


def piece(height: int = 700, width: int = 1000) -> bytes:
    """Return the picture of a mail piece with lines of strokes, none of them a code."""
    page = np.full((height, width), 235, np.uint8)
    for top in range(height // 2, height - 60, 50):
        for left in range(width // 2, width - 40, 17):
            page[top : top + 5 + left % 20, left : left + 3] = 40
    return png(page)


def png(picture: Any) -> bytes:
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    return content.getvalue()


def ask(url: str, content: bytes, **query: str | int) -> dict[str, Any]:
    answered = httpx.post(f"{url}/predict", params=query, content=content, timeout=60)
    assert answered.status_code == 200, answered.text
    answer: dict[str, Any] = answered.json()
    return answer


class FindingReader(Reader):
    """Finds the same in every mail piece."""

    def finish_envelope(self, pending: PendingEnvelope) -> Reading:
        return replace(super().finish_envelope(pending), others=(Other("10115", 0.75, SENDER),), turned=187)


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(Settings(country="FR"))


def reading_with(service: Service, reader: type[Reader]) -> Service:
    """Return `service` with another `reader`."""
    other = copy.copy(service)
    other.reader = reader(service.artifact.classifier, service.reader.sliding_networks)
    return other


def test_an_envelope_that_nobody_says_how_to_read_is_refused_because_its_country_is_needed(url: str) -> None:
    answer = ask(url, piece(), kind="envelope")
    assert (answer["kind"], answer["text"], answer["decision"]) == ("envelope", "", "reject")
    assert answer["reason"] == "country_needed"
    assert (answer["others"], answer["corners"]) == ([], None)


def test_the_setting_country_counts_for_envelopes_alone(service: Service, url: str, digits: Digits) -> None:
    strip = png(np.concatenate([255 - digits.images[number] for number in range(3)], axis=1))
    with running(create_app(service.settings, service)) as french:
        pixels = {"pixels": digits.images[0].ravel().tolist()}
        envelope = httpx.post(f"{french}/predict", params={"kind": "envelope"}, json=pixels).json()
        there, here = (ask(address, strip, kind="strip") for address in (french, url))
    assert envelope["kind"] == "envelope"
    assert envelope["reason"] != "country_needed"
    changing = dict.fromkeys(("request_id", "elapsed_ms"))
    assert there | changing == here | changing  # of three digits, which no French code has
    assert there["others"] == []


@pytest.mark.parametrize("asked", [{"country": "de"}, {"digits": "5"}])
def test_a_country_or_a_count_of_digits_is_enough_in_every_form_of_body(url: str, asked: dict[str, str]) -> None:
    content, query = piece(), {"kind": "envelope", **asked}
    encoded = base64.b64encode(content).decode()
    sent: list[dict[str, Any]] = [
        {"content": content},
        {"files": {"file": ("piece.png", content)}},
        {"json": {"image": encoded}},
        {"json": {"pixels": [0] * 784}},
        {"content": bytes(784), "headers": {"Content-Type": "application/octet-stream"}},
    ]
    for body in sent:
        answer = httpx.post(f"{url}/predict", params=query, timeout=60, **body).json()
        assert answer["kind"] == "envelope"
        assert answer["reason"] in {"no_code", "no_ink"}
    batch = [("file", ("piece.png", content)), ("file", ("note.txt", b"hello"))]
    first, second = httpx.post(f"{url}/predict/batch", params=query, files=batch, timeout=60).json()
    assert (first["kind"], second["status"]) == ("envelope", 422)


def test_a_single_digit_is_no_envelopes_code(url: str) -> None:
    refused = httpx.post(f"{url}/predict?kind=envelope&digits=1", content=piece())
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("query digits=1 contradicts kind=envelope")


def test_codes_found_elsewhere_are_answered_in_pixels_of_the_image_that_was_sent(service: Service) -> None:
    finding = reading_with(service, FindingReader)
    small, large = (
        Question(piece(height, width), Options("envelope", country="de"), "test")
        for height, width in ((1400, 2000), (4000, 6000))
    )
    first, second = (answer for answer in finding.answers([small, large]) if isinstance(answer, dict))
    assert first["others"] == [
        {"text": "10115", "confidence": 0.75, "corners": [(10, 20), (60, 20), (60, 40), (10, 40)]}
    ]
    assert first["turned"] == 187
    scale = second["others"][0]["corners"][1][0] / 60
    assert scale >= 2
    assert second["others"][0]["corners"][2] == (round(60 * scale), round(40 * scale))


@contextlib.contextmanager
def held_up() -> Iterator[None]:
    """Let no process that reads mail pieces go on while the block runs."""
    stopped = [child for child in psutil.Process().children() if "app.heavy" in child.cmdline()]
    assert stopped, "mail pieces are read elsewhere"
    for child in stopped:
        child.suspend()
    try:
        yield
    finally:
        for child in stopped:
            child.resume()


def test_strips_and_health_checks_do_not_wait_for_envelopes_and_of_these_only_some_may_wait(
    url: str, digits: Digits
) -> None:
    strip = png(np.concatenate([digits.images[number] for number in range(5)], axis=1))
    asked = {"kind": "envelope", "country": "fr"}
    ask(url, piece(60, 90), **asked)
    more = HEAVY_WAITING + 4
    with concurrent.futures.ThreadPoolExecutor(more) as pool:
        with held_up():
            sent = [
                pool.submit(httpx.post, f"{url}/predict", params=asked, content=piece(60, 90), timeout=60)
                for _ in range(more)
            ]
            concurrent.futures.wait(sent, 10, concurrent.futures.FIRST_COMPLETED)
            assert ask(url, strip, kind="strip", digits=5)["kind"] == "strip"
            assert httpx.get(f"{url}/health/ready").status_code == 200
            done = [each for each in sent if each.done()]
            assert 1 <= len(done) <= more - HEAVY_WAITING
            assert {each.result().status_code for each in done} == {503}
        statuses = Counter(each.result().status_code for each in sent)
    assert statuses[200] >= HEAVY_WAITING
    assert statuses.keys() == {200, 503}


class SlowToTellReader(Reader):
    """Finds out that every picture is a mail piece, and counts how often."""

    begun = 0

    def begin(self, picture: Any, asked: Options) -> Any:
        type(self).begun += 1
        return super().begin(picture, replace(asked, kind="envelope"))


def test_what_turns_out_to_be_an_envelope_is_found_out_once_however_long_it_waits(service: Service) -> None:
    """Three batches want more places than there are: what waits asks again, and is not decoded again."""
    finding = copy.copy(service)
    questions = [Question(piece(60, 90), Options(country="de"), "test")] * 8

    async def answered() -> list[Any]:
        answering = Answering(finding)
        try:
            await answering.ready()
            finding.reader = reading_with(service, SlowToTellReader).reader
            return await asyncio.gather(*(answering.answers(questions, "test") for _ in range(3)))
        finally:
            await asyncio.to_thread(answering.close)

    batches = asyncio.run(answered())
    assert [answer["kind"] for batch in batches for answer in batch] == ["envelope"] * 24
    assert SlowToTellReader.begun == 24


def test_the_client_asks_for_envelopes_and_tells_what_else_was_found(scripted: ScriptedService) -> None:
    other = {"text": "10115", "confidence": 0.75, "corners": [[10, 20], [60, 20], [60, 40], [10, 40]]}
    answer = {**reading("75011"), "kind": "envelope", "turned": 187, "others": [other]}
    earlier = {name: value for name, value in reading("75011").items() if name != "others"}
    scripted.steps.extend(Step(body=json.dumps(each).encode()) for each in (answer, earlier))
    with DigitsClient(scripted.url) as client:
        now = client.read(b"1", kind="envelope", country="fr")
        before = client.read(b"1")  # a service that knows nothing of envelopes
    assert (now.kind, now.turned, now.others) == ("envelope", 187, [other])
    assert before.others == []
    assert scripted.requests[0].path == "/predict?kind=envelope&country=fr"


def test_the_command_reads_an_envelope_with_the_settings_country(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, out = tmp_path / "piece.png", tmp_path / "out.jsonl"
    picture.write_bytes(piece())
    monkeypatch.setenv("DIGITS_COUNTRY", "fr")
    assert main(["read", str(picture), "--kind", "envelope", "--out", str(out)]) == 0
    row = json.loads(out.read_text(encoding="utf-8"))
    assert (row["kind"], row["others"], row["error"]) == ("envelope", [], None)
    assert row["reason"] == "no_code"


def test_calibrating_on_envelopes_needs_to_know_what_a_code_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(20):
        (tmp_path / f"{number}.png").write_bytes(piece(200, 300))
    rows = [f"{number}.png,75011" for number in range(20)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,code", *rows]), encoding="utf-8")
    told = {}
    for asked in ((), ("--country", "fr")):
        with pytest.raises(SystemExit):
            main(["calibrate", str(tmp_path), "--kind", "envelope", "--out", str(tmp_path / "own.json"), *asked])
        told[asked] = capsys.readouterr().err
    assert "needs --country, --digits or DIGITS_COUNTRY" in told[()]
    assert "none of the 20 pictures that could be read holds what is asked for" in told["--country", "fr"]
