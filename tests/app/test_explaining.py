"""`explain=true`: what led to a reading comes with it, and is what the reader and its networks really had."""

import base64
import io
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app import schemas
from app.explaining import STAGE_SIDE, explanation
from model.artifact import Artifact
from model.picture.ink import find_ink
from model.reader import Reader
from model.training.mnist import Digits
from tests.conftest import ROOT

EXAMPLES = ROOT / "app" / "static" / "examples"
CODE = (EXAMPLES / "code.png").read_bytes()
DIGIT = (EXAMPLES / "digit.png").read_bytes()


def bytes_of(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def pixels(address: str) -> NDArray[np.uint8]:
    """Return the pixels of the picture in a data URL."""
    kind, _, text = address.partition(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(text, validate=True))) as picture:
        assert picture.mode == "L"
        return np.asarray(picture)


def explained(url: str, content: bytes, query: str = "") -> dict[str, Any]:
    answer = httpx.post(f"{url}/predict?explain=true&{query}", content=content).json()
    assert schemas.Answer.model_validate(answer).explanation is not None
    for stage in answer["explanation"]["stages"]:
        assert pixels(stage["image"]).shape == (stage["height"], stage["width"])
    found: dict[str, Any] = answer["explanation"]
    assert len(found["digits"]) == len(answer["digits"])
    return found


def names(found: dict[str, Any]) -> list[str]:
    return [stage["name"] for stage in found["stages"]]


@pytest.fixture(scope="module")
def reader(shipped: Artifact) -> Reader:
    return Reader(shipped.classifier)


@pytest.mark.parametrize(("content", "query"), [(CODE, "digits=5&country=fr"), (DIGIT, "kind=digit")])
def test_an_explained_answer_is_the_same_with_one_more_key(url: str, content: bytes, query: str) -> None:
    plain = httpx.post(f"{url}/predict?{query}", content=content).json()
    longer = httpx.post(f"{url}/predict?explain=true&{query}", content=content).json()
    assert [*plain, "explanation"] == list(longer)
    own = ("request_id", "elapsed_ms", "explanation")
    assert {key: value for key, value in longer.items() if key not in own} == {
        key: value for key, value in plain.items() if key not in own
    }


