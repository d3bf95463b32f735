"""The Python client of a postal-digits service, and its command. This file needs only httpx: copy it as it is.

    with DigitsClient("http://localhost:8000", deadline=2) as client:
        reading = client.read("envelope.png", digits=5, country="fr")
        if reading.accepted:
            sort(reading.text)

Example: python -m app.client http://localhost:8000 scans/*.png --digits 5 --country fr --format csv > codes.csv
"""

# ruff: noqa: N818 (errors are named by what happened, as httpx names its own)
import argparse
import asyncio
import csv
import dataclasses
import io
import itertools
import json
import os
import random
import re
import struct
import sys
import threading
import time
import zlib
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Coroutine, Iterable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, TypeVar, Unpack

try:
    import httpx
except ImportError as missing:
    if __name__ != "__main__":
        raise
    raise SystemExit("the client needs httpx, which is not installed: pip install httpx") from missing

__all__ = [
    "AsyncDigitsClient",
    "BadAnswer",
    "BadImage",
    "Busy",
    "DeadlineExceeded",
    "DigitsClient",
    "DigitsError",
    "Reading",
    "Refused",
    "Unreachable",
]

T = TypeVar("T")

Image = Any
"""Encoded bytes; a path; a file open in binary mode; a NumPy array of uint8, (H, W), (H, W, 3) RGB or (H, W, 4) RGBA
(a one-dimensional one holds encoded bytes, or the 784 pixels of one digit); or a Pillow image."""

BUSY = {429, 502, 503, 504}  # 502 and 504: a proxy could not reach the service, for example while it restarts
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 1.0  # seconds between attempts: doubled each time, before jitter
PNG_COLOURS = {1: 0, 3: 2, 4: 6}  # channels -> PNG's colour type
PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}  # Pillow's modes that PNG can hold
KINDS = ("auto", "digit", "strip", "envelope")
TURNS = ("0", "90", "180", "270", "auto")
URL_HELP = "the service, such as http://localhost:8000"
OPTIONAL = {"others"}  # fields of an answer that earlier versions of the service lack


class DigitsError(Exception):
    """There is no reading; the base class of the other errors."""

    # So that `if result.accepted` is safe for whatever `read_many` yields.
    accepted: Literal[False] = False


class BadImage(DigitsError):
    """The picture could not be read from its file, or cannot be sent."""


class Unreachable(DigitsError):
    """The service could not be reached, broke off the connection, or did not answer within `timeout`."""

    retry_after: float | None = None


class Refused(DigitsError):
    """The service answered that it will not read this picture, or not for this caller."""

    def __init__(self, status: int, title: str, detail: str, request_id: str | None) -> None:
        super().__init__(status, title, detail, request_id)
        self.status, self.title, self.detail, self.request_id = status, title, detail, request_id

    def __str__(self) -> str:
        return f"the service refused with {self.status} {self.title}" + (f": {self.detail}" if self.detail else "")


class Busy(Refused):
    """The service is too busy, draining or away, and was so at every retry."""

    retry_after: float | None = None


class BadAnswer(DigitsError):
    """The answer holds no reading: it is not from a postal-digits service, or from another version of one."""


class DeadlineExceeded(DigitsError, TimeoutError):
    """No reading came, or could still come, within the deadline; `__cause__` is the last attempt's error, if any."""


class Box(TypedDict):
    """A rectangle in pixels of the picture that was sent, upright; (x, y) is its top left corner."""

    x: int
    y: int
    width: int
    height: int


class Digit(TypedDict):
    """One digit of a reading, left to right."""

    digit: int
    confidence: float
    box: Box
    probabilities: list[float]


class Candidate(TypedDict):
    """One way to read the whole picture, likeliest first."""

    text: str
    confidence: float


class Other(TypedDict):
    """A code found elsewhere on a mail piece, such as the sender's; corners: like those of a Reading."""

    text: str
    confidence: float
    corners: list[list[int]]


class Model(TypedDict):
    """The model that read the picture."""

    name: str
    version: str
    sha256: str


