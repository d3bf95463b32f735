"""What stands on pieces that have no code: a name, PAR AVION, a flyer, an address without its code, one from abroad."""

from synthesis.envelopes.address import Address, any_address, any_code, extra
from synthesis.envelopes.places import Places
from synthesis.no_code import WORDS
from synthesis.worlds import Dice

KINDS = ("name", "words", "flyer", "no code", "abroad", "hidden", "back")
_ABROAD = (
    ("12 High Street", "London SW1A 1AA", "UNITED KINGDOM"),
    ("48 Mill Road", "Cambridge CB1 2AZ", "England"),
    ("7 Baggot Street", "Dublin 4", "IRELAND"),
    ("220 King St W", "Toronto ON M5H 1K4", "CANADA"),
    ("Apt 3, 9 Queen Street", "Edinburgh EH2 1JX"),
)


def lines(kind: str, country: str, places: Places, dice: Dice) -> Address:
    """Return what stands on a piece of that kind, one of KINDS, in place of an address.

    Only where it is to be hidden does it have a code.
    """
    n = dice.random.integers
    person = places.people[int(n(len(places.people)))]
    if kind == "hidden":
        return any_address(country, any_code(country, dice), places, dice)
    if kind == "no code":
        full = any_address(country, any_code(country, dice), places, dice)
        kept = full.lines[full.row]
        row = full.row
        bare = (*full.lines[:row], (kept[: full.start] + kept[full.end :]).strip(), *full.lines[row + 1 :])
        return Address(tuple(line for line in bare if line), 0, 0, 0, "")
    if kind == "abroad":
        return Address((person, *_ABROAD[int(n(len(_ABROAD)))]), 0, 0, 0, "")
    if kind == "flyer":
        words = [str(WORDS[int(n(len(WORDS)))]) for _ in range(int(n(3, 8)))]
        prices = [f"nur {n(1, 99)},{n(10, 99)} €", extra(dice), f"- {n(5, 70)} % {person}"]
        return Address(tuple(dice.random.permutation([*words, *prices])), 0, 0, 0, "")
    if kind == "words":
        return Address((str(WORDS[int(n(len(WORDS)))]),), 0, 0, 0, "")
    return Address((person,), 0, 0, 0, "")
