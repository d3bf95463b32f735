"""The lists of valid codes are complete, fit their countries, and name their sources."""

import pytest

from model.strips.postal import FORMATS, LISTS, is_listed, listed_codes

COUNTRIES = sorted(path.stem for path in LISTS.glob("*.txt"))


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_list_fits_its_country_and_says_its_source(country: str) -> None:
    head = "".join(line for line in (LISTS / f"{country}.txt").read_text().splitlines() if line.startswith("#"))
    codes = listed_codes(country)
    assert codes is not None
    assert {len(code) for code in codes} <= {FORMATS[country].lengths[0]}
    assert "".join(codes).isdigit()
    assert sorted(set(codes)) == list(codes)
    assert f"{len(codes)} codes" in head
    assert "Source: the " in head
    assert "(2025-" in head or "(2026-" in head
    assert "Licence Ouverte" in head or "ODbL" in head


def test_the_countries_of_the_post_have_their_lists() -> None:
    assert {"at", "be", "ch", "de", "es", "fr", "in", "it", "us"} <= set(COUNTRIES)
    assert listed_codes("jp") is None
    assert listed_codes("atlantis") is None


@pytest.mark.parametrize(
    ("country", "digits", "listed"),
    [
        ("fr", "75011", True),
        ("fr", "01000", True),
        ("fr", "75900", False),  # a CEDEX code: in use, but in no list of communes
        ("fr", "7501", False),
        ("us", "90210", True),
        ("us", "902101234", True),
        ("us", "000001234", False),
        ("jp", "1000001", True),  # a country without a list: any code of its length
        ("jp", "10000", False),
    ],
)
def test_a_code_is_looked_up_with_its_zeros_and_its_length(country: str, digits: str, listed: bool) -> None:
    assert is_listed(country, digits) == listed