@dataclasses.dataclass(frozen=True)
class Reading:
    """What the service read; the fields are those of its answer."""

    text: str  # digits only, leading zeros kept; empty only where there is no ink, or no code on an envelope
    formatted: str
    confidence: float
    decision: Literal["accept", "reject"]
    reason: str | None
    kind: Literal["digit", "strip", "envelope"]
    digits: list[Digit]
    candidates: list[Candidate]
    corners: list[list[int]] | None  # of a tight rectangle round the text, from the upper left of its first digit on
    turned: int  # by how many degrees clockwise the writing lies, 0 to 359
    threshold: float  # the confidence from which on readings are accepted, for the `max_error` that was asked
    calibration: str  # the name of the calibration that says so
    model: Model
    request_id: str
    elapsed_ms: float
    others: list[Other] = dataclasses.field(default_factory=list)  # codes elsewhere on an envelope, as the sender's

    @property
    def accepted(self) -> bool:
        """Return whether `text` is sure enough to act on."""
        return self.decision == "accept"


class Options(TypedDict, total=False):
    """What is known about the pictures; the service decides what is left out or None."""

    digits: int | None  # how many to expect
    country: str | None  # "fr", "us" …: how codes are written there, and which exist
    kind: Literal["auto", "digit", "strip", "envelope"] | None
    top: int | None  # how many candidates to return
    max_error: float | None  # the highest share of errors among accepted readings, 0 to 1
    turned: Literal[0, 90, 180, 270, "auto"] | None  # by how many degrees clockwise the writing lies