def test_a_strip_is_explained_by_its_line_its_band_its_digits_and_its_frames(url: str) -> None:
    found = explained(url, CODE, "digits=5")
    assert names(found) == ["ink", "line", "band"]
    ink, band = (pixels(found["stages"][place]["image"]) for place in (0, 2))
    assert (ink.min(), ink.max()) == (0, 255)
    assert np.median(ink) == 255, "dark ink on light paper"
    frames = np.array(found["frames"])
    assert frames.shape == ((band.shape[1] - 26) // 2, 11)
    assert frames.sum(axis=1) == pytest.approx(1, abs=0.001)
    assert [pixels(image).shape for image in found["digits"]] == [(28, 28)] * 5
    assert max(pixels(image).max() for image in found["digits"]) > 200
    assert np.median(pixels(found["digits"][0])) == 0, "bright on dark"


def test_the_images_of_digits_are_those_that_the_network_reads_as_the_answers_digits(
    reader: Reader, digits: Digits
) -> None:
    strip = np.full((40, 190), 255, np.uint8)
    for place in range(5):
        strip[6:34, 10 + 36 * place : 38 + 36 * place] = 255 - digits.images[place]
    seen = reader.read(strip, digits=5, explain=True).seen
    assert seen is not None
    images = [image for image in seen.digits if image is not None]
    assert len(images) == 5
    assert reader.classifier.probabilities(np.stack(images)).argmax(axis=1).tolist() == digits.labels[:5].tolist()


def test_a_digit_of_a_strip_that_touches_another_has_no_image(reader: Reader, digits: Digits) -> None:
    ink = np.zeros((40, 120), np.uint8)
    for place, left in enumerate((4, 46, 64)):
        ink[6:34, left : left + 28] = np.maximum(ink[6:34, left : left + 28], digits.images[place])
    ink[19:22, 54:84] = 255  # joins the last two
    reading = reader.read(255 - ink, digits=3, explain=True)
    assert reading.seen is not None
    assert [image is None for image in reading.seen.digits] == [False, True, True]


def test_what_was_taken_away_is_shown_and_only_that(url: str) -> None:
    with Image.open(io.BytesIO(DIGIT)) as digit:
        ringed = Image.new("L", (160, 200), 255)
        ringed.paste(digit.convert("L"), ((160 - digit.width) // 2, 45))
    drawing = ImageDraw.Draw(ringed)
    drawing.ellipse((25, 30, 135, 140), outline=20, width=4)
    assert names(explained(url, bytes_of(ringed), "kind=digit")) == ["ink", "unringed"]
    drawing.line((5, 170, 155, 170), fill=20, width=3)
    found = explained(url, bytes_of(ringed), "kind=digit")
    assert names(found) == ["ink", "unringed", "unlined"]
    ink, unringed, unlined = (pixels(stage["image"]) for stage in found["stages"])
    assert ink[30:34, 78:82].min() < 100 < unringed[30:34, 78:82].min()
    assert unringed[169:172, 78:82].min() < 100 < unlined[169:172, 78:82].min()
    assert found["frames"] is None


def test_a_picture_that_is_an_image_for_the_network_is_shown_as_it_is(url: str, digits: Digits) -> None:
    answer = httpx.post(f"{url}/predict?explain=true", json={"pixels": digits.images[0].tolist()}).json()
    (image,) = answer["explanation"]["digits"]
    assert np.array_equal(pixels(image), digits.images[0])
    assert names(answer["explanation"]) == ["ink"]
    assert np.array_equal(pixels(answer["explanation"]["stages"][0]["image"]), 255 - digits.images[0])


@pytest.mark.parametrize("query", ["kind=digit", "kind=strip", ""])
def test_without_ink_there_is_nothing_to_explain(url: str, query: str) -> None:
    blank = bytes_of(Image.new("L", (80, 50), 255))
    assert explained(url, blank, query) == {"stages": [], "digits": [], "frames": None}


@pytest.mark.parametrize("turned", ["90", "180", "270", "auto"])
def test_a_turned_picture_is_explained_upright(url: str, turned: str) -> None:
    with Image.open(io.BytesIO(CODE)) as code:
        width, height = code.size
        lying = code.rotate(-90 if turned == "auto" else -int(turned), expand=True)
    found = explained(url, bytes_of(lying), f"digits=5&turned={turned}")
    assert (found["stages"][0]["width"], found["stages"][0]["height"]) == (width, height)


def test_what_was_read_without_a_forms_colour_is_explained_without_it(reader: Reader) -> None:
    with Image.open(EXAMPLES / "code.png") as code:
        form = np.asarray(code.convert("RGB")).copy()
    lines = [slice(left, left + 3) for left in range(6, form.shape[1] - 6, 17)]
    for columns in lines:
        form[3:-3, columns] = np.minimum(form[3:-3, columns], (240, 140, 60))
    reading = reader.read(form, digits=5, explain=True)
    assert reading.text == "75011"
    assert reading.seen is not None
    assert reading.seen.ink is not None
    above = np.s_[5:10, lines[0]]  # the writing
    assert find_ink(form).strength[above].min() > 0.3
    assert reading.seen.ink.strength[above].max() < 0.1


def test_the_largest_stages_and_the_longest_lines_are_bounded(reader: Reader) -> None:
    noise = np.random.default_rng(0).integers(0, 2, (700, 700), np.uint8) * 255
    found = explanation(reader.read(noise, kind="digit", explain=True).seen)
    assert all(STAGE_SIDE / 3 < max(stage["width"], stage["height"]) <= STAGE_SIDE for stage in found["stages"])
    assert len(str(found)) < 3_000_000
    strip = np.full((30, 1200), 255, np.uint8)
    strip[5:25, 10:-10:20] = strip[5:25, 11:-10:20] = 0
    found = explanation(reader.read(strip, kind="strip", explain=True).seen)
    assert found["frames"] is None
    assert names(found)[-1] == "band"
    assert found["stages"][-1]["width"] <= STAGE_SIDE


def test_a_batch_is_not_explained_and_gets_a_sentence(url: str) -> None:
    answer = httpx.post(f"{url}/predict/batch?explain=true", files=[("file", ("code.png", CODE))])
    assert answer.status_code == 422
    assert "/predict" in answer.json()["detail"]
    assert httpx.post(f"{url}/predict/batch?explain=false", files=[("file", ("code.png", CODE))]).status_code == 200
    wrong = httpx.post(f"{url}/predict?explain=perhaps", content=CODE)
    assert (wrong.status_code, "explain" in wrong.json()["detail"]) == (422, True)


def test_nothing_is_kept_unless_that_is_asked(reader: Reader, digits: Digits) -> None:
    assert reader.read(digits.images[0]).seen is None
    with Image.open(EXAMPLES / "code.png") as code:
        assert reader.read(np.asarray(code.convert("L")), digits=5).seen is None
