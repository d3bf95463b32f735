"""The service on a real port: every form of body, every error, every kind of picture."""

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.main import create_app
from app.settings import Settings
from model import artifact
from model.artifact import Artifact
from model.engine.network import Network
from model.reader import Reader
from model.training.mnist import Digits, as_ink
from model.training.recipes.recipe import Trained
from tests.app.services import running
from tests.conftest import ROOT

Pixels = NDArray[np.uint8]


@pytest.mark.long
def test_every_method_is_served_with_the_answer_of_its_model(trained: Trained, digits: Digits, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    artifact.save(path, trained.classifier, {"name": "any", "version": "1", **trained.header})
    expected = trained.classifier.probabilities(as_ink(digits.images[:20]))
    with running(create_app(Settings(model=path))) as address, httpx.Client(base_url=address) as client:
        for image, chances in zip(digits.images[:20], expected, strict=True):
            answer = client.post("/predict?kind=digit", json={"pixels": image.tolist()}).json()
            assert answer["digits"][0]["probabilities"] == pytest.approx(chances.tolist(), abs=1e-5)
            assert answer["text"] == str(chances.argmax())
            assert answer["decision"] in ("accept", "reject")
        card = client.get("/model").json()
    assert card["kind"] == trained.classifier.kind
    assert card["training"] == trained.header["training"]


@pytest.fixture(scope="session")
def sure(shipped: Artifact, digits: Digits) -> Digits:
    """Digits that the model reads correctly and surely, so that tests of the service do not test the model."""
    probabilities = shipped.classifier.probabilities(as_ink(digits.images[:1000]))
    good = (probabilities.max(axis=1) > 0.999) & (probabilities.argmax(axis=1) == digits.labels[:1000])
    return Digits(digits.images[:1000][good], digits.labels[:1000][good], "")


def encoded(image: Image.Image | Pixels, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, kind, **options)
    return buffer.getvalue()


def large(digit: Pixels) -> Image.Image:
    """The digit dark on light paper, off-centre, 140 × 120."""
    page = Image.new("L", (140, 120), 235)
    page.paste(Image.fromarray(235 - (digit * 0.8).astype(np.uint8)).resize((84, 84)), (10, 20))
    return page


def post(url: str, content: bytes, **options: Any) -> Any:
    return httpx.post(f"{url}/predict", content=content, **options)


def test_every_form_of_body_gives_the_models_own_probabilities(url: str, shipped: Artifact, digits: Digits) -> None:
    for digit in digits.images[:10]:
        expected = shipped.classifier.probabilities(as_ink(digit[None]))[0]
        png = encoded(digit)
        text = base64.b64encode(png).decode()
        answers = [
            post(url, png),
            post(url, png, headers={"Content-Type": "application/x-www-form-urlencoded"}),
            post(url, digit.tobytes(), headers={"Content-Type": "application/octet-stream"}),
            httpx.post(f"{url}/predict", files={"file": ("digit.png", png)}),
            httpx.post(f"{url}/predict", json={"pixels": digit.tolist()}),
            httpx.post(f"{url}/predict", json={"pixels": digit.ravel().tolist()}),
            httpx.post(f"{url}/predict", json={"image": text}),
            httpx.post(f"{url}/predict", json={"image": f"data:image/png;base64,{text}"}),
        ]
        for answer in answers:
            assert answer.status_code == 200, answer.text
            assert np.abs(np.array(answer.json()["digits"][0]["probabilities"]) - expected).max() < 1e-5


def pictures(digit: Pixels) -> dict[str, bytes]:
    page = large(digit)
    colour, ink = np.full((120, 140, 3), (250, 245, 235), np.uint8), np.asarray(page) < 150
    colour[ink] = (30, 50, 160)
    shaded = (np.asarray(page, np.float32) * np.linspace(0.6, 1, 140)).astype(np.uint8)
    clear = np.zeros((120, 140, 4), np.uint8)
    clear[ink, 3] = 255
    light = clear.copy()
    light[ink, :3] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "black on white": encoded(page),
        "white on black": encoded(Image.fromarray(255 - np.asarray(page))),
        "blue ballpoint, JPEG": encoded(Image.fromarray(colour), "JPEG"),
        "shaded photo": encoded(shaded, "JPEG"),
        "transparent, dark ink": encoded(Image.fromarray(clear)),
        "transparent, light ink": encoded(Image.fromarray(light)),
        "16-bit": encoded(Image.fromarray(np.asarray(page).astype(np.uint16) * 257)),
        "palette": encoded(Image.fromarray(colour).quantize(16)),
        "CMYK": encoded(Image.fromarray(colour).convert("CMYK"), "JPEG"),
        "EXIF-rotated": encoded(page.rotate(90, expand=True), "JPEG", exif=exif),
        "WebP": encoded(page, "WEBP"),
        "TIFF": encoded(page, "TIFF"),
        "BMP": encoded(page, "BMP"),
        "GIF": encoded(page, "GIF"),
        "one bit": encoded(page.convert("1", dither=Image.Dither.NONE), "PNG"),
    }


