"""API keys: who has none gets no reading, who has one does, and nobody else ever sees any of it."""

import hmac
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from pydantic import ValidationError

from app import heavy, keys
from app.__main__ import main
from app.client import DigitsClient, Refused
from app.keys import Keys, KeysError, keys_of
from app.main import create_app
from app.problems import HEADERS
from app.routes.documented import EXAMPLE
from app.settings import Settings
from tests.app.services import real_service, running

KEY, OTHER, THIRD, WRONG = "the-sorter's-key-1", "Yx7/+=_~!#$%&*()[]", "third-key-of-them-all", "the-sorter's-key-2"
ORIGIN = {"Origin": "https://desk.example"}
WAIT = 30.0


def told(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


# --- Which keys are good


def test_keys_of_a_list_and_of_a_file_are_good_together(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(f"\ufeff# de l'été\r\n\r\n  {OTHER}  # the desk\r\n{THIRD}\t# night shift".encode())
    good = Keys(f" {KEY} ,", path)
    assert [good.known(each.encode()) for each in (KEY, OTHER, THIRD)] == [True] * 3
    for wrong in (WRONG, KEY[:-1], KEY + " ", KEY.upper(), "", "# the desk", f"{KEY},{OTHER}"):
        assert not good.known(wrong.encode())


def test_every_key_is_compared_whichever_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    good, compared, compare = Keys(f"{KEY},{OTHER},{THIRD}", None), [], hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    for sent in (KEY, OTHER, THIRD, WRONG, "short"):
        compared.clear()
        good.known(sent.encode())
        assert len({one for one, _ in compared}) == len(good) == 3
        assert {len(each) for pair in compared for each in pair} == {32}  # digests, as long for every key


@pytest.mark.parametrize(
    ("listed", "lines", "said"),
    [
        (f"{KEY},short", None, "DIGITS_API_KEYS: key 2 must have at least 16 characters"),
        (f"{KEY},sixteen letters and more", None, "DIGITS_API_KEYS: key 2 must have"),
        (" , ", None, "DIGITS_API_KEYS holds no key"),
        (None, [KEY, "", "fifteen-letters"], "line 3 must be a key with at least 16 characters"),
        (None, [f"{KEY} {OTHER}"], "line 1 must be a key"),
        (None, ["clé-de-la-trieuse-1"], "line 1 must be a key"),
        (None, ["# none yet", ""], "holds no API key"),
        (KEY, [], "holds no API key"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_and_not_said(
    tmp_path: Path, listed: str | None, lines: list[str] | None, said: str
) -> None:
    with pytest.raises(KeysError, match=said) as caught:
        Keys(listed, None if lines is None else told(tmp_path / "keys", *lines))
    for secret in (KEY, OTHER, "short", "sixteen", "fifteen", "trieuse"):
        assert secret not in str(caught.value)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="nowhere cannot be read: No such file"):
        Keys(None, tmp_path / "nowhere")
    with pytest.raises(KeysError, match="cannot be read"):
        Keys(None, tmp_path)
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff\xe0" * 10)
    with pytest.raises(KeysError, match="not text"):
        Keys(None, tmp_path / "picture")


def test_a_change_counts_once_it_was_found_twice_and_a_broken_file_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = told(tmp_path / "keys", KEY)
    good = Keys(None, path)

    def now() -> list[bool]:
        return [good.known(each.encode()) for each in (KEY, OTHER)]

    caplog.set_level("INFO", "uvicorn.error")
    told(path, OTHER)
    good.look()
    assert now() == [True, False]
    good.look()
    assert now() == [False, True]
    for broken in (lambda: told(path, "half"), lambda: told(path), path.unlink, path.mkdir):
        broken()
        for _ in range(4):
            good.look()
        assert now() == [False, True]
    path.rmdir()
    told(path, KEY)
    good.look()
    good.look()
    assert now() == [True, False]
    lines = [record.getMessage() for record in caplog.records]
    assert ["stay good" in line for line in lines] == [False, True, True, True, True, False]
    assert not [line for line in lines if KEY in line or OTHER in line or "half" in line]


# --- What the settings say, and to whom


def test_settings_never_show_a_key_and_send_none_to_another_process(tmp_path: Path) -> None:
    settings = Settings(api_keys=KEY, api_keys_file=told(tmp_path / "keys", OTHER))
    assert KEY not in repr(settings) + str(settings)
    line = settings.model_dump_json()
    assert KEY not in line
    assert "*" not in line
    assert Settings.model_validate_json(line).api_keys is None
    with pytest.raises(ValidationError) as caught:
        Settings(api_keys=KEY, port=-1, api_keys_also_for="models")
    assert KEY not in str(caught.value)
    assert keys_of(Settings()) is None


def test_the_process_for_large_pictures_finds_no_key_in_its_environment() -> None:
    assert heavy._without_keys({"DIGITS_API_KEYS": KEY, "DIGITS_PORT": "1"}) == {"DIGITS_PORT": "1"}


def test_keys_that_cannot_be_used_stop_the_start_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIGITS_API_KEYS_FILE", str(told(tmp_path / "keys", "a-short-key")))
    with pytest.raises(SystemExit) as caught:
        main(["serve"])
    assert caught.value.code == 2
    [sentence] = capsys.readouterr().err.splitlines()
    assert "line 1 must be a key" in sentence
    assert "a-short-key" not in sentence


# --- What a service does that has keys


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return told(tmp_path_factory.mktemp("keys") / "keys", KEY)


@pytest.fixture(scope="module")
def closed(file: Path) -> Iterator[str]:
    """Return a service that asks for keys, also for the model card, with a prefix."""
    settings = Settings(api_keys_file=file, api_keys_also_for="metrics, model", cors_origins=ORIGIN["Origin"])
    app = create_app(settings)
    app.root_path = "/digits"
    with pytest.MonkeyPatch.context() as patched, running(app) as address:
        patched.setattr(keys, "LOOK_SECONDS", 0.1)
        yield address


@pytest.mark.parametrize(
    "path", ["/predict", "/predict/batch", "/digits/predict", "/v2/models/digits/infer", "/", "/new"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_without_a_key_nothing_that_may_bring_a_picture_is_let_in(closed: str, path: str, method: str) -> None:
    answer = httpx.request(method, closed + path, headers=ORIGIN)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == HEADERS[401]["WWW-Authenticate"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    problem = answer.json()
    if path.startswith("/v2"):  # that protocol's own shape
        assert answer.headers["content-type"] == "application/json"
        assert "X-API-Key" in problem["error"]
        return
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "X-API-Key" in problem["detail"]


@pytest.mark.parametrize("headers", [
    {"X-API-Key": KEY},
    {"Authorization": f"Bearer {KEY}"},
    {"Authorization": f"bearer  {KEY}"},
    {"Authorization": "Bearer a-gateway's-own-token", "X-API-Key": KEY},
])  # fmt: skip
def test_with_a_key_pictures_are_read(closed: str, headers: dict[str, str]) -> None:
    assert httpx.post(f"{closed}/predict", json=EXAMPLE, headers=headers).json()["text"] == "1"


@pytest.mark.parametrize("headers", [
    {"X-API-Key": WRONG},
    {"X-API-Key": ""},
    {"X-API-Key": f"{KEY},{KEY}"},
    {"X-API-Key": WRONG, "Authorization": f"Bearer {KEY}"},
    {"Authorization": f"Basic {KEY}"},
    {"Authorization": KEY},
    {"Cookie": f"X-API-Key={KEY}"},
])  # fmt: skip
def test_a_wrong_key_is_none(closed: str, headers: dict[str, str]) -> None:
    answer = httpx.post(f"{closed}/predict?X-API-Key={KEY}", json=EXAMPLE, headers=headers)
    assert answer.status_code == 401
    for secret in (KEY, WRONG):
        assert secret not in answer.text + str(answer.headers)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path", ["/", "/digits/static/main.js", "/docs", "/openapi.json", "/health/live", "/health/ready"]
)
def test_health_the_page_and_the_documentation_are_open(closed: str, method: str, path: str) -> None:
    answer = httpx.request(method, closed + path)
    assert answer.status_code == 200 or (method, answer.status_code) == ("HEAD", 405)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/model", "/digits/model", "/metrics", "/digits/metrics"])
def test_metrics_and_the_model_card_need_a_key_where_the_settings_say_so(closed: str, method: str, path: str) -> None:
    assert httpx.request(method, closed + path).status_code == 401
    assert httpx.request(method, closed + path, headers={"X-API-Key": KEY}).status_code != 401


def test_refusals_for_want_of_a_key_are_counted_by_the_path_that_was_asked_for(closed: str) -> None:
    httpx.post(f"{closed}/predict", content=b"x")
    counted = httpx.get(f"{closed}/metrics", headers={"X-API-Key": KEY}).text
    assert 'digits_requests_total{path="/predict",status="401"}' in counted


def test_a_page_of_another_origin_may_send_a_key_and_asks_so_without_one(closed: str) -> None:
    asks = {
        **ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key,content-type",
    }
    for path in ("/predict", "/model"):
        answer = httpx.options(closed + path, headers=asks)
        assert answer.status_code == 200
        assert "x-api-key" in answer.headers["access-control-allow-headers"].lower()
    assert httpx.options(f"{closed}/predict").status_code == 405


@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_who_has_no_key_is_refused_before_the_body_comes(closed: str, path: str) -> None:
    with socket.create_connection(("127.0.0.1", int(closed.rpartition(":")[2])), timeout=WAIT) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_the_client_says_that_it_was_refused_for_its_key(closed: str) -> None:
    picture = Image.new("L", (40, 40), 255)
    with DigitsClient(closed, api_key=KEY) as client:
        assert not client.read(picture).accepted
    for key in (None, WRONG):
        with DigitsClient(closed, api_key=key) as client, pytest.raises(Refused, match=r"401 Unauthorized: .*API key"):
            client.read(picture)


def test_openapi_says_what_needs_a_key_only_where_something_does(closed: str) -> None:
    described = httpx.get(f"{closed}/openapi.json").json()
    assert set(described["components"]["securitySchemes"]) == {"key", "bearer"}
    needing = {
        path for path, methods in described["paths"].items() if any("security" in each for each in methods.values())
    }
    assert {"/predict", "/predict/batch", "/model"} <= needing
    assert "/health/live" not in needing
    assert "401" in described["paths"]["/predict"]["post"]["responses"]
    told = described["paths"]["/v2/models/digits/infer"]["post"]["responses"]["401"]["content"]["application/json"]
    assert told["schema"] == {"$ref": "#/components/schemas/InferenceError"}
    plain = str(create_app(Settings()).openapi())
    assert "securitySchemes" not in plain
    assert "401" not in plain


def test_a_key_is_rotated_without_a_restart(closed: str, file: Path) -> None:
    def wait_for(status: int, key: str) -> None:
        ends = time.monotonic() + WAIT
        while httpx.post(f"{closed}/predict", json=EXAMPLE, headers={"X-API-Key": key}).status_code != status:
            assert time.monotonic() < ends
            time.sleep(0.05)

    told(file, KEY, OTHER)
    wait_for(200, OTHER)
    wait_for(200, KEY)
    replaced = told(file.with_suffix(".new"), OTHER)
    replaced.replace(file)
    wait_for(401, KEY)
    file.unlink()
    time.sleep(3 * keys.LOOK_SECONDS)
    wait_for(200, OTHER)
    wait_for(401, KEY)
    told(file, KEY)
    wait_for(200, KEY)
    wait_for(401, OTHER)


# --- The service as it runs


@pytest.mark.long
def test_workers_take_the_same_keys_and_say_nothing_of_them(tmp_path: Path) -> None:
    file, said = told(tmp_path / "keys", OTHER), tmp_path / "log"
    settings = {"DIGITS_WORKERS": "2", "DIGITS_ROOT_PATH": "/digits", "DIGITS_API_KEYS_FILE": str(file)}
    anew = httpx.Limits(max_keepalive_connections=0)  # so that both workers are asked
    with (
        said.open("wb") as log,
        real_service(log, DIGITS_API_KEYS=KEY, **settings) as service,
        httpx.Client(base_url=service.url, limits=anew, timeout=WAIT) as client,
    ):

        def statuses(key: str) -> set[int]:
            headers = {"X-API-Key": key}
            return {client.post("/predict", content=b"no picture", headers=headers).status_code for _ in range(12)}

        assert statuses(KEY) == statuses(OTHER) == {415}
        assert statuses(WRONG) == statuses(THIRD) == {401}
        told(file, THIRD)
        ends = time.monotonic() + WAIT
        while (statuses(THIRD), statuses(OTHER)) != ({415}, {401}):
            assert time.monotonic() < ends
        assert statuses(KEY) == {415}
    lines = said.read_text(encoding="utf-8")
    assert 1 <= lines.count("has changed") <= 2  # one line in each worker that was up
    for secret in (KEY, OTHER, THIRD, WRONG):
        assert secret not in lines
