"""What may be asked of a picture."""

from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from model.strips.postal import FORMATS

Kind = Literal["auto", "digit", "strip", "envelope"]
Turned = Literal[0, 90, 180, 270, "auto"]
"""By how many degrees clockwise writing lies, or (auto) whichever way it is read best."""
_KINDS, _TURNED = get_args(Kind), get_args(Turned)


@dataclass(frozen=True)
class Options:
    """What is asked of a picture. Raises ValueError where a value is out of its range, or contradicts the kind.

    kind: one digit, a strip of digits, a whole mail piece, or (auto) whichever is found; with auto, an expected count
        of one means a digit; a greater count, or a country, means a strip.
    digits: how many are expected. country: whose codes, as an ISO 3166-1 code in either case; kept in lower case.
    top: how many candidates to give. max_error: the greatest chance of error to accept, 0 to 1. turned: which way up
        the writing lies; where it is left out, by 0 degrees for a digit or a strip, and any way for a mail piece.
    explain: whether to keep what a reading was made from. envelope_country: of a mail piece, where `country` is left
        out; it says nothing about a digit or a strip.
    """

    kind: Kind = "auto"
    digits: int | None = None
    country: str | None = None
    top: int = 3
    max_error: float = 0.005
    turned: Turned | None = None
    explain: bool = False
    envelope_country: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"`kind` must be auto, digit, strip or envelope; got {self.kind!r}")
        if self.digits is not None and self.digits < 1:
            raise ValueError(f"`digits` must be at least 1; got {self.digits}")
        if self.kind == "envelope" and self.digits == 1:
            raise ValueError("digits=1 contradicts kind=envelope: a postal code has several digits")
        for name in ("country", "envelope_country"):
            country: str | None = getattr(self, name)
            if country is not None:
                object.__setattr__(self, name, country.lower())  # the one way to settle a frozen field
            if country is not None and country.lower() not in FORMATS:
                raise ValueError(f"`{name}` must be one of {', '.join(sorted(FORMATS))}; got {country.lower()!r}")
        if self.top < 1:
            raise ValueError(f"`top` must be at least 1; got {self.top}")
        if not 0 <= self.max_error <= 1:
            raise ValueError(f"`max_error` must be between 0 and 1; got {self.max_error}")
        if self.turned is not None and self.turned not in _TURNED:
            raise ValueError(f"`turned` must be 0, 90, 180, 270 or auto; got {self.turned!r}")

    @property
    def degrees(self) -> int:
        """By how many degrees clockwise the writing is said to lie; 0 where that is to be found out."""
        return 0 if self.turned is None or self.turned == "auto" else self.turned

    @property
    def any_way(self) -> bool:
        """Whether the writing may lie any way up, so that it is to be found out."""
        return self.turned == "auto" or (self.turned is None and self.kind == "envelope")

    @property
    def of_envelope(self) -> "Options":
        """What is asked of a picture that is a mail piece: its country may be `envelope_country`, if digits allow."""
        default = self.envelope_country
        fits = default is not None and (self.digits is None or self.digits in FORMATS[default].lengths)
        return replace(self, kind="envelope", country=self.country or (default if fits else None))

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