def test_every_kind_of_picture_is_read(url: str, sure: Digits) -> None:
    wrong: dict[str, int] = {}
    for digit, label in zip(sure.images[:20], sure.labels[:20], strict=True):
        for name, content in pictures(digit).items():
            answer = post(url, content)
            assert answer.status_code == 200, f"{name}: {answer.text}"
            wrong[name] = wrong.get(name, 0) + (answer.json()["text"] != str(label))
    assert max(wrong.values()) <= 1, wrong


def test_boxes_are_in_pixels_of_the_upright_picture(url: str, sure: Digits) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    page = large(sure.images[0]).resize((2800, 2400))
    ink = np.argwhere(np.asarray(page) < 150)
    answer = post(url, encoded(page.rotate(90, expand=True), "JPEG", exif=exif)).json()
    box = answer["digits"][0]["box"]
    assert box["y"] == pytest.approx(ink[:, 0].min(), abs=60)
    assert box["x"] == pytest.approx(ink[:, 1].min(), abs=60)
    assert box["x"] + box["width"] == pytest.approx(ink[:, 1].max(), abs=60)


def strip(images: Pixels) -> bytes:
    page = np.full((60, 40 * len(images) + 20), 240, np.uint8)
    for place, image in enumerate(images):
        page[16:44, 16 + 40 * place : 44 + 40 * place] = 240 - (image * 0.8).astype(np.uint8)
    return encoded(page)


def test_separate_digits_are_read_as_a_code_with_boxes_and_candidates(url: str, sure: Digits) -> None:
    wrong = 0
    for start in range(0, 100, 5):
        code = "".join(map(str, sure.labels[start : start + 5]))
        answer = post(
            url, strip(sure.images[start : start + 5]), params={"digits": 5, "country": "fr", "top": 4}
        ).json()
        assert answer["kind"] == "strip"
        assert len(answer["candidates"]) == 4
        assert [digit["box"]["x"] for digit in answer["digits"]] == sorted(d["box"]["x"] for d in answer["digits"])
        wrong += answer["text"] != code
    assert wrong <= 1


def test_a_wrong_count_is_rejected_but_read(url: str, sure: Digits) -> None:
    answer = post(url, strip(sure.images[:4]), params={"digits": 5}).json()
    assert (answer["decision"], answer["reason"], len(answer["text"])) == ("reject", "wrong_length", 4)


def test_a_blank_picture_is_rejected_with_no_ink(url: str) -> None:
    answer = post(url, encoded(np.full((50, 50), 200, np.uint8))).json()
    assert (answer["decision"], answer["reason"], answer["text"]) == ("reject", "no_ink", "")


def bomb() -> bytes:
    return encoded(Image.new("1", (10_000, 10_000)))


