"""Addresses as the countries write them: the lines, and where among them the code stands."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from model.strips.postal import FORMATS, is_listed, listed_codes
from synthesis.envelopes.places import Places
from synthesis.worlds import Dice

UNLISTED = 0.04
"""The share of codes in no list of the country."""
_PREFIXES = {"fr": "F-", "de": "D-", "it": "I-", "es": "E-", "ch": "CH-", "at": "A-", "be": "B-"}
_PREFIXED = 0.06


@dataclass(frozen=True)
class Address:
    """An address: its lines, and the code's digits, which stand in line `row` from `start` to before `end`."""

    lines: tuple[str, ...]
    row: int
    start: int
    end: int
    code: str

    @property
    def tail(self) -> str:
        """What stands in the code's line after the code."""
        return self.lines[self.row][self.end :].strip()

    def in_one_line(self, between: str) -> "Address":
        """Return it as one line, with `between` between the parts."""
        shift = sum(len(line) + len(between) for line in self.lines[: self.row])
        return Address((between.join(self.lines),), 0, self.start + shift, self.end + shift, self.code)

    def with_lines(self, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> "Address":
        """Return it with more lines before and after the others."""
        return replace(self, lines=(*before, *self.lines, *after), row=self.row + len(before))


def any_code(country: str, dice: Dice) -> str:
    """Return a code on the country's list, seldom another one; American ones have nine digits in a quarter of cases.

    Raises ValueError where the country has no list.
    """
    codes = listed_codes(country)
    if codes is None:
        raise ValueError(f"data/postal_codes/{country}.txt is missing: run `python scripts/fetch_postal_codes.py`")
    code = codes[int(dice.random.integers(len(codes)))]
    if dice.chance(UNLISTED):
        length = FORMATS[country].lengths[0]
        while is_listed(country, code := f"{dice.random.integers(10**length):0{length}}"):
            pass
    if country == "us" and dice.chance(0.25):
        code += f"{dice.random.integers(10_000):04}"
    return code


def house_number(dice: Dice, most: int = 180) -> str:
    """Return a house number, low ones being as likely as high ones."""
    number = str(int(np.exp(dice.uniform((0, np.log(most))))))
    return number + ("abc"[int(dice.random.integers(3))] if dice.chance(0.1) else "")


def any_address(country: str, code: str, places: Places, dice: Dice, *, short: bool = False) -> Address:
    """Return an address in that country with the given code; a short one has a name, a street and a town only."""
    name = _one(places.people, dice) if dice.chance(0.8) else _one(places.firms, dice)
    street = _STREETS[country](_one(places.streets, dice), dice)
    last = "|" + FORMATS[country].written(code) + "|"
    if country == "fr" and dice.chance(0.08):
        last = f"|{code[:2]} {code[2:]}|"
    if country in _PREFIXES and dice.chance(_PREFIXED):
        last = _PREFIXES[country] + last
    town, _, state = _one(places.towns, dice).partition("/")
    lines = [name] if short else [name, *_second(country, places, dice)]
    if country == "fr" and not short and dice.chance(0.15):
        lines += [street, f"{'BP' if dice.chance(0.5) else 'CS'} {dice.random.integers(10, 99_999)}"]
        cedex = f" {dice.random.integers(1, 20):02}" if dice.chance(0.5) else ""
        last += f" {town.upper()} CEDEX{cedex}"
    else:
        lines.append(street)
        last = _last(country, last, town, state, dice)
    if dice.chance(0.3):
        lines[-1:] = [lines[-1], ""] if country in ("de", "at") and not short else lines[-1:]
    address = _marked([*lines, *last.split("\n")], code)
    if not short and dice.chance(0.08):
        address = address.with_lines(after=(_NAMES[country],))
    return replace(address, lines=tuple(map(str.upper, address.lines))) if dice.chance(0.1) else address


def _last(country: str, code: str, town: str, state: str, dice: Dice) -> str:
    """Return the line of the town with the code, which stands between bars."""
    if country == "us":
        if dice.chance(0.1):
            return f"{town}, {state}\n{code}"
        return f"{town}{',' if dice.chance(0.7) else ''} {state} {code}"
    if country == "it":
        return f"{code} {town} {f'({state})' if dice.chance(0.5) else state}"
    if dice.chance(0.03):
        return f"{town} {code}"
    town = town.upper() if dice.chance(0.3 if country == "fr" else 0.12) else town
    return f"{code} {town}"


def _second(country: str, places: Places, dice: Dice) -> list[str]:
    """Return a line between name and street: a firm, a flat, a department."""
    if not dice.chance(0.25):
        return []
    number = int(dice.random.integers(1, 60))
    rooms = {"fr": f"Bât. B Apt {number}", "be": f"Étage {number % 9}", "us": f"Suite {100 + number}",
             "it": f"Scala {number % 9} int. {number}", "es": f"Esc. {number % 9}"}  # fmt: skip
    by_care = "c/o " if country in ("de", "at", "ch", "us") else ""
    return [rooms.get(country, f"Abt. {number}") if dice.chance(0.5) else by_care + _one(places.firms, dice)]


def _before(street: str, dice: Dice) -> str:
    number = house_number(dice) + (" bis" if dice.chance(0.06) else "")
    return f"{number}{',' if dice.chance(0.3) else ''} {street}"


def _american(street: str, dice: Dice) -> str:
    if dice.chance(0.12):
        return f"PO Box {dice.random.integers(10, 99_999)}"
    flat = f" Apt {dice.random.integers(1, 40)}{'ABC'[int(dice.random.integers(3))]}" if dice.chance(0.2) else ""
    return f"{house_number(dice, 14_000)} {street}{flat}"


def _after(street: str, dice: Dice) -> str:
    if dice.chance(0.06):
        return f"Postfach {dice.random.integers(10, 99):02} {dice.random.integers(10, 99):02}"
    return f"{street} {house_number(dice)}"


def _austrian(street: str, dice: Dice) -> str:
    return f"{street} {house_number(dice)}" + (f"/{dice.random.integers(1, 9)}" if dice.chance(0.4) else "")


def _southern(street: str, dice: Dice) -> str:
    flat = f", {dice.random.integers(1, 9)}º {'ABD'[int(dice.random.integers(3))]}" if dice.chance(0.3) else ""
    return f"{street}{',' if dice.chance(0.6) else ''} {house_number(dice)}{flat}"


def _belgian(street: str, dice: Dice) -> str:
    return f"{street} {house_number(dice)}" + (f" bte {dice.random.integers(1, 30)}" if dice.chance(0.2) else "")


_STREETS: dict[str, Callable[[str, Dice], str]] = {
    "fr": _before, "de": _after, "us": _american, "it": _southern, "es": _southern, "ch": _after, "at": _austrian,
    "be": _belgian,
}  # fmt: skip
_NAMES = {"fr": "FRANCE", "de": "Deutschland", "us": "USA", "it": "ITALIA", "es": "ESPAÑA", "ch": "Schweiz",
          "at": "Österreich", "be": "Belgique"}  # fmt: skip


def _marked(lines: list[str], code: str) -> Address:
    """Return the address of `lines`, one of which has the code between bars."""
    row = next(row for row, line in enumerate(lines) if "|" in line)
    start, end = (match.start() for match in re.finditer(r"\|", lines[row]))
    plain = [line.replace("|", "") for line in lines]
    return Address(tuple(plain), row, start, end - 1, code)


def _one(choices: tuple[str, ...], dice: Dice) -> str:
    return choices[int(dice.random.integers(len(choices)))]


def extra(dice: Dice) -> str:
    """Return a number that is no code: a phone, a customer number, a date, an order."""
    n = dice.random.integers
    return (
        lambda: f"Tel. 0{n(10, 99)} / {n(10_000, 9_999_999)}",
        lambda: f"Kd.-Nr. {n(10_000, 9_999_999)}",
        lambda: f"{n(1, 29):02}.{n(1, 13):02}.20{n(10, 30)}",
        lambda: f"Nr. {n(100, 99_999)}",
        lambda: f"Ref. {n(1_000, 99_999)}/{n(10, 99)}",
        lambda: f"*{n(10_000, 99_999)}*{n(100, 999)}",
        lambda: f"{n(100, 999)}-{n(100, 999)}-{n(1_000, 9_999)}",
    )[int(n(7))]()
