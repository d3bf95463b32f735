"""The scans of a progressive JPEG: each tells some bits of some coefficients of every block."""

from typing import NamedTuple

MOST_SCANS = 50
"""That a JPEG may have: encoders write about ten, each takes a decoder a while, and 75 bytes are enough for one."""
_SCAN, _PROGRESSIVE = b"\xff\xda", b"\xff\xc2"
_COEFFICIENTS = 64  # of a block


class Scan(NamedTuple):
    """What a scan tells: of which components, which coefficients (both included), and whether to their last bit."""

    components: bytes
    first: int
    last: int
    to_the_last_bit: bool


def scans(content: bytes) -> list[Scan]:
    """Return the scans that begin in a JPEG, the first `MOST_SCANS` + 1 of them. Raises LookupError where one is cut."""
    found = list[Scan]()
    at = max(0, content.rfind(_PROGRESSIVE))  # what stands before may be a thumbnail's
    while len(found) <= MOST_SCANS and (at := content.find(_SCAN, at + 1)) >= 0:
        end = at + 5 + 2 * content[at + 4]
        found.append(Scan(content[at + 5 : end : 2], content[end], content[end + 1], content[end + 2] & 0x0F == 0))
    return found


def are_all(found: list[Scan]) -> bool:
    """Return whether these scans tell each coefficient of each component to the last bit."""
    components = {each for scan in found for each in scan.components}
    told = {
        (each, place)
        for scan in found
        if scan.to_the_last_bit
        for each in scan.components
        for place in range(scan.first, scan.last + 1)
    }
    return len(told) == _COEFFICIENTS * len(components) > 0
