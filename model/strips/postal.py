"""How countries write their postal codes: how many digits, and what stands between them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PostalFormat:
    """The ways a country writes its codes: a `#` for each digit, anything else as it is printed."""

    patterns: tuple[str, ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        """The numbers of digits that a code may have."""
        return tuple(pattern.count("#") for pattern in self.patterns)

    def written(self, digits: str) -> str:
        """Return `digits` as the country writes them; as they are where their number is none of `lengths`."""
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
"""By the country's ISO 3166-1 code in lower case; countries whose codes are digits alone.

Source: Universal Postal Union, "Postal addressing systems in member countries".
"""
