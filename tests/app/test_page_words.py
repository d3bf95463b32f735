"""What the page says: every sentence in both languages, and every country that the service knows."""

import re
from typing import get_args

import pytest

from app.routes.page import STATIC
from app.schemas import Stage
from model.strips.postal import FORMATS

SENTENCE = re.compile(r'^ {2}"?([\w.-]+)"?: "(.+)",$', re.MULTILINE)
USED = re.compile(r"""(?:say\("|data-word="|data-label="|word: ")([a-z][\w.-]*)\"""")


def sentences(language: str) -> dict[str, str]:
    return dict(SENTENCE.findall((STATIC / f"words-{language}.js").read_text(encoding="utf-8")))


def test_each_sentence_is_there_in_both_languages_with_the_same_values() -> None:
    english, french = sentences("en"), sentences("fr")
    assert len(english) > 100
    assert set(english) == set(french)
    for key, sentence in english.items():
        values = [sorted(re.findall(r"\{(\w+)\}", each)) for each in (sentence, french[key])]
        assert values[0] == values[1], key


def test_each_sentence_that_the_page_names_is_there() -> None:
    known = sentences("en")
    named = {
        name for path in (*STATIC.glob("*.js"), STATIC / "index.html") for name in USED.findall(path.read_text("utf-8"))
    }
    assert len(named) > 50
    assert named <= set(known), named - set(known)


@pytest.mark.parametrize("name", get_args(Stage.model_fields["name"].annotation))
def test_each_stage_that_the_service_explains_has_a_sentence(name: str) -> None:
    assert f"stage.{name}" in sentences("en")


def test_the_page_offers_the_countries_whose_codes_the_service_knows() -> None:
    [listed] = re.findall(r'COUNTRIES = "([a-z ]+)"', (STATIC / "settings.js").read_text("utf-8"))
    assert sorted(listed.split()) == sorted(FORMATS)
