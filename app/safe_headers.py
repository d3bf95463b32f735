"""Headers on every answer that tell browsers what they must not do with it; a route that says otherwise has its way."""

from collections.abc import Iterable

Header = tuple[bytes, bytes]

HEADERS = {
    "Cache-Control": "no-store",  # a code, with the rest of an address, is personal data
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",  # says nothing of what CORS allows
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_SPECIAL = {b"etag", *(name for name, _ in _RAW)}


def missing(given: Iterable[Header]) -> list[Header]:
    """Return the headers that are not among those `given`, whose names are in lower case."""
    names = {name for name, _ in given}
    if names.isdisjoint(_SPECIAL):  # nearly always, and in a microsecond
        return _RAW
    if b"etag" in names:  # a file that never changes: its caller may keep it
        names.add(b"cache-control")
    return [each for each in _RAW if each[0] not in names]
