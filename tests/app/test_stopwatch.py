"""The time of a reading falls into stages: until a network looks, all looks, and the rest; each thread has its own."""

import io
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from app.heavy import HeavyProcess
from app.service import Question, Service
from app.settings import Settings
from app.stopwatch import Stopwatch
from app.trace import Trace
from model.artifact import Artifact
from model.reader import Options, Reader
from model.training.mnist import Digits
from tests.conftest import ROOT

LOOK = 0.02  # seconds


class Slow:
    """Looks slowly, once, whichever of its methods is asked."""

    def judged(self) -> str:
        time.sleep(LOOK)
        return "seen"

    def probabilities(self) -> str:
        return self.judged()


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(Settings())


def asked(content: bytes, options: Options | None = None) -> Question:
    return Question(content, options or Options(), "test", Trace(asked=time.perf_counter()))


def png(picture: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    return content.getvalue()


def test_what_comes_before_the_first_look_is_ink_and_what_is_no_look_after_it_is_decided() -> None:
    stopwatch, trace = Stopwatch(), Trace()
    looks = stopwatch.timed(Slow())
    began = time.perf_counter()
    stopwatch.start()
    time.sleep(0.03)
    looks.probabilities()
    time.sleep(0.02)
    looks.judged()
    stopwatch.note(trace, pictures=2)
    took = time.perf_counter() - began
    assert trace.ink >= 0.03 / 2
    assert trace.network >= 2 * LOOK / 2
    assert trace.decide >= 0.02 / 2
    assert trace.ink + trace.network + trace.decide <= took / 2


def test_without_a_look_everything_was_ink() -> None:
    stopwatch, trace = Stopwatch(), Trace()
    stopwatch.start()
    stopwatch.note(trace)
    assert trace.ink > 0
    assert trace.network == trace.decide == 0


def test_a_thread_does_not_measure_the_looks_of_another() -> None:
    stopwatch, trace = Stopwatch(), Trace()
    looks = stopwatch.timed(Slow())
    stopwatch.start()
    with ThreadPoolExecutor(1) as another:
        another.submit(looks.judged).result()
    stopwatch.note(trace)
    assert trace.ink >= LOOK
    assert trace.network == 0


def test_measured_networks_read_what_they_read_before(service: Service, shipped: Artifact, digits: Digits) -> None:
    plain = Reader(shipped.classifier)
    assert service.reader.weights == plain.weights
    for picture in (digits.images[0], np.hstack([*digits.images[:5]])):
        assert service.reader.read(picture, country="fr") == plain.read(picture, country="fr")


@pytest.mark.parametrize("kind", ["digit", "strip"])
def test_a_picture_s_stages_add_up_to_its_time(service: Service, digits: Digits, kind: str) -> None:
    question = asked(png(255 - np.hstack([*digits.images[: 5 if kind == "strip" else 1]])))
    began = time.perf_counter()
    (answer,) = service.answers([question])
    took, trace = time.perf_counter() - began, question.trace
    assert isinstance(answer, dict)
    assert answer["kind"] == kind
    assert min(trace.decode, trace.ink, trace.network, trace.decide) > 0
    assert took / 4 < trace.decode + trace.ink + trace.network + trace.decide < took


def test_digits_that_are_looked_at_together_share_the_time(service: Service, digits: Digits) -> None:
    questions = [asked(png(digit), Options(kind="digit")) for digit in digits.images[:40]]
    began = time.perf_counter()
    service.answers(questions)
    took = time.perf_counter() - began
    assert sum(each.trace.decode + each.trace.ink + each.trace.network + each.trace.decide for each in questions) < took
    assert min(each.trace.network for each in questions) > 0


def test_the_process_for_large_pictures_tells_its_stages(service: Service) -> None:
    process = HeavyProcess(service.settings, service.loaded)
    letter = (ROOT / "app/static/examples/envelope.webp").read_bytes()
    question = asked(letter, Options(kind="envelope", country="fr"))
    try:
        (answer,) = process.answers([question])
    finally:
        process.end()
    trace = question.trace
    assert isinstance(answer, dict)
    assert min(trace.decode, trace.ink, trace.network, trace.decide) > 0
    assert trace.decode + trace.ink + trace.network + trace.decide < time.perf_counter() - trace.asked
    assert trace.wait < trace.ink
