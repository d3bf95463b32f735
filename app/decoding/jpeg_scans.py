"""The scans of a progressive JPEG: each tells some bits of some coefficients of every block."""

from typing import NamedTuple

MOST_SCANS = 50
"""That a JPEG may have: encoders write about ten, each takes a decoder a while, and 75 bytes are enough for one."""
_MARKER = b"\xff\xda"
_COEFFICIENTS = 64  # of a block


class Scan(NamedTuple):
    """What a scan tells: of which components, which coefficients (both included), and whether to their last bit."""

    components: bytes
    first: int
    last: int
    to_the_last_bit: bool


def scans(content: bytes) -> list[Scan]:
    """Return the first `MOST_SCANS` + 1 scans that begin in a JPEG, its thumbnail's too.

    Raises LookupError where the header of one is cut.
    """
    found = list[Scan]()
    at = 0
    while len(found) <= MOST_SCANS and (at := content.find(_MARKER, at + 1)) >= 0:
        end = at + 5 + 2 * content[at + 4]
        found.append(Scan(content[at + 5 : end : 2], content[end], content[end + 1], content[end + 2] & 0x0F == 0))
    return found


def are_all(found: list[Scan]) -> bool:
    """Return whether these scans tell each coefficient of each component to the last bit."""
    if any(scan.last == 0 for scan in found):  # progressive: a scan of all coefficients is a thumbnail's
        found = [scan for scan in found if scan.first > 0 or scan.last == 0]
    components = {each for scan in found for each in scan.components}
    told = {
        (each, place)
        for scan in found
        if scan.to_the_last_bit
        for each in scan.components
        for place in range(scan.first, scan.last + 1)
    }
    return len(told) == _COEFFICIENTS * len(components) > 0
