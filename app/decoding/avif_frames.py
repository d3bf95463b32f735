"""How large the frames coded in an AVIF image are, whatever its boxes say: a decoder makes them in full, then scales.

Sources: ISO/IEC 14496-12 and 23008-12 (boxes and items), and the AV1 specification, 5.3 to 5.5 (units and sequences).
"""

from collections.abc import Iterator

_SEQUENCE_HEADER = 1
_HEADER_BYTES = 128  # of a sequence header: more than stands before its size
# Far more than any encoder writes, and little enough to be looked through at once.
_MOST_BOXES, _MOST_BYTES_OF_BOXES, _MOST_ITEMS, _MOST_UNITS = 10_000, 1_000_000, 1_000, 1_000


def frame_pixels(content: bytes) -> int:
    """Return how many pixels the frames of a still AVIF image, its transparency among them, have at most.

    Raises ValueError or LookupError where the file is not built as such images are.
    """
    if content[8:12] != b"avif":
        raise ValueError("an animated AVIF; expected a still image")
    (meta,) = (box for kind, box in _boxes(content) if kind == b"meta")
    boxes = dict(_boxes(meta[4:]))
    described = len(boxes[b"iinf"]) + len(boxes[b"iloc"])
    coded = set(_coded_items(boxes[b"iinf"])) if described <= _MOST_BYTES_OF_BOXES else set[int]()
    if not 1 <= len(coded) <= _MOST_ITEMS:
        raise ValueError(f"{described} bytes describe the frames of the AVIF image; expected 1 to {_MOST_ITEMS} frames")
    items = _items(boxes[b"iloc"], coded, content, boxes.get(b"idat", b""))
    return sum(max(_sequences(data), default=0) for data in items)


def _number(data: bytes, at: int, length: int) -> int:
    """Return the number in `length` bytes of `data` from `at`."""
    if at + length > len(data):
        raise ValueError("the AVIF image is cut short")
    return int.from_bytes(data[at : at + length], "big")


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and content of each box in `data`."""
    at = number = 0
    while at < len(data):
        if (number := number + 1) > _MOST_BOXES:
            raise ValueError(f"the AVIF image has more than {_MOST_BOXES} boxes in a row")
        size, head = _number(data, at, 4), 8
        if size == 1:
            size, head = _number(data, at + 8, 8), 16
        end = at + size if size else len(data)
        if size and size < head:
            raise ValueError(f"a box of {size} bytes in the AVIF image")
        yield data[at + 4 : at + 8], data[at + head : end]
        at = end


def _coded_items(iinf: bytes) -> Iterator[int]:
    """Yield the numbers of the items that are coded frames."""
    for kind, entry in _boxes(iinf[6 if iinf[0] == 0 else 8 :]):
        length = 2 if entry[0] == 2 else 4
        if kind == b"infe" and entry[4 + length + 2 : 4 + length + 6] == b"av01":
            yield _number(entry, 4, length)


def _items(iloc: bytes, coded: set[int], content: bytes, idat: bytes) -> Iterator[bytearray]:
    """Yield the data of each item whose number is in `coded`."""
    version, at = iloc[0], 8 if iloc[0] == 2 else 6
    sizes = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15 if version else 0
    offset_size, length_size, base_size, index_size = sizes
    number_size = 4 if version == 2 else 2
    left = len(content)  # bytes: items that overlap would make more of them

    def following(length: int) -> int:
        nonlocal at
        at += length
        return _number(iloc, at - length, length)

    for _ in range(following(number_size)):
        item = following(number_size)
        source = idat if version and following(2) & 15 == 1 else content
        following(2)
        base, data = following(base_size), bytearray()
        for _ in range(following(2)):
            following(index_size)
            start = base + following(offset_size)
            length = following(length_size)
            if item in coded:
                data += source[start : start + length] if length else source[start:]
                if len(data) > left:
                    raise ValueError("items of the AVIF image overlap")
        left -= len(data)
        yield data


def _sequences(data: bytearray) -> Iterator[int]:
    """Yield how many pixels a frame may have, by each of the sequence headers in an item's `data`."""
    at = number = 0
    while at < len(data):
        if (number := number + 1) > _MOST_UNITS:
            raise ValueError(f"a frame of the AVIF image has more than {_MOST_UNITS} units")
        header = data[at]
        at += 2 if header & 4 else 1
        size = len(data) - at
        if header & 2:
            size, length = _leb128(data[at : at + 8])
            at += length
        if header >> 3 & 15 == _SEQUENCE_HEADER:
            yield _frame_of(data[at : at + min(size, _HEADER_BYTES)])
        at += size


def _leb128(data: bytearray) -> tuple[int, int]:
    """Return the number that `data` begins with, 7 bits a byte and the lowest first, and how many bytes it takes."""
    number = 0
    for place, byte in enumerate(data):
        number |= (byte & 127) << 7 * place
        if byte < 128:
            return number, place + 1
    raise ValueError("the AVIF image has a unit whose size does not end")


def _frame_of(sequence: bytearray) -> int:
    """Return how many pixels a frame may have by a sequence header."""
    bits, used = int.from_bytes(sequence, "big"), 0

    def following(count: int) -> int:
        nonlocal used
        used += count
        if used > 8 * len(sequence):
            raise ValueError("the AVIF image has a sequence header that is cut short")
        return bits >> (8 * len(sequence) - used) & (1 << count) - 1

    following(4)  # the profile, and whether it is a still picture
    if reduced := following(1):
        following(5)
    else:
        if following(1):
            raise ValueError("the AVIF image has times of display; expected a still image")
        delays = following(1)
        for _ in range(following(5) + 1):
            following(12)
            following(1 if following(5) > 7 else 0)  # the level, and its tier
            following(4 if delays and following(1) else 0)
    width_bits, height_bits = following(4) + 1, following(4) + 1
    width, height = following(width_bits) + 1, following(height_bits) + 1
    # A frame may have another size than its sequence, in as many bits, unless the header is that of one picture.
    return width * height if reduced else 1 << width_bits + height_bits