class AsyncDigitsClient:
    """Reads pictures through the service at `url`, from an asyncio event loop.

    timeout: seconds for one attempt. deadline: seconds for a whole read: loading the picture, every attempt and every
    pause; nothing continues after it. retries: attempts after the first (None: as many as the deadline allows), made
    after connection errors and where the service says that it is busy, never before its `Retry-After`.
    Raises ValueError where one of these is out of range.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        timeout: float = 10.0,
        retries: int | None = None,
        deadline: float = 30.0,
    ) -> None:
        if not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", url):
            raise ValueError(f"`url` must be like http://localhost:8000; got {url!r}")
        if api_key is not None and not re.fullmatch(r"[!-~]+", api_key):
            raise ValueError("`api_key` must be visible ASCII characters without spaces or line ends")
        if not timeout > 0 or not deadline > 0:
            raise ValueError(f"`timeout` and `deadline` must be above 0 seconds; got {timeout} and {deadline}")
        if retries is not None and retries < 0:
            raise ValueError(f"`retries` must be at least 0; got {retries}")
        self._timeout, self._retries, self._deadline = timeout, retries, deadline
        self._url = url.rstrip("/") + "/predict"
        headers = {"Content-Type": "application/octet-stream"} | ({"X-API-Key": api_key} if api_key else {})
        # Attempts are timed here as a whole: httpx would time each packet, so that a trickling answer never ends.
        # `read_many` limits the number of connections.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        self._http = httpx.AsyncClient(headers=headers, timeout=None, limits=limits)  # noqa: S113 (timed above)

    async def read(self, image: Image, **options: Unpack[Options]) -> Reading:
        """Return what `image` says. Raises DigitsError."""
        return await self._read(image, options, asyncio.Event())

    async def read_many(
        self, images: Iterable[Image] | AsyncIterable[Image], concurrency: int = 16, **options: Unpack[Options]
    ) -> AsyncIterator[Reading | DigitsError]:
        """Yield, in order, each image's reading or the DigitsError that it met: a failed image loses no other.

        At most `concurrency` are under way at once, and the input is read no further ahead than that. An image's
        deadline starts when the image is taken; once the next one is asked for, it may be changed or closed.
        """
        window: deque[asyncio.Task[Reading | DigitsError]] = deque()
        try:
            async for image in _each(images):
                window.append(await self._begin(image, options))
                while window and _due(window, concurrency):
                    yield await window.popleft()
            while window:
                yield await window.popleft()
        finally:
            await _cancel(window)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _begin(self, image: Image, options: Options) -> asyncio.Task[Reading | DigitsError]:
        """Return the task that reads `image`, once it has taken in the pixels."""

        async def settled() -> Reading | DigitsError:
            try:
                return await self._read(image, options, taken)
            except DigitsError as error:
                return error

        taken = asyncio.Event()
        task = asyncio.create_task(settled())
        await taken.wait()
        return task

    async def _read(self, image: Image, options: Options, taken: asyncio.Event) -> Reading:
        """Return what `image` says, before the deadline; `taken` is set once the image is no longer needed."""
        clock = asyncio.get_running_loop().time
        ends = clock() + self._deadline
        last: Unreachable | Busy | None = None
        try:
            async with asyncio.timeout_at(ends):
                try:
                    body = image if isinstance(image, bytes) else await asyncio.to_thread(_body, image)
                finally:
                    taken.set()
                for attempt in itertools.count():
                    try:
                        return await self._attempt(body, options)
                    except (Unreachable, Busy) as error:
                        last = error
                    if attempt == self._retries:
                        raise last
                    wait = _pause(attempt) + (last.retry_after or 0)
                    if clock() + wait >= ends:
                        break  # at once, so that the caller can still do something else
                    await asyncio.sleep(wait)
        except TimeoutError:
            pass  # the deadline's own; what an attempt's timeout raises has become Unreachable
        raise DeadlineExceeded(f"no reading within {self._deadline:g} s" + (f": {last}" if last else "")) from last

    async def _attempt(self, body: bytes, options: Options) -> Reading:
        query = {name: str(value) for name, value in options.items() if value is not None}
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.post(self._url, params=query, content=body)
        except TimeoutError as error:
            raise Unreachable(f"{self._url} did not answer within {self._timeout:g} s") from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise DigitsError(f"{self._url} cannot be used: {error}") from error
        except httpx.TransportError as error:
            raise Unreachable(f"{self._url} cannot be reached: {error or type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise BadAnswer(f"{self._url} gave an answer that cannot be decoded: {error}") from error
        return _reading(response)


class DigitsClient:
    """The same for programs without an event loop: see AsyncDigitsClient. Threads may share one.

    It drives the asynchronous client in a thread of its own. Only so can anything that hangs, even a name look-up
    or a trickling answer, be stopped at the deadline; and there is only one implementation.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        timeout: float = 10.0,
        retries: int | None = None,
        deadline: float = 30.0,
    ) -> None:
        self._client = AsyncDigitsClient(url, api_key, timeout, retries, deadline)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="digits-client", daemon=True)
        self._thread.start()

    def read(self, image: Image, **options: Unpack[Options]) -> Reading:
        """Return what `image` says. Raises DigitsError."""
        return self._call(self._client.read(image, **options))

    def read_many(
        self, images: Iterable[Image], concurrency: int = 16, **options: Unpack[Options]
    ) -> Iterator[Reading | DigitsError]:
        """Yield, in order, each image's reading or the DigitsError that it met: a failed image loses no other.

        At most `concurrency` are under way at once, and the input is read no further ahead than that. An image's
        deadline starts when the image is taken; once the next one is asked for, it may be changed or closed.
        """
        window: deque[asyncio.Task[Reading | DigitsError]] = deque()
        try:
            for image in images:
                window.append(self._call(self._client._begin(image, options)))
                while window and _due(window, concurrency):
                    yield self._call(_finished(window.popleft()))
            while window:
                yield self._call(_finished(window.popleft()))
        finally:
            if self._thread.is_alive():
                self._call(_cancel(window))

    def close(self) -> None:
        """Close the connections and end the thread; what is still being read ends with CancelledError."""
        if self._thread.is_alive():
            self._call(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _end(self) -> None:
        await _cancel(asyncio.all_tasks() - {asyncio.current_task()})
        await self._client.aclose()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        if not self._thread.is_alive():
            work.close()
            raise RuntimeError("this client is closed, or was made before a fork: make another")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()  # where Ctrl-C ended the wait; does nothing to work that is done


def _pause(attempt: int) -> float:
    """Return the seconds to wait after `attempt`: doubling, with jitter so that clients do not all come at once."""
    longest = min(SHORTEST_PAUSE * 2 ** min(attempt, 10), LONGEST_PAUSE)
    return random.uniform(longest / 2, longest)  # noqa: S311 (spreads clients, guards nothing)


def _due(window: deque[asyncio.Task[T]], concurrency: int) -> bool:
    """Return whether to wait for the first of `window`: it is done already, or no more may be started."""
    return len(window) >= concurrency or window[0].done()


async def _each(images: Iterable[Image] | AsyncIterable[Image]) -> AsyncIterator[Image]:
    if isinstance(images, AsyncIterable):
        async for image in images:
            yield image
    else:
        for image in images:
            yield image


async def _finished(task: asyncio.Task[T]) -> T:
    return await task


async def _cancel(tasks: Iterable[asyncio.Task[Any] | None]) -> None:
    begun = [task for task in tasks if task is not None]
    for task in begun:
        task.cancel()
    await asyncio.gather(*begun, return_exceptions=True)


def _reading(response: httpx.Response) -> Reading:
    """Return the reading in `response`. Raises Refused, Busy or BadAnswer."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    if response.is_success:
        fields = {field.name: answer[field.name] for field in dataclasses.fields(Reading) if field.name in answer}
        text = fields.get("text")
        whole = fields.keys() | OPTIONAL == {field.name for field in dataclasses.fields(Reading)}
        if not whole or not isinstance(text, str) or not re.fullmatch(r"[0-9]*", text):
            answered = f"{response.url} answered {response.status_code} without a reading"
            raise BadAnswer(f"{answered}: is it a postal-digits service?")
        return Reading(**fields)
    if response.is_redirect:
        raise BadAnswer(f"{response.url} redirects to {response.headers.get('Location')!r}: use that address")
    problem = (
        response.status_code,
        str(answer.get("title") or response.reason_phrase),
        str(answer.get("detail") or ""),
        answer.get("request_id"),
    )
    if response.status_code not in BUSY:
        raise Refused(*problem)
    busy = Busy(*problem)
    busy.retry_after = _retry_after(response.headers.get("Retry-After", ""))
    raise busy


def _retry_after(header: str) -> float | None:
    """Return the seconds that `Retry-After` asks for, given as seconds or as a date (RFC 9110); None where unclear."""
    if re.fullmatch(r"[0-9]{1,9}", header.strip()):
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None


def _body(image: Image) -> bytes:
    """Return the bytes to send for `image`. Raises BadImage."""
    try:
        if isinstance(image, str | os.PathLike):
            return Path(image).read_bytes()
        if hasattr(image, "save") and hasattr(image, "mode"):
            return _pillow_png(image)
        if hasattr(image, "read"):
            return bytes(image.read())
        return _buffer_bytes(image)
    except Exception as error:
        # Whatever a file object or Pillow raises, one bad picture must not lose the others of `read_many`.
        reason = f"{error.strerror}: {image}" if isinstance(error, OSError) and error.strerror else str(error)
        raise BadImage(f"the picture cannot be sent: {reason or type(error).__name__}") from error


def _pillow_png(image: Any) -> bytes:
    upright = image.getexif()  # a phone's picture is upright only with its orientation
    if image.mode not in PNG_MODES:
        image = image.convert("I;16" if image.mode == "I" else "RGB")  # Pillow opens 16 bits as I
    content = io.BytesIO()
    image.save(content, format="PNG", exif=upright)
    return content.getvalue()


def _buffer_bytes(image: Any) -> bytes:
    """Return bytes as they are, and pixels as a PNG; NumPy is not needed, because its arrays are buffers."""
    view = memoryview(image)
    shape = tuple(view.shape or ())
    if view.ndim == 1 and view.format == "B":
        return view.tobytes()
    channels = shape[2] if view.ndim == 3 else 1
    if view.ndim not in {2, 3} or channels not in PNG_COLOURS or view.format != "B" or not view.nbytes:
        got = f"{getattr(image, 'dtype', view.format)} {shape}"
        raise ValueError(f"an array must be uint8 of shape (H, W), (H, W, 3) or (H, W, 4); got {got}")
    height, width = shape[:2]
    pixels, row = view.tobytes(), width * channels
    rows = b"".join(b"\0" + pixels[start : start + row] for start in range(0, len(pixels), row))  # 0: no row filter
    header = struct.pack(">IIBBBBB", width, height, 8, PNG_COLOURS[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


COLUMNS = ("file", "text", "formatted", "confidence", "decision", "reason", "kind", "error")


def main(arguments: list[str] | None = None) -> int:
    """Read the files named on the command line to JSON Lines or CSV; return 0 where every picture was read, else 1."""
    parser = _parser()
    given = parser.parse_args(arguments)
    # Bytes of a file name that are not UTF-8 are written unchanged.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    options = options_of(given)
    try:
        client = DigitsClient(given.url, os.environ.get("DIGITS_API_KEY") or None, deadline=given.deadline)
    except ValueError as error:
        parser.error(str(error))
    try:
        with client:
            return _read_files(client, given.files, given.concurrency, given.format, options)
    except OSError as error:
        # What is still buffered can no longer be written, and Python must not try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # whoever read our lines has seen enough
            print(f"the readings cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    example = (__doc__ or "").rpartition("\n\n")[2]
    parser = argparse.ArgumentParser(
        prog="python -m app.client",
        description="Read pictures of digits and postal codes through a service, one line per file, in order.",
        epilog=f"{example}\nAn API key is read from the environment: DIGITS_API_KEY.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", metavar="URL", help=URL_HELP)
    parser.add_argument("files", metavar="FILE", nargs="+", help="pictures to read")
    add_options(parser)
    parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl", help="output format (jsonl)")
    return parser


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give `parser` what may be known of every picture, and how the service is asked."""
    parser.add_argument("--digits", type=int, help="how many digits to expect")
    parser.add_argument("--country", help="country of the postal codes: fr, us, de …")
    parser.add_argument("--kind", choices=KINDS, help="one digit, a strip of digits, or a whole mail piece")
    parser.add_argument(
        "--turned", choices=TURNS, help="degrees clockwise by which the writing lies (0; of an envelope, auto)"
    )
    parser.add_argument("--max-error", type=float, metavar="P", help="highest share of errors to accept, 0 to 1")
    parser.add_argument("--concurrency", type=_count, default=16, metavar="N", help="pictures under way at once (16)")
    parser.add_argument("--deadline", type=float, default=30.0, metavar="SECONDS", help="time for each picture (30)")


def options_of(given: argparse.Namespace) -> Options:
    """Return what the command line says of every picture."""
    return Options(
        digits=given.digits, country=given.country, kind=given.kind, max_error=given.max_error, turned=given.turned
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {number}")
    return number


def _read_files(client: DigitsClient, files: list[str], concurrency: int, form: str, options: Options) -> int:
    # Text is quoted, so that "01000" is not taken for a number.
    table = csv.writer(sys.stdout, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    counter = sys.stderr.isatty() and not sys.stdout.isatty()
    failed = 0
    if form == "csv":
        table.writerow(COLUMNS)
    results = client.read_many(files, concurrency, **options)
    for done, (file, result) in enumerate(zip(files, results, strict=True), start=1):
        if isinstance(result, Reading):
            row = {"file": file, **dataclasses.asdict(result), "error": None}
        else:
            failed += 1
            row = dict.fromkeys(COLUMNS) | {"file": file, "error": str(result)}
            print(f"\n{file}: {result}" if counter else f"{file}: {result}", file=sys.stderr)
        if form == "csv":
            table.writerow([_cell(name, row[name]) for name in COLUMNS])
        else:
            print(json.dumps(row))
        sys.stdout.flush()
        if counter:
            print(f"\r{done} of {len(files)}, {failed} failed", end="", file=sys.stderr, flush=True)
    if counter:
        print(file=sys.stderr)
    return 1 if failed else 0


def _cell(column: str, value: object) -> object:
    """Return `value` so that no spreadsheet takes it for a formula; a file's name stays the name of that file."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"./{value}" if column == "file" else f"'{value}"
    return value


if __name__ == "__main__":
    sys.exit(main())
