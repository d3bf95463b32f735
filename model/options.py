"""What may be asked of a picture."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

from model.strips.postal import FORMATS

Kind = Literal["auto", "digit", "strip"]
Turned = Literal[0, 90, 180, 270, "auto"]
"""By how many degrees clockwise writing lies, or (auto) whichever way it is read best."""
_TURNED = get_args(Turned)


@dataclass(frozen=True)
class Options:
    """What is asked of a picture. Raises ValueError where a value is out of its range.

    kind: one digit, a strip of digits, or (auto) whichever is found; with auto, an expected count of one means
        a digit; a greater count, or a country, means a strip.
    digits: how many are expected. country: whose codes, as an ISO 3166-1 code in either case; kept in lower case.
    top: how many candidates to give. max_error: the greatest chance of error to accept, 0 to 1. turned: which way up
        the writing lies. explain: whether to keep what a reading was made from.
    """

    kind: Kind = "auto"
    digits: int | None = None
    country: str | None = None
    top: int = 3
    max_error: float = 0.005
    turned: Turned = 0
    explain: bool = False

    def __post_init__(self) -> None:
        if self.kind not in {"auto", "digit", "strip"}:
            raise ValueError(f"`kind` must be auto, digit or strip; got {self.kind!r}")
        if self.digits is not None and self.digits < 1:
            raise ValueError(f"`digits` must be at least 1; got {self.digits}")
        if self.country is not None:
            object.__setattr__(self, "country", self.country.lower())  # the one way to settle a frozen field
        if self.country is not None and self.country not in FORMATS:
            raise ValueError(f"`country` must be one of {', '.join(sorted(FORMATS))}; got {self.country!r}")
        if self.top < 1:
            raise ValueError(f"`top` must be at least 1; got {self.top}")
        if not 0 <= self.max_error <= 1:
            raise ValueError(f"`max_error` must be between 0 and 1; got {self.max_error}")
        if self.turned not in _TURNED:
            raise ValueError(f"`turned` must be 0, 90, 180, 270 or auto; got {self.turned!r}")

    @property
    def degrees(self) -> int:
        """By how many degrees clockwise the writing is said to lie; 0 where that is to be found out."""
        return 0 if self.turned == "auto" else self.turned

    @property
    def lengths(self) -> set[int] | None:
        """The numbers of digits that are expected; None where any number is."""
        by_count = None if self.digits is None else {self.digits}
        by_country = None if self.country is None else set(FORMATS[self.country].lengths)
        if by_count is None or by_country is None:
            return by_count or by_country
        return by_count & by_country


def turned_by(text: str) -> Turned:
    """Return what `text` says of the way up: `0`, `90`, `180`, `270` or `auto`; ValueError where it is another."""
    for turned in _TURNED:
        if text == str(turned):
            return cast("Turned", turned)
    raise ValueError(f"`turned` must be 0, 90, 180, 270 or auto; got {text!r}")
