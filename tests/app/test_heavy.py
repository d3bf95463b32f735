"""Large pictures are read in a process of their own: a crash costs one of them, and the process ends once idle."""

import concurrent.futures
import io
import json
import time
from collections.abc import Callable, Iterator

import numpy as np
import psutil
import pytest
from PIL import Image

from app.answering import LIGHT_PIXELS
from app.errors import TooLargeError, UnavailableError, UnreadableError
from app.heavy import HeavyProcess
from app.service import Question, Service
from app.settings import Settings
from model.reader import Options

SIDE = 1600


def _large(mode: str = "L", side: int = SIDE) -> bytes:
    """Return a picture of a 1 that has more pixels than a light one."""
    pixels = np.full((side, side), 255, np.uint8)
    pixels[400:1200, 760:840] = 0
    assert pixels.size > LIGHT_PIXELS
    content = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(content, "PNG")
    return content.getvalue()


def _asked(content: bytes) -> Question:
    return Question(content, Options(kind="digit"), "test")


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(Settings(max_pixels=SIDE * SIDE))


Children = Callable[[], list[psutil.Process]]


@pytest.fixture(scope="module")
def children() -> Children:
    """What returns the processes that were started since: services of other tests may have theirs."""
    before = set(psutil.Process().children())
    return lambda: [
        child for child in psutil.Process().children() if child not in before and "app.heavy" in child.cmdline()
    ]


@pytest.fixture(scope="module")
def process(service: Service, children: Children) -> Iterator[HeavyProcess]:  # counted from before it
    process = HeavyProcess(service.settings, service.loaded)
    yield process
    process.end()


def test_a_large_picture_is_read_as_a_small_one_is_and_a_bad_one_gets_its_own_error(
    service: Service, process: HeavyProcess, children: Children
) -> None:
    whole = Question(_large("RGB"), Options(kind="digit", explain=True), "test")
    (here,) = service.answers([whole])
    there, broken, larger = process.answers([whole, _asked(_large()[:500]), _asked(_large(side=SIDE + 1))])
    assert isinstance(here, dict)
    assert isinstance(there, dict)
    assert there["explanation"]["stages"]
    assert {**there, "elapsed_ms": 0} == json.loads(json.dumps({**here, "elapsed_ms": 0}))
    assert [getattr(each, "status", 0) for each in (broken, larger)] == [UnreadableError.status, TooLargeError.status]
    assert len(children()) == 1


def test_a_crash_costs_one_picture_and_the_next_is_read_by_another_process(
    process: HeavyProcess, children: Children
) -> None:
    process.answers([_asked(_large())])
    (child,) = children()
    child.suspend()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        asked = pool.submit(process.answers, [_asked(_large())])
        time.sleep(0.2)
        child.kill()
        (crashed,) = asked.result()
    (later,) = process.answers([_asked(_large())])
    assert isinstance(crashed, UnreadableError)
    assert isinstance(later, dict)
    (child,) = children()
    child.kill()  # with nothing under way, that costs nothing
    child.wait()
    (later,) = process.answers([_asked(_large())])
    assert isinstance(later, dict)
    process.end()
    assert not children()


def test_a_process_with_another_model_reads_nothing(service: Service, children: Children) -> None:
    process = HeavyProcess(service.settings, "0" * 64)  # as if the file had been replaced since
    (refused,) = process.answers([_asked(_large())])
    assert isinstance(refused, UnavailableError)
    assert refused.detail.endswith("need a restart")
    assert not children()
