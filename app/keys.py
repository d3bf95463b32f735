"""API keys: who may ask for readings, where whoever runs the service wants to say so.

Keys are held here only as digests, and nothing of a key, right or wrong, stands in an error or in the log.
"""

import hashlib
import hmac
import logging
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import UnauthorizedError
from app.settings import Settings

log = logging.getLogger("uvicorn.error")

LOOK_SECONDS = 0.5
"""How often the file is read again. A change counts once it was found twice, so that half of a file that is being
written never does: after a second, then."""
OPEN_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""What they ask needs no key, unless its path does: pictures come in by other methods."""
_KEY = r"[!-~]{16,}"
_LINE = re.compile(rf"(?:#.*|((?!#){_KEY})(?:\s+#.*)?)?")
_EXPECTED = "at least 16 characters of visible ASCII, without spaces"
_MOST_BYTES = 1_000_000  # of the file: thousands of keys
_SEND = "send it in the header X-API-Key, or as Authorization: Bearer"


class KeysError(ValueError):
    """The keys cannot be used; the message says why, and holds nothing of a key."""


class Keys:
    """The keys that are good now: those of a list, and those of a file, which may change at any time."""

    def __init__(self, listed: str | None, path: Path | None) -> None:
        """Take the keys that are `listed`, separated by commas, and those of the file. Raises KeysError."""
        self._path = path
        self._listed = frozenset[bytes]() if listed is None else _in_list(listed)
        self._digests = self._listed
        self._found = self._taken = ""  # what the file was like when it was read last, and when its keys were taken
        if path is not None:
            content = _read(path)
            self._digests |= _in_file(content, path)
            self._found = self._taken = _name(content)

    def __len__(self) -> int:
        """Return how many keys are good now."""
        return len(self._digests)

    def known(self, key: bytes) -> bool:
        """Return whether `key` is good. How long that takes says nothing: each key is compared, in constant time."""
        digest, known = _digest(key), False
        for each in self._digests:
            known |= hmac.compare_digest(each, digest)
        return known

    def look(self) -> None:
        """Take the file's keys where it has changed; where it cannot be used, keep those of before, and say so."""
        if self._path is None:
            return
        content, error = b"", None
        try:
            content = _read(self._path)
        except KeysError as unreadable:
            error = unreadable
        before, self._found = self._found, _name(content) if error is None else str(error)
        if self._found != before or self._found == self._taken:
            return
        self._taken = self._found  # good or not: it is said once
        try:
            if error is not None:
                raise error
            self._digests = self._listed | _in_file(content, self._path)
        except KeysError as unusable:
            log.error("%s; the %d API keys of before stay good.", unusable, len(self))  # noqa: TRY400  # one line
        else:
            log.info("%s has changed: %d API keys are good now.", self._path, len(self))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within the block, look at the file every LOOK_SECONDS: in a thread, as a network's files may take long."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(LOOK_SECONDS):
                self.look()

        if self._path is not None:
            threading.Thread(target=watch, name="keys", daemon=True).start()
        try:
            yield
        finally:
            ended.set()


def keys_of(settings: Settings) -> Keys | None:
    """Return the keys that the settings name; None where they name none: everyone may ask. Raises KeysError."""
    if settings.api_keys is None and settings.api_keys_file is None:
        return None
    listed = None if settings.api_keys is None else settings.api_keys.get_secret_value()
    return Keys(listed, settings.api_keys_file)


class Guard:
    """Refuses what needs a key and comes without a good one, before any of its body is read.

    A key is needed for every method that can bring a picture, whatever its path, so that no route is forgotten; and
    for the paths that have one of the names in `also`.
    """

    def __init__(self, app: ASGIApp, keys: Keys, also: Iterable[str]) -> None:
        self.app, self._keys, self._also = app, keys, frozenset(also)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._needs_key(scope):
            key = _sent(scope)
            if not key:
                raise UnauthorizedError(f"this service needs an API key; {_SEND}")
            if not self._keys.known(key):
                raise UnauthorizedError(f"the API key is none of this service's; {_SEND}")
        await self.app(scope, receive, send)

    def _needs_key(self, scope: Scope) -> bool:
        method = scope["method"]
        if method not in OPEN_METHODS:
            return True
        return bool(self._also) and method != "OPTIONS" and not self._also.isdisjoint(scope["path"].split("/"))


def _sent(scope: Scope) -> bytes:
    """Return the key that a request brings; empty where it brings none."""
    token = b""
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            return bytes(value.strip())
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            token = value[7:].strip()
    return token


def _in_list(listed: str) -> frozenset[bytes]:
    keys = [each.strip() for each in listed.split(",") if each.strip()]
    for number, key in enumerate(keys, start=1):
        if not re.fullmatch(_KEY, key):
            raise KeysError(f"DIGITS_API_KEYS: key {number} must have {_EXPECTED}")
    if not keys:
        raise KeysError("DIGITS_API_KEYS holds no key; expected keys with commas between them")
    return frozenset(map(_digest, map(str.encode, keys)))


def _in_file(content: bytes, path: Path) -> frozenset[bytes]:
    """Return the digests of the keys in a file: one a line, each perhaps with a comment behind it."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise KeysError(f"{path} is not text in UTF-8") from error
    digests = set()
    for number, line in enumerate(lines, start=1):
        matched = _LINE.fullmatch(line.strip())
        if matched is None:
            raise KeysError(f"{path}: line {number} must be a key with {_EXPECTED}, or a comment that begins with #")
        if matched[1]:
            digests.add(_digest(matched[1].encode()))
    if not digests:
        raise KeysError(f"{path} holds no API key; expected one a line")
    return frozenset(digests)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror or type(error).__name__}") from error
    if len(content) > _MOST_BYTES:
        raise KeysError(f"{path} has more than {_MOST_BYTES} bytes; expected a file of API keys")
    return content


def _name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
