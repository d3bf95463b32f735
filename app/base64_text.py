"""Base64 in whatever form programs make it: with line breaks, URL-safe, unpadded, or as a data URL."""

import binascii
from dataclasses import dataclass

from app.errors import UnreadableError

# Characters decoded at a time, so that other threads get a turn in between.
_AT_ONCE = 1 << 18
_WHITE_SPACE = b" \t\r\n"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_= \t\r\n"
_LONGEST_HEAD = 200  # of a data URL, up to its comma


@dataclass(frozen=True)
class Base64Text:
    """Text that is base64 or a data URL, still to be decoded."""

    text: bytes

    def content(self) -> bytes:
        """Return the bytes that the text encodes. Raises UnreadableError where it is not base64."""
        text = self.text
        if is_data_url(text):
            head, comma, text = text[:_LONGEST_HEAD].partition(b",")[0], text.find(b","), text[text.find(b",") + 1 :]
            if not 0 <= comma < _LONGEST_HEAD or not head.rstrip().lower().endswith(b";base64"):
                raise UnreadableError("a data URL must hold base64: data:image/png;base64,…")
        decoded, rest = bytearray(), b""
        for start in range(0, len(text), _AT_ONCE):
            piece = rest + text[start : start + _AT_ONCE].translate(_STANDARD, _WHITE_SPACE)
            whole = len(piece) - len(piece) % 4
            if start + _AT_ONCE < len(text):
                piece, rest = piece[:whole], piece[whole:]
            else:
                piece = piece.rstrip(b"=")
                piece += b"=" * (-len(piece) % 4)
            try:
                decoded += binascii.a2b_base64(piece, strict_mode=True)
            except binascii.Error as error:
                raise UnreadableError(f"the picture's text is not base64: {error}") from error
        return bytes(decoded)


def is_data_url(text: bytes) -> bool:
    """Return whether `text` begins like a data URL."""
    return text[:5].lower() == b"data:"


def may_be(text: bytes) -> bool:
    """Return whether `text` may be base64 or a data URL, judging by its beginning."""
    return is_data_url(text) or not text[:_LONGEST_HEAD].translate(None, _ALPHABET)
