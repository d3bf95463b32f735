"""How countries write their postal codes, how many digits they have, and which of them are in use."""

import bisect
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PostalFormat:
    """The ways a country writes its codes: a `#` for each digit, anything else as it is printed."""

    patterns: tuple[str, ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        """The numbers of digits that a code may have."""
        return tuple(pattern.count("#") for pattern in self.patterns)

    def written(self, digits: str) -> str:
        """Return `digits` as the country writes them, or unchanged where their number is none of `lengths`."""
        for pattern in self.patterns:
            if pattern.count("#") == len(digits):
                rest = iter(digits)
                return "".join(next(rest) if sign == "#" else sign for sign in pattern)
        return digits


_FOUR, _FIVE, _SIX = PostalFormat(("####",)), PostalFormat(("#####",)), PostalFormat(("######",))
_THREE_AND_TWO = PostalFormat(("### ##",))

FORMATS: dict[str, PostalFormat] = {
    **dict.fromkeys(("at", "au", "be", "bg", "ch", "dk", "hu", "li", "lu", "no", "nz", "ph", "si", "tn", "za"), _FOUR),
    **dict.fromkeys(("de", "ee", "es", "fi", "fr", "hr", "id", "it", "kr", "ma", "mx", "my", "rs", "th", "tr"), _FIVE),
    **dict.fromkeys(("cn", "co", "ro", "ru", "sg"), _SIX),
    **dict.fromkeys(("cz", "gr", "se", "sk"), _THREE_AND_TWO),
    "br": PostalFormat(("#####-###",)),
    "in": PostalFormat(("### ###",)),
    "jp": PostalFormat(("###-####",)),
    "pl": PostalFormat(("##-###",)),
    "pt": PostalFormat(("####-###",)),
    "us": PostalFormat(("#####", "#####-####")),
}
"""By the country's ISO 3166-1 code in lower case: the countries whose codes are made of digits alone.

Source: Universal Postal Union, "Postal addressing systems in member countries".
"""

TOWN_FIRST = frozenset({"au", "br", "id", "in", "kr", "nz", "sg", "th", "us", "za"})
"""The countries that write the code behind the town's name; the others write it in front."""

LISTS = Path(__file__).parents[2] / "data" / "postal_codes"
"""The lists of valid codes, one file per country with a list: scripts/fetch_postal_codes.py makes them."""
UNLISTED = 0.1
"""The share of mail to codes in no list: French CEDEX codes, new codes, and codes that a list lacks."""


@functools.cache
def listed_codes(country: str) -> Sequence[str] | None:
    """Return the valid codes of `country` (lower case) in ascending order; None where there is no list."""
    path = LISTS / f"{country}.txt"
    if country not in FORMATS or not path.exists():
        return None
    numbers: list[int] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        for entry in () if line.startswith("#") else line.split():
            first, _, last = entry.partition("-")
            numbers.extend(range(int(first), int(last or first) + 1))
    width = FORMATS[country].lengths[0]
    return [f"{number:0{width}}" for number in sorted(numbers)]


def is_listed(country: str, digits: str) -> bool:
    """Return whether `digits` is in the list of `country` or, where there is no list, of the right length.

    A longer code is listed where it begins with a listed one: nobody lists every ZIP+4.
    """
    codes = listed_codes(country)
    if codes is None or len(digits) not in FORMATS[country].lengths:
        return len(digits) in FORMATS[country].lengths
    return has(codes, digits)


def has(codes: Sequence[str], digits: str) -> bool:
    """Return whether `digits` is or begins with one of `codes`, which are in ascending order and of one length."""
    code = digits[: len(codes[0])]
    place = bisect.bisect_left(codes, code)
    return place < len(codes) and codes[place] == code
