"""Every form in which clients send a picture is read, or refused with a sentence that says how to send it."""

import base64
import contextlib
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app import json_pictures
from app.base64_text import Base64Text
from app.errors import ServiceError, UnreadableError
from app.images import Decoded
from app.main import create_app
from app.schemas import Answer
from app.settings import Settings
from tests.app.services import real_service, running

MOST = 2_000_000


def drawn_seven() -> bytes:
    """Return a 28 × 28 PNG of a 7, drawn here."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels[5:8, 7:21] = 255
    for row in range(8, 24):
        pixels[row, 19 - (row - 8) // 2 : 22 - (row - 8) // 2] = 255
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


PNG = drawn_seven()
PLAIN = base64.b64encode(PNG).decode()
LINES = base64.encodebytes(PNG).decode()
URL_SAFE = base64.urlsafe_b64encode(PNG).decode()
NOISE = np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)
FORM = "multipart/form-data; boundary=x"


def part(headers: str, content: bytes) -> bytes:
    return b"--x\r\nContent-Disposition: form-data; " + headers.encode() + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--x--\r\n"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(create_app(Settings(max_body_bytes=MOST, cors_origins="https://page.example"))) as address:
        yield address


READ: dict[str, tuple[bytes, dict[str, str]]] = {
    "as curl sends it": (PNG, {"Content-Type": "application/x-www-form-urlencoded"}),
    "without a type": (PNG, {}),
    "a data URL": (b"data:image/png;base64," + PLAIN.encode(), {"Content-Type": "text/plain"}),
    "gzip": (gzip.compress(PNG), {"Content-Encoding": "gzip"}),
    "gzip JSON": (gzip.compress(json.dumps({"image": PLAIN}).encode()), {"Content-Encoding": "gzip"}),
    "base64": (json.dumps({"image": PLAIN}).encode(), {"Content-Type": "application/json"}),
    "base64 in lines": (json.dumps({"image": LINES}).encode(), {"Content-Type": "application/json"}),
    "base64 in lines of two characters": (json.dumps({"image": LINES.replace("\n", "\r\n")}).encode(), {}),
    "URL-safe base64": (json.dumps({"image": URL_SAFE}).encode(), {"Content-Type": "application/json"}),
    "base64 without padding": (json.dumps({"image": PLAIN.rstrip("=")}).encode(), {"Content-Type": "application/json"}),
    "a data URL in JSON": (json.dumps({"image": "data:image/png;base64," + PLAIN}).encode(), {}),
    "a file": (form(part('name="file"; filename="7.png"', PNG)), {"Content-Type": FORM}),
    "a file without a name": (form(part('name="file"', PNG)), {"Content-Type": FORM}),
    "a file among fields": (
        form(part('name="note"', b"hello"), part('name="file"; filename="7.png"', PNG), part('name="x"', b"")),
        {"Content-Type": FORM},
    ),
    "a form's data URL": (
        form(part('name="file"', b"data:image/png;base64," + PLAIN.encode())),
        {"Content-Type": FORM},
    ),
    "a form's base64": (form(part('name="file"', LINES.encode())), {"Content-Type": FORM}),
}


@pytest.mark.parametrize("name", READ)
def test_every_form_of_a_picture_is_read(url: str, name: str) -> None:
    content, headers = READ[name]
    answer = httpx.post(f"{url}/predict", content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    assert Answer.model_validate(answer.json()).text == "7"


REFUSED: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "a urlencoded form": (
        b"image=" + PLAIN.encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
        415,
        "multipart/form-data",
    ),
    "two files": (
        form(part('name="file"; filename="a"', PNG), part('name="file"; filename="b"', PNG)),
        {"Content-Type": FORM},
        400,
        "/predict/batch",
    ),
    "no field of that name": (form(part('name="image"; filename="a"', PNG)), {"Content-Type": FORM}, 400, "`file`"),
    "a form without an end": (b"--x\r\nContent-Disposition: form-data; name=", {"Content-Type": FORM}, 400, "form"),
    "a form without a boundary": (PNG, {"Content-Type": "multipart/form-data"}, 400, "form"),
    "an unknown coding": (PNG, {"Content-Encoding": "br"}, 415, "gzip"),
    "gzip that is none": (PNG, {"Content-Encoding": "gzip"}, 400, "gzip"),
    "gzip that is cut short": (gzip.compress(PNG)[:-20], {"Content-Encoding": "gzip"}, 400, "cut short"),
    "gzip that unpacks to too much": (
        gzip.compress(bytes(MOST + 1)), {"Content-Encoding": "gzip"}, 413, "unpacks to more than"
    ),
    "a data URL that is not base64": (b"data:image/svg+xml,%3Csvg%3E", {}, 422, "data URL must hold base64"),
    "text": (b"seven", {"Content-Type": "text/plain"}, 415, "unsupported image type"),
    "JSON of many numbers": (json.dumps({"pixels": [1] * 100_000}).encode(), {}, 422, "bytes besides its base64"),
    "JSON of many lists": (b"[" * 1_000_000, {"Content-Type": "application/json"}, 422, "besides its base64"),
    "JSON of many strings": (
        b"[" + b'"a",' * 300_000 + b'"a"]', {"Content-Type": "application/json"}, 422, "besides its base64"
    ),
    "no base64": (json.dumps({"image": "!" * 5000}).encode(), {}, 422, "not base64"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_unreadable_body_is_refused_with_what_is_expected(url: str, name: str) -> None:
    content, headers, status, sentence = REFUSED[name]
    answer = httpx.post(f"{url}/predict", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert sentence in answer.json()["detail"]


@pytest.mark.parametrize(
    "query", ["digits=&country=&kind=&top=&max_error=", "kind=digit&digits=1", "country=FR&digits=5"]
)
def test_empty_values_count_as_left_out_and_consistent_ones_are_accepted(url: str, query: str) -> None:
    assert httpx.post(f"{url}/predict?{query}", content=PNG).status_code == 200


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("digit=5", "got 'digit'"),
        ("digits=5&country=in", "digits=5 contradicts country=in, whose codes have 6"),
        ("digits=4&country=us", "whose codes have 5 or 9"),
        ("kind=digit&digits=5", "kind=digit contradicts"),
        ("kind=word", "kind"),
        ("turned=45", "turned"),
        ("country=atlantis", "atlantis"),
        ("country=zz", "'zz'"),
        ("digits=0", "digits"),
        ("max_error=nan", "max_error"),
        ("top=0", "top"),
    ],
)
def test_unknown_and_contradicting_queries_are_refused(url: str, query: str, sentence: str) -> None:
    answer = httpx.post(f"{url}/predict?{query}", content=PNG)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


def test_a_batch_takes_every_form_in_order(url: str) -> None:
    big = io.BytesIO()
    Image.fromarray(NOISE).save(big, "PNG")
    items: list[Any] = [
        {"image": PLAIN},
        {"image": base64.b64encode(big.getvalue()).decode()},  # longer than what is parsed as it is
        {"pixels": [0] * 784},
        {"image": "!"},
        {"image": "data:image/png;base64," + LINES},
        7,
    ]
    answers = httpx.post(f"{url}/predict/batch", json=items).json()
    assert [answer.get("text", answer.get("status")) for answer in answers[::2]] == ["7", "", "7"]
    assert [answer.get("status") for answer in answers[1::2]] == [None, 422, 422]
    files = [("file", ("a.png", PNG)), ("other", ("b.png", PNG)), ("file", ("c.png", b"none"))]
    answers = httpx.post(f"{url}/predict/batch", files=files).json()
    assert [answer.get("text", answer.get("status")) for answer in answers] == ["7", 415]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_answers_head(url: str, path: str) -> None:
    answer = httpx.head(f"{url}{path}")
    assert (answer.status_code, answer.content) == (200, b"")


def test_pages_from_the_origins_in_the_settings_may_call_and_others_may_not(url: str) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Origin": "https://page.example"}
    allowed = httpx.options(f"{url}/predict", headers=asked)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, "https://page.example")
    refused = httpx.options(f"{url}/predict", headers={**asked, "Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in refused.headers


def test_behind_a_prefix_the_pages_point_below_it() -> None:
    with real_service(DIGITS_ROOT_PATH="/digits") as service:
        assert '<base href="/digits/">' in httpx.get(f"{service.url}/").text
        assert httpx.get(f"{service.url}/static/index.html").status_code == 200
        assert "'/digits/openapi.json'" in httpx.get(f"{service.url}/docs").text
        assert httpx.post(f"{service.url}/predict", content=PNG).status_code == 200


@given(content=st.binary(max_size=3000), line=st.integers(1, 100), url_safe=st.booleans(), padded=st.booleans())
def test_base64_of_any_form_says_what_it_stands_for(content: bytes, line: int, *, url_safe: bool, padded: bool) -> None:
    text = base64.urlsafe_b64encode(content) if url_safe else base64.b64encode(content)
    text = text if padded else text.rstrip(b"=")
    lines = b"\r\n".join(text[start : start + line] for start in range(0, len(text), line))
    assert Base64Text(lines).content() == content
    assert Base64Text(b"data:image/png;base64," + lines).content() == content


def test_long_base64_is_decoded_piece_by_piece_to_the_same() -> None:
    content = NOISE.tobytes() * 20
    assert Base64Text(base64.encodebytes(content)).content() == content
    with pytest.raises(UnreadableError, match="not base64"):
        Base64Text(base64.b64encode(content)[:-100] + b"?" * 100).content()


@pytest.mark.parametrize(
    "escaped",
    [
        lambda text: text.replace("/", "\\/"),
        lambda text: text.replace("+", "\\u002B").replace("=", "\\u003d"),
        lambda text: "\\r\\n".join(text[start : start + 76] for start in range(0, len(text), 76)),
    ],
)
def test_base64_is_read_however_json_escapes_it(escaped: Any) -> None:
    content = NOISE.tobytes()
    body = ('{"image": "' + escaped(base64.b64encode(content).decode()) + '", "name": "a\\\\"}').encode()
    picture = json_pictures.picture(body)
    assert isinstance(picture, Base64Text)
    assert picture.content() == content


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.text('ab\\"\0', min_size=990, max_size=1010),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["image", "pixels", "x"]), inner),
        max_leaves=20,
    )
)
def test_any_json_is_a_picture_or_refused(value: Any) -> None:
    body = json.dumps(value).encode()
    try:
        picture = json_pictures.picture(body)
        if isinstance(picture, Base64Text):
            picture.content()
        else:
            assert isinstance(picture, Decoded)
    except ServiceError:
        pass
    with contextlib.suppress(ServiceError):
        json_pictures.pictures(body, 10)


@pytest.mark.parametrize("name", ["\0²", "\0" + "9" * 5000, "\0" + "0" * 8, "\0-1"])
def test_strings_that_look_like_the_mark_of_a_cut_one_are_text(name: str) -> None:
    body = json.dumps({"image": name, "quotes": '"' * 11_000, "long": "a" * 2000}).encode()
    picture = json_pictures.picture(body)
    assert isinstance(picture, Base64Text)
    with pytest.raises(UnreadableError, match="not base64"):
        picture.content()


def test_escapes_are_taken_away_wherever_the_pieces_of_a_long_text_end() -> None:
    content = NOISE.tobytes() * 10
    text = base64.b64encode(content).replace(b"+", rb"\u002B").replace(b"/", rb"\/")
    for before in range(8):
        assert Base64Text(b"\n" * before + text, escaped=True).content() == content


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b" [ {} , 1 ] ", 200, ""),
        (b"[{}, 1", 400, "not JSON"),
        (b"[{}] 2", 400, "not JSON"),
        (b"[{},]", 400, "not JSON"),
        (b"[{} 1]", 400, "not JSON"),
        (b"[]", 422, "got 0"),
        (b'{"pixels": 1}', 422, "got an object"),
        (b"[" + b"0," * 400_000 + b"0]", 422, "got more"),
        (b"[" + b"{}," * 330_000 + b"{}]", 422, "got more"),
        (b"[{}, [" + b"1, " * 30_000 + b"1]]", 422, "one picture of the list has more than 64000 bytes"),
        ("[{}]".encode("utf-16"), 200, ""),
    ],
)
def test_a_json_list_is_read_item_by_item(url: str, body: bytes, status: int, sentence: str) -> None:
    answer = httpx.post(f"{url}/predict/batch", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert sentence in answer.text


def test_gzip_forms_are_read_piece_by_piece(url: str) -> None:
    body = gzip.compress(form(part('name="note"', b"\r\n--" * 100_000), part('name="file"', PNG)))
    answer = httpx.post(f"{url}/predict", content=body, headers={"Content-Type": FORM, "Content-Encoding": "gzip"})
    assert answer.status_code == 200, answer.text


def test_a_query_longer_than_any_that_means_something_is_refused(url: str) -> None:
    answer = httpx.post(f"{url}/predict?{'a=1&' * 501}", content=PNG)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "the query has 2004 bytes; at most 2000" in answer.json()["detail"]
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_what_follows_a_gzip_body_is_not_unpacked(url: str) -> None:
    twice = gzip.compress(PNG) + zlib.compress(b"more")
    assert httpx.post(f"{url}/predict", content=twice, headers={"Content-Encoding": "gzip"}).status_code == 200
