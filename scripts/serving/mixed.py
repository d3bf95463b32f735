"""A mixed load on the service, what came back of it, and whether the service's metrics say the same.

Digits, codes, pictures of other types and sizes, batches, mistakes, callers who leave before their answer, and a crowd
that fills the queue, so that some are refused.
"""

import asyncio
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from app.trace import STAGE_NAMES
from model.types import Array
from serving.load import request

AT_ONCE = 12
CROWD = 120
LEFT_SHARE = REFUSED_SHARE = 20  # one in so many
_SETTLING_SECONDS = 20.0
_AGAIN_SECONDS = 0.5
_OURS = ("/metrics", "/health/ready")  # asked by what measures, not by the load

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]
"""The values of metrics, by their names and labels."""


@dataclass
class Tally:
    """What clients know: answers by path and status, readings, pictures of batches with a problem, and who left."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    readings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    batch_problems: Counter[str] = field(default_factory=Counter)
    left: int = 0

    def note(self, path: str, status: str, body: bytes) -> None:
        """Count an answer."""
        self.answers[path, status] += 1
        if status == "200" and path.startswith("/predict"):
            answered = json.loads(body)
            for each in answered if isinstance(answered, list) else [answered]:
                if "kind" in each:
                    self.readings[each["kind"], each["decision"], each["reason"] or "none"] += 1
                else:
                    self.batch_problems[str(each["status"])] += 1


def requests(digits: Sequence[Array], codes: Sequence[Array], count: int) -> Iterator[tuple[str, bytes]]:
    """Yield the path that is counted, and a request as it goes over the wire, `count` times.

    digits, codes: (H, W) uint8.
    """
    some = [_png(digit) for digit in digits]
    strips = [_png(code) for code in codes]
    batch = json.dumps([{"pixels": digits[0].tolist()}, {"pixels": "none"}, {"pixels": digits[1].tolist()}]).encode()
    large = _png(Image.fromarray(codes[0]).resize((2400, 1200)))
    for number in range(count):
        digit = some[number % len(some)]
        if number % 500 == 107:
            yield "/predict", request("/predict", large)
        elif number % 20 == 3:
            yield "/predict", request("/predict?digits=5", strips[number % len(strips)])
        elif number % 20 == 5:
            yield "/predict/batch", request("/predict/batch", batch, "application/json")
        elif number % 20 == 9:
            yield "/predict", request("/predict", digit[:100])
        elif number % 20 == 13:
            yield "/predict", request("/predict?kind=word", digit)
        elif number % 20 == 17:
            yield "other", request(f"/nowhere/{number}", b"")
        else:
            yield "/predict", request("/predict?kind=digit", digit)


async def send(port: int, some: Iterable[tuple[str, bytes]], crowd: bytes, tally: Tally) -> None:
    """Send `some` requests; one in LEFT_SHARE leaves at once. Then `crowd`, until one in REFUSED_SHARE was refused.

    The service's queue must take AT_ONCE, and fewer than CROWD.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    listed = list(some)

    async def one(number: int, path: str, sent: bytes) -> None:
        async with gate:
            if number % LEFT_SHARE == 0:
                await _leave(port, sent)
                tally.left += 1
            else:
                tally.note(path, *await _answer(port, sent))

    await asyncio.gather(*(one(number, *each) for number, each in enumerate(listed)))
    while tally.answers["/predict", "503"] < len(listed) / REFUSED_SHARE:
        for answer in await asyncio.gather(*(_answer(port, crowd) for _ in range(CROWD))):
            tally.note("/predict", *answer)


async def _answer(port: int, sent: bytes) -> tuple[str, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return head[9:12].decode(), await reader.readexactly(length)
    finally:
        writer.close()


async def _leave(port: int, sent: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    await writer.drain()
    await asyncio.sleep(0.002)  # until it is waiting for a thread, or being read
    writer.close()


async def settled(url: str) -> Samples:
    """Return the metrics once no picture waits or is read. Raises RuntimeError where that takes too long."""
    await asyncio.sleep(_AGAIN_SECONDS)  # until other workers have counted what they noted
    ends = asyncio.get_running_loop().time() + _SETTLING_SECONDS
    async with httpx.AsyncClient(timeout=_SETTLING_SECONDS) as client:
        while asyncio.get_running_loop().time() < ends:
            found = samples((await client.get(f"{url}/metrics")).text)
            if not any(total(found, name) for name in ("digits_queue_length", "digits_threads_busy")):
                return found
            await asyncio.sleep(_AGAIN_SECONDS)
    raise RuntimeError(f"the gauges did not come back to zero within {_SETTLING_SECONDS:g} seconds")


def samples(text: str) -> Samples:
    """Return the values in Prometheus' text."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(found: Samples, name: str, **labels: str) -> float:
    """Return the sum of the metric's values that have these labels."""
    return sum(value for (each, has), value in found.items() if each == name and labels.items() <= dict(has).items())


def differences(before: Samples, after: Samples, tally: Tally) -> list[str]:
    """Return a sentence for everything in which the metrics say something else than the clients.

    Nobody knows how far the service was with those who left. Each of them is counted once, with any status.
    """
    found: list[str] = []

    def grown(name: str, **labels: str) -> float:
        return total(after, name, **labels) - total(before, name, **labels)

    def hold(what: str, counted: float, least: float, most: float | None = None) -> None:
        if not least <= counted <= (least if most is None else most):
            found.append(f"{what}: {counted:g} counted; expected {least:g}{'' if most is None else f' to {most:g}'}")

    seen = {(dict(has)["path"], dict(has)["status"]) for name, has in after if name == "digits_requests_total"}
    extra: Counter[str] = Counter()
    for path, status in sorted({*seen, *tally.answers}):
        if path not in _OURS:
            counted, known = grown("digits_requests_total", path=path, status=status), tally.answers[path, status]
            hold(f"{path} {status}", counted, known, known + tally.left)
            extra[status] += int(counted) - known
    hold("requests of those who left", sum(extra.values()), tally.left)
    refused = sum(count for (_, status), count in tally.answers.items() if status == "503")
    hold("refusals", grown("digits_refusals_total"), refused + extra["503"])
    for kind, decision, reason in tally.readings:
        known = tally.readings[kind, decision, reason]
        labels = {"kind": kind, "decision": decision, "reason": reason}
        hold(f"readings {labels}", grown("digits_readings_total", **labels), known, known + 2 * tally.left)
    readings = sum(tally.readings.values())
    hold("readings", grown("digits_readings_total"), readings, readings + 2 * tally.left)
    for status, known in tally.batch_problems.items():
        hold("problems", grown("digits_batch_problems_total", status=status), known, known + tally.left)
    for kind in {kind for kind, _, _ in tally.readings}:
        counted = grown("digits_readings_total", kind=kind)
        hold(f"confidences of {kind}", grown("digits_reading_confidence_count", kind=kind), counted)
        for stage in STAGE_NAMES:
            hold(f"{stage} of {kind}", grown("digits_stage_duration_seconds_count", kind=kind, stage=stage), counted)
    return found


def check(port: int, some: Iterable[tuple[str, bytes]], crowd: bytes) -> tuple[Tally, list[str]]:
    """Return what came back, and in what the metrics differ from it."""

    async def run() -> tuple[Tally, list[str]]:
        url, tally = f"http://127.0.0.1:{port}", Tally()
        before = await settled(url)
        await send(port, some, crowd, tally)
        return tally, differences(before, await settled(url), tally)

    return asyncio.run(run())


def _png(picture: Any) -> bytes:
    content = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(content, "PNG")
    return content.getvalue()