PNG = encoded(np.zeros((28, 28), np.uint8))
JSON = {"Content-Type": "application/json"}
BAD: list[tuple[str, bytes, dict[str, str], int, str]] = [
    ("no body", b"", {}, 400, "no body"),
    ("malformed JSON", b"{", JSON, 400, "not JSON"),
    ("deep JSON", b"[" * 50_000, JSON, 400, "not JSON"),
    ("malformed form", b"--x", {"Content-Type": "multipart/form-data; boundary=y"}, 400, ""),
    ("form without boundary", b"--x", {"Content-Type": "multipart/form-data"}, 400, ""),
    ("text", b"hello", {"Content-Type": "text/plain"}, 415, "unsupported image type"),
    ("783 bytes", b"\1" * 783, {"Content-Type": "application/octet-stream"}, 415, "784 bytes"),
    ("truncated", PNG[:-30], {}, 422, "truncated or broken"),
    ("head alone", PNG[:20], {}, 422, "broken"),
    ("100 megapixels", bomb(), {}, 413, "10000 × 10000 pixels"),
    ("NaN", json.dumps({"pixels": [float("nan")] * 784}).encode(), JSON, 422, "'nan' at 0"),
    ("out of range", json.dumps({"pixels": [256] * 784}).encode(), JSON, 422, "from 0 to 255"),
    ("a huge number", b'{"pixels": [' + b",".join([b"1e999"] * 784) + b"]}", JSON, 422, "'inf'"),
    ("truth values", json.dumps({"pixels": [True] * 784}).encode(), JSON, 422, "'True'"),
    ("ragged", json.dumps({"pixels": [[0] * 27] * 28}).encode(), JSON, 422, "rows of [27]"),
    ("too few", json.dumps({"pixels": [0] * 10}).encode(), JSON, 422, "a list of 10"),
    ("a number", b"7", JSON, 422, "an object"),
    ("no base64", json.dumps({"image": "%%%"}).encode(), JSON, 422, "not base64"),
    ("base64 of text", json.dumps({"image": "aGVsbG8="}).encode(), JSON, 415, "unsupported image type"),
]


@pytest.mark.parametrize(("content", "headers", "status", "detail"), [row[1:] for row in BAD], ids=[r[0] for r in BAD])
def test_bad_bodies_get_the_contracts_problem(
    url: str, content: bytes, headers: dict[str, str], status: int, detail: str
) -> None:
    answer = post(url, content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() == {"type", "title", "status", "detail", "request_id"}
    assert detail in body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]


