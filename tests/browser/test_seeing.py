"""What the page shows of a reading: where each digit lies, how sure it is, why, and what the settings change."""

from itertools import pairwise

from playwright.sync_api import Page, Route, expect

from tests.browser.pad import text, wait_until_read
from tests.browser.pictures import code
from tests.browser.test_giving import choose

# Where the boxes lie over the picture, in its own pixels: [left, right] of each.
BOXES = """() => {
  const picture = document.querySelector(".shown img");
  const whole = picture.getBoundingClientRect();
  const scale = picture.naturalWidth / whole.width;
  return [...document.querySelectorAll(".shown .box")].map((each) => {
    const box = each.getBoundingClientRect();
    return [(box.left - whole.left) * scale, (box.right - whole.left) * scale];
  });
}"""
OFF = 2  # pixels that a box may lie beside its digit
CORNERS = """(polygon) => {
  const points = [...polygon.points];
  return { count: points.length, level: points[0].y === points[1].y };
}"""


def test_each_digit_of_a_strip_has_its_box_over_it(page: Page) -> None:
    given = code("46827")
    choose(page, given.file())
    expect(page.locator(".shown .box")).to_have_count(5)
    assert text(page) == "46827"
    for found, columns in zip(page.evaluate(BOXES), given.columns, strict=True):
        assert max(abs(a - b) for a, b in zip(found, columns, strict=True)) <= OFF, (found, columns)
    expect(page.locator(".shown .box")).to_have_text(list("46827"))


def test_a_tilted_strip_shows_its_corners(page: Page) -> None:
    page.get_by_role("button", name="A tilted code").click()
    corners = page.locator(".shown .corners polygon")
    expect(corners).to_be_visible()
    assert corners.evaluate(CORNERS) == {"count": 4, "level": False}


def test_a_digit_opens_its_ten_chances_and_what_the_network_saw(page: Page) -> None:
    choose(page, code("46827").file())
    eight = page.get_by_role("button", name="8, ").and_(page.locator(".digit"))
    expect(eight).to_have_attribute("aria-expanded", "false")
    eight.click()
    expect(eight).to_have_attribute("aria-expanded", "true")
    rows = page.locator(".bars tr")
    expect(rows).to_have_count(10)
    assert rows.locator("th").all_inner_texts() == list("0123456789")
    expect(page.locator(".bars .most th")).to_have_text("8")
    widths = [each.evaluate("(bar) => bar.getBoundingClientRect().width") for each in page.locator(".bars i").all()]
    assert widths.index(max(widths)) == 8
    seen = page.locator(".digit-panel img.pixels")
    assert seen.evaluate("(i) => i.decode().then(() => [i.naturalWidth, i.naturalHeight])") == [28, 28]
    eight.click()
    expect(page.locator(".digit-panel")).to_have_count(0)


def test_a_box_over_the_picture_opens_its_digit(page: Page) -> None:
    choose(page, code("46827").file())
    page.locator(".shown .box").nth(1).click()
    expect(page.locator(".digit[aria-expanded=true]")).to_have_attribute("data-number", "1")
    expect(page.locator(".bars .most th")).to_have_text("6")


def test_how_it_was_read_shows_the_stages(page: Page) -> None:
    choose(page, code("46827").file())
    page.get_by_text("How it was read").click()
    pictures = page.locator(".stages img")
    expect(pictures.first).to_be_visible()
    assert pictures.count() >= 2
    sizes = pictures.evaluate_all(
        "(all) => Promise.all(all.map((i) => i.decode().then(() => i.naturalWidth * i.naturalHeight)))"
    )
    assert min(sizes) > 28
    captions = page.locator(".stages figcaption").all_inner_texts()
    assert "The ink" in captions
    assert all(captions), "a stage has no name"


def test_the_other_readings_are_shown_with_less_confidence_each(page: Page) -> None:
    choose(page, code("75013", pen=2).file())
    shown = page.locator(".others small")
    expect(shown.first).to_be_visible()
    chances = [float(each.strip("<>% ")) for each in shown.all_inner_texts()]
    assert all(a >= b for a, b in pairwise(chances))


