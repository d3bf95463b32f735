"""What may be asked of a picture, and what follows for a mail piece."""

import pytest

from model.options import Options


def test_a_mail_piece_may_lie_any_way_unless_that_is_said_and_a_strip_only_where_that_is_asked() -> None:
    assert Options(kind="envelope").any_way
    assert not Options(kind="envelope", turned=0).any_way
    assert Options(kind="strip", turned="auto").any_way
    assert not Options(kind="strip").any_way
    assert [Options(turned=turned).degrees for turned in (None, "auto", 0, 270)] == [0, 0, 0, 270]


@pytest.mark.parametrize(
    ("asked", "country"),
    [
        (Options(), None),
        (Options(envelope_country="FR"), "fr"),
        (Options(envelope_country="fr", country="us"), "us"),
        (Options(envelope_country="fr", digits=5), "fr"),
        (Options(envelope_country="fr", digits=6), None),
    ],
)
def test_the_country_of_mail_pieces_counts_where_neither_a_country_nor_digits_say_otherwise(
    asked: Options, country: str | None
) -> None:
    assert asked.of_envelope.country == country
    assert asked.of_envelope.kind == "envelope"
    assert asked.lengths == Options(digits=asked.digits, country=asked.country).lengths  # a strip's do not change


def test_an_unknown_country_of_mail_pieces_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"`envelope_country` must be one of at, .*; got 'xx'"):
        Options(envelope_country="xx")
