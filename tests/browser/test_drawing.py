"""What is drawn on the pad is read: with a mouse, a finger or the arrow keys."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Opening, requested
from tests.browser.hands import FORMS, HANDS, Hand, written
from tests.browser.pad import Pad, text, wait_until_read

LEAST = 0.95  # of the digits are read right


@pytest.mark.long
def test_digits_of_many_hands_are_read_as_they_are_drawn(page: Page) -> None:
    pad = Pad(page)
    misread, wrong = [], []
    for digit, forms in FORMS.items():
        for number, hand in enumerate(HANDS):
            read = pad.write(digit, number % len(forms), hand)
            if read != str(digit):
                misread.append(f"{digit} as {read}: form {number % len(forms)}, {hand}")
                if page.locator(".decision.accept").count():
                    wrong.append(misread[-1])
            pad.clear()
    assert len(misread) <= (1 - LEAST) * len(FORMS) * len(HANDS), misread
    assert wrong == []


def test_a_code_is_read_as_it_is_drawn(page: Page) -> None:
    pad = Pad(page)
    size = pad.size()
    strokes = []
    for number, digit in enumerate("75013"):
        strokes += written(int(digit), 1, Hand(0.6, 0.6, 0.05, (0.14 + 0.18 * number, 0.5), pen=13), size)
    assert pad.draw(strokes) == "75013"
    expect(page.locator(".decision")).to_have_text("Accepted")


def test_a_finger_draws_and_does_not_scroll(opening: Opening) -> None:
    page = opening(**PHONE)
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight")
    pad = Pad(page, touch=True)
    width, height = pad.size()
    upward = [(width / 2 + y / 20, height * 0.9 - y) for y in range(0, int(height * 0.8), 12)]
    assert pad.draw([upward]) == "1"
    assert page.evaluate("scrollY") == 0


def test_the_arrow_keys_and_the_space_bar_draw(page: Page) -> None:
    pad = page.locator("#canvas")
    pad.focus()
    keys = ["Space", *["ArrowRight"] * 9, *["ArrowDown", "ArrowDown", "ArrowLeft"] * 7, "Space"]
    for key in keys:
        pad.press(key)
    wait_until_read(page)
    assert text(page) == "7"


def test_a_stroke_can_be_taken_back_and_all_of_them_cleared(page: Page) -> None:
    pad = Pad(page)
    size = pad.size()
    one = written(1, 0, Hand(0.6, 0.6, 0, (0.3, 0.5), pen=13), size)
    assert pad.draw(one) == "1"
    assert pad.draw(written(1, 0, Hand(0.6, 0.6, 0, (0.5, 0.5), pen=13), size)) == "11"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_text("1")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#reading")).to_have_attribute("data-state", "none")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_what_is_kept_stays_while_the_next_is_drawn(page: Page) -> None:
    pad = Pad(page)
    hand = Hand(0.6, 0.6, 0, (0.5, 0.5), pen=13)
    pad.write(3, 0, hand)
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#list li b")).to_have_text(["3"])
    assert pad.write(8, 0, hand) == "8"
    expect(page.locator("#list li b")).to_have_text(["3"])


def test_an_answer_that_comes_late_does_not_replace_a_later_one(page: Page) -> None:
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/predict?*", hold, times=1)
    pad = Pad(page)
    size = pad.size()
    first, second = (written(1, 0, Hand(0.6, 0.6, 0, (place, 0.5), pen=13), size) for place in (0.3, 0.5))
    pad.stroke(first[0])
    early = requested(page, late, 0)
    assert pad.draw(second) == "11"
    page.evaluate(
        """() => {
          window.seen = [];
          const place = document.getElementById("reading");
          new MutationObserver(() => seen.push(document.getElementById("text").textContent))
            .observe(place, { childList: true, subtree: true });
        }"""
    )
    early.continue_()
    page.evaluate("fetch('health/live').then((answer) => answer.text())")
    assert page.evaluate("seen") == []
    assert text(page) == "11"
