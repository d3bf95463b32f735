"""The page is for everyone: by keyboard alone, for screen readers, in two languages, dark and light, on a phone."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opening, Watch
from tests.browser.pad import wait_until_read
from tests.browser.pictures import code
from tests.browser.test_giving import choose

# With axe's rules that are checked in each; the dark differs from the light in its colours alone.
SCHEMES: dict[Literal["light", "dark"], dict[str, list[str]]] = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}
SECTIONS = ("read", "settle", "model", "use")
# Which of them look another way in each state of the page.
CHANGED = {"empty": SECTIONS, "read": ("read", "use"), "refused": ("read", "settle"), "failed": ("read",)}
SERIOUS = """async (rules) => (await axe.run({ resultTypes: ["violations"], ...rules })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`))"""
# Everything that a mouse could use now, as marks that the keyboard's way through them is compared with.
MARK = """() => {
  const all = "a[href], button:not(:disabled), input, select, summary, [tabindex]:not([tabindex='-1'])";
  const shown = [...document.querySelectorAll(all)].filter((each) => each.checkVisibility() && each.tabIndex >= 0);
  shown.forEach((each, number) => (each.dataset.mark = number));
  return shown.map((each) => `${each.outerHTML.slice(0, 100)}`);
}"""
# Notes everything that comes into focus: its mark, whether that is seen, and what a screen reader calls it.
FOLLOW = """() => {
  window.focused = [];
  document.addEventListener("focusin", ({ target }) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(target);
    const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    const { outerHTML, computedName: name, dataset } = target;
    focused.push({ mark: dataset.mark, outlined, name, html: outerHTML.slice(0, 100) });
  });
}"""
SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth;
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility() && !each.closest(".unseen, pre, .wide-table"))
    .filter((each) => each.getBoundingClientRect().right > wide + 1)
    .map((each) => each.outerHTML.slice(0, 100));
}"""


def states(page: Page, watch: Watch) -> Iterator[str]:
    """Bring the page into each of its states, one after another, all that it can show opened; their names."""
    watch.expected = "415"
    yield "empty"
    choose(page, code("46827").file())
    wait_until_read(page)
    page.locator("#reading summary").click()
    page.locator(".digit").first.click()
    expect(page.locator(".digit-panel")).to_be_visible()
    yield "read"
    page.locator("#examples button").last.click()
    choose(page, code("75013", pen=2).file())
    page.locator("#error").fill("0")
    expect(page.locator(".decision.reject")).to_be_visible()
    expect(page.locator("#settle-count")).to_be_visible()
    expect(page.locator("#progress")).to_be_hidden()  # all pictures were read again
    yield "refused"
    choose(page, {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear Sir or Madam, 75013 is my code."})
    expect(page.locator("#reading")).to_have_attribute("data-state", "failed")
    yield "failed"


def go(page: Page, section: str) -> None:
    """Open a section, and wait until it is filled."""
    page.locator(f"nav a[href='#{section}']").click()
    expect(page.locator(f"#{section} h1")).to_be_visible()


@pytest.mark.parametrize("language", ["en-GB", pytest.param("fr-FR", marks=pytest.mark.long)])
def test_axe_finds_no_serious_fault_in_any_section_and_state(opening: Opening, watch: Watch, language: str) -> None:
    page = opening(locale=language)
    page.evaluate(AXE_SCRIPT)
    faults = []
    for state in states(page, watch):
        for section in CHANGED[state]:
            go(page, section)
            for scheme, rules in SCHEMES.items():
                page.emulate_media(color_scheme=scheme)
                faults += [f"{state}, {section}, {scheme}: {fault}" for fault in page.evaluate(SERIOUS, rules)]
        go(page, "read")
    assert faults == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page, watch: Watch) -> None:
    page.evaluate(FOLLOW)
    missed, unseen, unnamed = [], [], []
    for state in states(page, watch):
        for section in CHANGED[state]:
            go(page, section)
            marked = page.evaluate(MARK)
            page.evaluate("() => { document.activeElement.blur(); focused.length = 0; }")
            for _ in range(len(marked) + 2):
                page.keyboard.press("Tab")
            focused = page.evaluate("focused")
            reached = {each["mark"] for each in focused}
            missed += [f"{state}, {section}: {html}" for mark, html in enumerate(marked) if str(mark) not in reached]
            unseen += [f"{state}, {section}: {each['html']}" for each in focused if not each["outlined"]]
            unnamed += [f"{state}, {section}: {each['html']}" for each in focused if not each["name"]]
        go(page, "read")
    assert missed == []
    assert unseen == []
    assert unnamed == []


def test_a_phone_never_scrolls_sideways(opening: Opening, watch: Watch) -> None:
    page = opening(**PHONE)
    sideways = []
    for state in states(page, watch):
        for section in CHANGED[state]:
            go(page, section)
            sideways += [f"{state}, {section}: {each}" for each in page.evaluate(SIDEWAYS)]
        go(page, "read")
    assert sideways == []


def test_screen_readers_are_told_what_was_read(page: Page) -> None:
    choose(page, code("46827").file())
    expect(page.locator("#live[role=status]")).to_have_text("4 6 8 2 7, Accepted")


def test_the_page_speaks_the_browsers_language_and_remembers_another(opening: Opening) -> None:
    page = opening(locale="fr-CA")
    title = page.locator("#read-title")
    expect(title).to_contain_text("Écrivez un chiffre ou un code.")
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.get_by_role("button", name="English").click()
    expect(title).to_contain_text("Write a digit or a code.")
    page.reload()
    expect(title).to_contain_text("Write a digit or a code.")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_language_that_the_page_does_not_speak_is_answered_in_english(opening: Opening) -> None:
    expect(opening(locale="ja-JP").locator("#read-title")).to_contain_text("Write a digit or a code.")


def test_every_sentence_exists_in_both_languages(page: Page) -> None:
    words: list[dict[str, Any]] = page.evaluate(
        "Promise.all(['en', 'fr'].map((each) => import(`/static/words-${each}.js`).then((file) => file.default)))"
    )
    english, french = words
    assert english.keys() == french.keys()
    assert [key for key, said in english.items() if holes(said) != holes(french[key])] == []


def holes(sentence: str) -> set[str]:
    """Return the names in braces."""
    return {part.partition("}")[0] for part in sentence.split("{")[1:]}
