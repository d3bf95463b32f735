"""gzip (RFC 1952), unpacked piece by piece, so that no more of it is ever in memory than is wanted."""

import zlib
from collections.abc import Iterator

from app.errors import BadRequestError

AT_ONCE = 1 << 16
"""So many bytes are unpacked at a time: other threads, the event loop's too, have their turn in between."""
_GZIP = zlib.MAX_WBITS | 16  # its header and checksum


class Unpacker:
    """Unpacks what it is given; several gzip files one behind the other are one, as `cat` makes them."""

    def __init__(self) -> None:
        self._file = zlib.decompressobj(_GZIP)

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Yield what `packed` unpacks to, at most AT_ONCE bytes at a time. Raises BadRequestError."""
        try:
            while packed:
                if self._file.eof:
                    self._file = zlib.decompressobj(_GZIP)
                yield self._file.decompress(packed, AT_ONCE)
                packed = self._file.unconsumed_tail or self._file.unused_data.lstrip(b"\0")  # tapes are padded
        except zlib.error as error:
            raise BadRequestError(f"the body is not gzip, although its Content-Encoding says so: {error}") from error

    def end(self) -> None:
        """Raise BadRequestError where what was given ends too early."""
        if not self._file.eof:
            raise BadRequestError("the gzip body is cut short")
