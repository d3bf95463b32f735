"""gzip (RFC 1952) and deflate (RFC 1950), unpacked piece by piece, so that no more is ever in memory than is wanted."""

import zlib
from collections.abc import Iterator

from app.errors import BadRequestError

AT_ONCE = 1 << 16
"""So many bytes are unpacked at a time: other threads, the event loop's too, have their turn in between."""
_FIRST = b"\x1f"  # byte of every gzip file
_EITHER = zlib.MAX_WBITS | 32  # the header and checksum of gzip, or of zlib


class Unpacker:
    """Unpacks what it is given: several gzip files, one behind the other, are one; what else follows is left out."""

    def __init__(self) -> None:
        self._file = zlib.decompressobj(_EITHER)
        self._over = False

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Yield what `packed` unpacks to, at most AT_ONCE bytes at a time. Raises BadRequestError."""
        try:
            while packed and not self._over:
                if self._file.eof:
                    self._over = packed[:1] != _FIRST
                    self._file = self._file if self._over else zlib.decompressobj(_EITHER)
                else:
                    yield self._file.decompress(packed, AT_ONCE)
                    packed = self._file.unconsumed_tail or self._file.unused_data
        except zlib.error as error:
            raise BadRequestError(
                f"the body is not gzip or deflate, although its Content-Encoding says so: {error}"
            ) from error

    def end(self) -> None:
        """Raise BadRequestError where what was given ends too early."""
        if not self._file.eof:
            raise BadRequestError("the packed body is cut short")