def answered_as(page: Page, **found: object) -> None:
    """Let the service's next answers say what was `found` on a mail piece."""

    def changed(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "kind": "envelope", **found})

    page.route("**/predict?*", changed)


def test_an_envelope_shows_its_code_what_else_was_found_and_how_it_lies(page: Page) -> None:
    own, sender = ([[x, y], [x + 200, y], [x + 200, y + 60], [x, y + 60]] for x, y in ((570, 640), (55, 175)))
    others = [{"text": "51100", "confidence": 0.9, "corners": sender}]
    answered_as(page, text="75011", formatted="75011", turned=187, corners=own, others=others, digits=[])
    with page.expect_request("**/predict?*") as asked:
        page.get_by_role("button", name="An envelope").click()
    assert {"kind=envelope", "country=fr"} <= set(asked.value.url.partition("?")[2].split("&"))
    expect(page.locator("#text")).to_have_text("75011")
    expect(page.locator(".shown polygon.own")).to_be_visible()
    expect(page.locator(".shown polygon.other")).to_be_visible()
    expect(page.locator(".shown .corners text")).to_have_text("51100")
    expect(page.locator("#reading")).to_contain_text("turned by 187°")
    expect(page.locator("#reading section").filter(has_text="Codes elsewhere on it")).to_contain_text("51100")
    width, height = page.locator(".shown canvas.code").evaluate("(canvas) => [canvas.width, canvas.height]")
    assert width > height > 1, "the code is not shown large"
    expect(page.locator("#kind")).to_have_value("")  # the next picture may be another thing


def test_an_envelope_without_a_country_leads_to_the_field_where_it_is_said(page: Page) -> None:
    page.locator("#kind").select_option("envelope")
    choose(page, code("75013").file())
    expect(page.locator(".decision")).to_contain_text("say which country")
    page.get_by_role("button", name="Choose a country").click()
    expect(page.locator("#country")).to_be_focused()


def test_the_kind_leaves_out_what_contradicts_it(page: Page) -> None:
    page.locator("#country").select_option("fr")
    page.locator("#kind").select_option("digit")
    expect(page.locator("#country")).to_be_disabled()
    expect(page.locator("#country")).to_have_value("")
    expect(page.locator("#digits")).to_be_disabled()
    page.locator("#kind").select_option("")
    page.locator("#digits").select_option("1")
    page.locator("#kind").select_option("envelope")
    expect(page.locator("#digits")).to_have_value("")


def test_a_stricter_limit_refuses_at_once_what_was_accepted(page: Page) -> None:
    choose(page, code("75013").file())
    decision = page.locator(".decision")
    expect(decision).to_have_text("Accepted")
    page.locator("#error").fill("0")
    expect(page.locator("#error-value")).to_have_text("1 in 1,000")
    expect(decision).to_have_text("Refused: it is not sure enough")
    page.locator("#error").fill("6")
    expect(decision).to_have_text("Accepted")


def test_the_share_accepted_is_said_for_the_way_and_the_limit(page: Page) -> None:
    def measured(route: Route) -> None:
        answer = route.fetch()
        card = answer.json()
        card["calibration"]["made"]["accepted"] = {"uncounted": {"0.005": 0.87, "0.1": 0.99}, "digit": {"0.1": 0.996}}
        route.fulfill(response=answer, json=card)

    page.route("**/model", measured)
    page.reload()
    share = page.locator("#share")
    expect(share).to_contain_text("87% would be accepted")
    page.locator("#error").fill("6")
    expect(share).to_contain_text("99% would be accepted")
    page.locator("#digits").select_option("1")
    expect(share).to_contain_text("100% would be accepted")
    page.locator("#digits").select_option("4")
    expect(share).to_have_text("")


def test_the_country_and_the_count_change_the_answer_at_once(page: Page) -> None:
    choose(page, code("75013").file())
    decision = page.locator(".decision")
    expect(decision).to_have_text("Accepted")
    page.locator("#digits").select_option("4")
    expect(decision).to_contain_text("Refused")
    page.locator("#country").select_option(label="France")
    expect(page.locator("#digits")).to_be_disabled()
    expect(decision).to_have_text("Accepted")
    page.locator("#country").select_option(label="India")
    expect(decision).to_contain_text("Refused")
    wait_until_read(page)
