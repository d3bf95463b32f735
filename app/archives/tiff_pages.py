"""The pages of a TIFF, each as a TIFF of its own, so that one page is read as any picture is, with the same limits.

A page is a directory of tags, each with its values or the place where they are, and the directory's place is told by
the page before. Taken out, a page keeps its tags, its values and its coded pixels, byte by byte; only places change.
Sources: TIFF Revision 6.0 (1992), and the BigTIFF design, with 8 bytes where TIFF has 4.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from app.archives.windows import Window

MOST_PAGES = 1_000_000
_MOST_TAGS = 1_000  # of a page; fifty are many
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 3: "H", 4: "I", 16: "Q"}  # of the types that places and lengths may have
# Where the coded pixels are, and how long: of strips, of tiles, and of an old kind of JPEG.
_PIXELS = {273: 279, 324: 325, 513: 514}
_ELSEWHERE = {330, 34665, 34853, 40965}  # places of further directories: smaller copies, the camera's notes
_FIRST = {b"II*\0": ("<", 4), b"MM\0*": (">", 4), b"II+\0": ("<", 8), b"MM\0+": (">", 8)}


@dataclass(frozen=True)
class _Layout:
    """How numbers are written: `order` of bytes, and `wide` bytes for a place."""

    order: str
    wide: int

    def number(self, content: bytes, code: str) -> int:
        value: int = struct.unpack(self.order + code, content)[0]
        return value

    @property
    def place(self) -> str:
        return "I" if self.wide == 4 else "Q"

    @property
    def count(self) -> str:
        """The code of the number of tags."""
        return "H" if self.wide == 4 else "Q"

    @property
    def count_bytes(self) -> int:
        return struct.calcsize(self.order + self.count)

    @property
    def tag_bytes(self) -> int:
        return 4 + 2 * self.wide


@dataclass(frozen=True)
class _Tag:
    number: int
    kind: int
    count: int
    values: bytes

    def numbers(self, order: str) -> tuple[int, ...]:
        return struct.unpack(f"{order}{self.count}{_CODES[self.kind]}", self.values)


def is_tiff(content: bytes) -> bool:
    """Return whether `content` begins like a TIFF."""
    return content[:4] in _FIRST


def pages(window: Window) -> list[int]:
    """Return the places of the pages of the TIFF in `window`; nothing where it is no TIFF.

    Of a list that runs in a circle the last place is 0: `page` says that it is broken, as of any place that is wrong.
    """
    places: dict[int, None] = {}  # in order, and quick to look up
    try:
        layout = _layout(window)
        place = layout.number(window.read(layout.wide, layout.wide), layout.place)
        while place:
            if place in places or len(places) == MOST_PAGES:
                return [*places, 0]
            places[place] = None
            end = place + layout.count_bytes + _tags(window, layout, place) * layout.tag_bytes
            place = layout.number(window.read(end, layout.wide), layout.place)
    except ValueError:
        pass  # no TIFF, or its last page is broken
    return list(places)


def page(window: Window, place: int, most: int) -> bytes:
    """Return the page at `place` as a TIFF of its own.

    Raises ValueError where it is broken, OverflowError where it has more than `most` bytes.
    """
    if not place:
        raise ValueError("the list of its pages is broken from here on")
    layout = _layout(window)
    left, tags = most, {}
    for tag in _read_tags(window, layout, place, most):
        tags[tag.number] = tag
        left -= len(tag.values)
    chunks: dict[int, list[bytes]] = {}
    for where, how_long in _PIXELS.items():
        if where in tags and how_long in tags:
            chunks[where] = []
            stretches = zip(tags[where].numbers(layout.order), tags[how_long].numbers(layout.order), strict=True)
            for at, length in stretches:
                if (left := left - length) < 0:
                    raise OverflowError
                chunks[where].append(window.read(at, length))
    if not chunks:
        raise ValueError("the page has no pixels")
    return _alone(layout, [tags[number] for number in sorted(tags)], chunks)


def several(content: bytes, most: int) -> Iterator[bytes | Exception]:
    """Yield the pages of the TIFF in `content`, or why one cannot be had: ValueError, OverflowError."""
    window = Window(io.BytesIO(content), 0, len(content))
    for place in pages(window):
        try:
            yield page(window, place, most)
        except (ValueError, OverflowError) as error:
            yield error


def _layout(window: Window) -> _Layout:
    found = _FIRST.get(window.read(0, 4))
    if found is None:
        raise ValueError("no TIFF")
    return _Layout(*found)


def _tags(window: Window, layout: _Layout, place: int) -> int:
    """Return how many tags the directory at `place` has."""
    count = layout.number(window.read(place, layout.count_bytes), layout.count)
    if not 1 <= count <= _MOST_TAGS:
        raise ValueError(f"the page has {count} tags; expected 1 to {_MOST_TAGS}")
    return count


def _read_tags(window: Window, layout: _Layout, place: int, most: int) -> Iterator[_Tag]:
    """Yield the tags of the directory at `place`, but for those that lead to further directories."""
    start = place + layout.count_bytes
    for number in range(_tags(window, layout, place)):
        tag = window.read(start + number * layout.tag_bytes, layout.tag_bytes)
        name, kind = struct.unpack(layout.order + "HH", tag[:4])
        count, held = layout.number(tag[4 : 4 + layout.wide], layout.place), tag[4 + layout.wide :]
        if name in _ELSEWHERE or kind not in _SIZES:
            continue
        size = count * _SIZES[kind]
        if size > most:
            raise OverflowError
        if size > layout.wide:
            held = window.read(layout.number(held, layout.place), size)
        if name in (*_PIXELS, *_PIXELS.values()) and kind not in _CODES:
            raise ValueError(f"tag {name} has type {kind}; expected whole numbers")
        yield _Tag(name, kind, count, held[:size])


def _alone(layout: _Layout, tags: list[_Tag], chunks: dict[int, list[bytes]]) -> bytes:
    """Return a TIFF with one directory of these `tags`; `chunks` are the coded pixels that a tag leads to."""
    first = 8 if layout.wide == 4 else 16
    end = first + layout.count_bytes + len(tags) * layout.tag_bytes + layout.wide
    after = bytearray()  # what comes after the directory

    def put(content: bytes) -> int:
        after.extend(bytes(len(after) % 2))  # everything begins at an even place
        after.extend(content)
        return end + len(after) - len(content)

    directory = bytearray(struct.pack(layout.order + layout.count, len(tags)))
    for tag in tags:
        kind, values = tag.kind, tag.values
        if tag.number in chunks:
            places = [put(chunk) for chunk in chunks[tag.number]]
            kind = 4 if layout.wide == 4 else 16
            values = struct.pack(f"{layout.order}{len(places)}{layout.place}", *places)
        directory += struct.pack(f"{layout.order}HH{layout.place}", tag.number, kind, tag.count)
        if len(values) > layout.wide:
            values = struct.pack(layout.order + layout.place, put(values))
        directory += values.ljust(layout.wide, b"\0")
    signature = next(start for start, found in _FIRST.items() if found == (layout.order, layout.wide))
    head = signature + (b"" if layout.wide == 4 else struct.pack(layout.order + "HH", 8, 0))
    head += struct.pack(layout.order + layout.place, first)
    return bytes(head + directory + bytes(layout.wide) + after)
