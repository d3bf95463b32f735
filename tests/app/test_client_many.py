"""Many pictures, by the synchronous and the asynchronous client: order, how many at once, what fails alone."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np

from app.client import (
    AsyncDigitsClient,
    BadImage,
    DigitsClient,
    Refused,
)
from tests.app.conftest import Many, text_of
from tests.app.services import ScriptedService, Step, codes


def test_order_is_kept_when_answers_come_out_of_order(scripted: ScriptedService, many: Many) -> None:
    scripted.otherwise = lambda body: Step(delay=0.2 if int(body) % 5 == 0 else 0.01 * (5 - int(body) % 5))
    outcomes = many(scripted.url, codes(30), concurrency=6)
    assert [text_of(outcome) for outcome in outcomes] == [code.decode() for code in codes(30)]
    assert scripted.most_under_way > 1


def test_no_more_are_under_way_than_allowed(scripted: ScriptedService, many: Many) -> None:
    scripted.otherwise = lambda _: Step(delay=0.02)
    many(scripted.url, codes(40), concurrency=4)
    assert 2 <= scripted.most_under_way <= 4


def test_a_bad_picture_does_not_stop_the_others(scripted: ScriptedService, many: Many, tmp_path: Path) -> None:
    class Broken:
        def read(self) -> bytes:
            raise EOFError("the camera went away")

    scripted.otherwise = lambda body: Step(422) if body == b"no" else Step()
    bad = [tmp_path / "none.png", b"no", np.zeros((28, 28)), Broken(), None, np.zeros((0, 5), np.uint8), tmp_path]
    images = [image for each in bad for image in (b"00042", each)]
    outcomes = many(scripted.url, images, concurrency=3)
    assert [text_of(outcome) for outcome in outcomes[::2]] == ["00042"] * len(bad)
    assert [type(outcome) for outcome in outcomes[1::2]] == [BadImage, Refused, *[BadImage] * 5]
    messages = [str(outcome) for outcome in outcomes[1::2]]
    assert "No such file or directory" in messages[0]
    assert "got float64 (28, 28)" in messages[2]
    assert "the camera went away" in messages[3]


def test_an_image_may_be_changed_once_the_next_is_asked_for(scripted: ScriptedService, many: Many) -> None:
    def reused() -> Iterator[bytearray]:
        buffer = bytearray(5)
        for code in codes(30):
            buffer[:] = code
            yield buffer

    assert [text_of(outcome) for outcome in many(scripted.url, reused())] == [code.decode() for code in codes(30)]


def test_the_input_is_taken_no_further_ahead_than_the_window(scripted: ScriptedService) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for taken in itertools.count(1):
            yield b"%05d" % taken

    with DigitsClient(scripted.url) as client:
        for number, outcome in enumerate(itertools.islice(client.read_many(endless(), concurrency=8), 50), start=1):
            assert text_of(outcome) == f"{number:05}"
            assert taken <= number + 8
        assert client.read(b"777").text == "777"  # abandoned readings do not block later ones


def test_the_asynchronous_client_takes_an_asynchronous_input_and_may_be_left_early(scripted: ScriptedService) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for number in itertools.count():
            yield b"%05d" % number
            await asyncio.sleep(0)

    async def first_ten() -> list[str]:
        texts = []
        async with AsyncDigitsClient(scripted.url) as client:
            async for outcome in client.read_many(endless(), concurrency=4):
                texts.append(text_of(outcome))
                if len(texts) == 10:
                    break
        return texts

    assert asyncio.run(first_ten()) == [f"{number:05}" for number in range(10)]
