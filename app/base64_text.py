"""Base64 in whatever form programs make it: with line breaks, URL-safe, unpadded, or as a data URL."""

import binascii
import io
from collections.abc import Iterator
from dataclasses import dataclass

from app.errors import UnreadableError

# Characters decoded at a time, so that other threads get a turn in between.
_AT_ONCE = 1 << 18
_WHITE_SPACE = b" \t\r\n"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_= \t\r\n"
_LONGEST_HEAD = 200  # of a data URL, up to its comma
# How JSON may escape what base64 is made of: PHP writes "\/", .NET "\u002B".
_ESCAPES = (
    (rb"\/", b"/"), (rb"\n", b"\n"), (rb"\r", b"\r"), (rb"\t", b"\t"), (rb"\u002b", b"+"), (rb"\u002B", b"+"),
    (rb"\u002f", b"/"), (rb"\u002F", b"/"), (rb"\u003d", b"="), (rb"\u003D", b"="),
)  # fmt: skip
_LONGEST_ESCAPE = 6


@dataclass(frozen=True)
class Base64Text:
    """Text that is base64 or a data URL, still to be decoded; `escaped`: as it stands in JSON."""

    text: bytes | memoryview
    escaped: bool = False

    def content(self) -> bytes:
        """Return the bytes that the text stands for. Raises UnreadableError where it is not base64."""
        text, start = memoryview(self.text), 0
        head = bytes(text[:_LONGEST_HEAD])
        if is_data_url(head):
            start = head.find(b",") + 1
            if not head[: max(0, start - 1)].rstrip().lower().endswith(b";base64"):
                raise UnreadableError("a data URL must hold base64: data:image/png;base64,…")
        pieces = _pieces(text[start:])
        decoded, rest = io.BytesIO(), b""
        for piece, last in _unescaped(pieces) if self.escaped else pieces:
            piece = rest + piece.translate(_STANDARD, _WHITE_SPACE)
            if last:
                piece = piece.rstrip(b"=")
                piece += b"=" * (-len(piece) % 4)
            else:
                whole = len(piece) - len(piece) % 4
                piece, rest = piece[:whole], piece[whole:]
            try:
                decoded.write(binascii.a2b_base64(piece, strict_mode=True))
            except binascii.Error as error:
                raise UnreadableError(f"the picture's text is not base64: {error}") from error
        return decoded.getvalue()


def is_data_url(text: bytes) -> bool:
    """Return whether `text` begins like a data URL."""
    return text[:5].lower() == b"data:"


def may_be(text: bytes) -> bool:
    """Return whether `text` may be base64 or a data URL, judging by its beginning."""
    return is_data_url(text) or not text[:_LONGEST_HEAD].translate(None, _ALPHABET)


def _pieces(text: memoryview) -> Iterator[tuple[bytes, bool]]:
    """Yield `text` piece by piece, each with whether it is the last."""
    for start in range(0, len(text), _AT_ONCE):
        yield bytes(text[start : start + _AT_ONCE]), start + _AT_ONCE >= len(text)


def _unescaped(pieces: Iterator[tuple[bytes, bool]]) -> Iterator[tuple[bytes, bool]]:
    """Yield the pieces without JSON's escapes; one that stands across two pieces goes into the second."""
    rest = b""
    for piece, last in pieces:
        piece = rest + piece
        cut = -1 if last else piece.rfind(b"\\", -(_LONGEST_ESCAPE - 1))
        piece, rest = (piece, b"") if cut < 0 else (piece[:cut], piece[cut:])
        if b"\\" in piece:
            for escape, character in _ESCAPES:
                piece = piece.replace(escape, character)
        yield piece, last