def test_a_form_without_a_file_is_refused(url: str) -> None:
    answer = httpx.post(f"{url}/predict", files={"other": (None, "text")})
    assert (answer.status_code, "`file`" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_of_50_megabytes_is_refused_and_the_service_goes_on(url: str, *, chunked: bool) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(50):
            yield bytes(1_000_000)

    try:
        answer = httpx.post(f"{url}/predict", content=pieces() if chunked else bytes(50_000_000))
    except httpx.WriteError:
        pass  # the service closed the connection before everything was sent: its refusal could not be read
    else:
        assert answer.status_code == 413
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert post(url, PNG).status_code == 200


def test_an_image_cut_anywhere_is_never_a_fault_of_the_service(url: str, sure: Digits) -> None:
    for content in (encoded(large(sure.images[0]), kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")):
        for length in range(1, len(content), max(1, len(content) // 25)):
            assert post(url, content[:length]).status_code in (200, 415, 422)


def test_a_batch_answers_in_order_and_a_bad_item_fails_alone(url: str, sure: Digits) -> None:
    items: list[Any] = [{"pixels": image.tolist()} for image in sure.images[:3]]
    items.insert(1, {"pixels": [1]})
    answers = httpx.post(f"{url}/predict/batch", json=items).json()
    assert [answer.get("text") for answer in answers] == [str(sure.labels[0]), None, *map(str, sure.labels[1:3])]
    assert answers[1]["status"] == 422
    files = [
        ("file", ("a", encoded(sure.images[0]))),
        ("file", ("b", b"text")),
        ("file", ("c", encoded(sure.images[2]))),
    ]
    answers = httpx.post(f"{url}/predict/batch", files=files).json()
    assert [answer.get("text") for answer in answers] == [str(sure.labels[0]), None, str(sure.labels[2])]
    assert httpx.post(f"{url}/predict/batch", json=[1] * 101).status_code == 422
    assert httpx.post(f"{url}/predict/batch", json={}).status_code == 422


def test_many_callers_at_once_get_what_one_gets(url: str, sure: Digits) -> None:
    def only_digit(image: Pixels) -> Any:
        (digit,) = post(url, image.tobytes(), headers={"Content-Type": "application/octet-stream"}).json()["digits"]
        return digit

    alone = [only_digit(image) for image in sure.images[:40]]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(only_digit, sure.images[:40]))
    for one, other in zip(alone, together, strict=True):
        assert (one["digit"], one["box"]) == (other["digit"], other["box"])
        # Digits that wait together share a forward pass, and float32 products round differently by batch.
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-5)


def test_the_card_the_health_and_the_documentation_answer(url: str, shipped: Artifact) -> None:
    card = httpx.get(f"{url}/model").json()
    assert (card["name"], card["sha256"]) == (shipped.name, shipped.sha256)
    calibration = card["calibration"]
    assert calibration["name"] == "shipped"
    assert calibration["made"]["files"]["cnn.npz"] == shipped.sha256
    picture = encoded(np.full((28, 28), 255, np.uint8))
    for way, options in (("digit", "kind=digit"), ("counted", "digits=5"), ("uncounted", "kind=strip")):
        answer = httpx.post(f"{url}/predict?{options}&max_error=0.01", content=picture).json()
        assert answer["threshold"] == calibration["thresholds"][way]["0.01"]
        assert answer["calibration"] == "shipped"
    assert httpx.get(f"{url}/health/live").status_code == 200
    assert httpx.get(f"{url}/health/ready").status_code == 200
    assert httpx.get(f"{url}/docs").status_code == 200
    missing = httpx.get(f"{url}/nowhere")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert httpx.get(f"{url}/predict").status_code == 405


def test_the_examples_of_the_documentation_run(url: str) -> None:
    paths = httpx.get(f"{url}/openapi.json").json()["paths"]
    answers = {}
    for path in ("/predict", "/predict/batch"):
        body = paths[path]["post"]["requestBody"]["content"]
        assert "multipart/form-data" in body
        answers[path] = httpx.post(f"{url}{path}", json=body["application/json"]["example"]).json()
    assert answers["/predict"]["text"] == "1"
    assert [answer["text"] for answer in answers["/predict/batch"]] == ["1", "1"]


def test_the_callers_request_id_is_kept_where_it_is_sane(url: str) -> None:
    assert post(url, PNG, headers={"X-Request-ID": "abc-1"}).json()["request_id"] == "abc-1"
    assert len(post(url, PNG, headers={"X-Request-ID": "a b"}).json()["request_id"]) == 32


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DIGITS_MODEL": "README.md"}, "README.md is not an artifact"),
        ({"DIGITS_MODEL": "nowhere.npz"}, "nowhere.npz cannot be read"),
        ({"DIGITS_MAX_ERROR": "2"}, "DIGITS_MAX_ERROR"),
        ({"PORT": "many"}, "PORT"),
    ],
)
def test_a_wrong_setting_or_model_stops_the_start_with_one_sentence(environment: dict[str, str], sentence: str) -> None:
    command = [sys.executable, "-m", "app"]
    done = subprocess.run(
        command, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def assert_answers_are_those_of(weights: Path, address: str, digits: Digits) -> None:
    """Assert that the service at `address` answers as a reader with `weights` does when given the picture's pixels."""
    reader = Reader(artifact.load(weights).classifier)
    for start in range(0, 40, 5):
        for content in (encoded(large(digits.images[start])), strip(digits.images[start : start + 5])):
            with Image.open(io.BytesIO(content)) as picture:
                expected = asdict(reader.read(np.asarray(picture)))
            answer = post(address, content).json()
            for name in ("kind", "text", "formatted", "decision", "reason", "threshold", "calibration"):
                assert answer[name] == expected[name]
            assert answer["confidence"] == pytest.approx(expected["confidence"], abs=1e-5)
            assert [each["text"] for each in answer["candidates"]] == [each["text"] for each in expected["candidates"]]
            for digit, as_read in zip(answer["digits"], expected["digits"], strict=True):
                assert (digit["digit"], digit["box"]) == (as_read["digit"], as_read["box"])
                assert digit["probabilities"] == pytest.approx(as_read["probabilities"], abs=1e-5)
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert httpx.get(f"{address}/model").json()["sha256"] == answer["model"]["sha256"] == sha256


def test_without_settings_the_shipped_weights_answer(url: str, digits: Digits) -> None:
    assert_answers_are_those_of(ROOT / "model" / "weights" / "cnn.npz", url, digits)


def test_the_weights_that_the_settings_name_answer(digits: Digits, tmp_path: Path) -> None:
    others, path = artifact.load(ROOT / "model" / "weights" / "two-layer.npz"), tmp_path / "others.npz"
    assert isinstance(others.classifier, Network)
    others.classifier.temperature *= 1.5  # sure of less than any weights that are shipped
    artifact.save(path, others.classifier, others.header)
    with running(create_app(Settings(model=path))) as address:
        assert_answers_are_those_of(path, address, digits)
