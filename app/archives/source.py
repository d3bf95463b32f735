"""What an archive of pictures is: something that lists its pictures, and gives those that are asked for."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from app.archives import tiff_pages
from app.archives.entries import Entry, Picture
from app.archives.windows import Window

TIFFS = (".tif", ".tiff")
"""How names end of files that are looked through for pages when an archive is listed."""


class SourceError(ValueError):
    """SOURCE cannot be read, or is no archive; the message says why."""


class Source(Protocol):
    """An archive of pictures."""

    def entries(self) -> Iterator[Entry]:
        """Yield all pictures, in the same order each time. Raises SourceError."""
        ...

    def pictures(self, entries: Iterable[Entry]) -> Iterator[Picture]:
        """Yield the pictures of `entries`, some of those that `entries()` yields and in that order.

        Raises SourceError where it is the archive that cannot be read, and not a picture.
        """
        ...


def listed(name: str, size: int, changed: int, place: tuple[int, ...], pages: list[int]) -> Iterator[Entry]:
    """Yield an entry for each of several pages, or one for the picture."""
    if len(pages) < 2:
        yield Entry(name, 0, size, changed, place)
        return
    for number, page in enumerate(pages, start=1):
        yield Entry(name, number, size // len(pages), changed, (*place, page))


def content_of(window: Window, page: Iterable[int], most: int) -> bytes | str:
    """Return the bytes of a picture, or of the page of a TIFF that begins at `page`; or why it cannot be had."""
    try:
        for place in page:
            return tiff_pages.page(window, place, most)
        if window.size > most:
            raise OverflowError
        return window.read(0, window.size)
    except OverflowError:
        return too_large(most)
    except ValueError as error:
        return f"the file is broken: {error}"


def too_large(most: int) -> str:
    """Return what is said of a picture of more than `most` bytes."""
    return f"the picture has more than {most} bytes, the limit (DIGITS_MAX_BODY_BYTES)"
