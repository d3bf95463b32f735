"""The page of a service that asks for keys: it asks for one, keeps it for the session, and forgets a wrong one."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, expect

from tests.app.services import real_service
from tests.browser.conftest import Watch, opened
from tests.browser.pictures import code
from tests.browser.test_everyone import SERIOUS
from tests.browser.test_giving import choose

KEY = "the-sorter's-key-1"


def test_the_page_asks_for_a_key_keeps_it_for_the_session_and_forgets_a_wrong_one(browser: Browser) -> None:
    with real_service(DIGITS_API_KEYS=KEY) as service:
        watch = Watch(service.url)
        watch.expected = "401"  # which browsers write to the console
        page = opened(browser, service.url, watch)
        page.goto("/")
        dialog = page.get_by_role("dialog", name="This service asks for a key")
        field = page.get_by_label("API key")

        choose(page, code("46827").file(), code("90210").file())
        expect(dialog).to_be_visible()
        expect(field).to_be_focused()
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(SERIOUS, {}) == []
        page.keyboard.press("Escape")
        expect(page.locator("#list .badge.failed")).to_have_count(2)  # the second did not ask again
        expect(dialog).to_be_hidden()
        expect(page.locator("#reading .problem")).to_have_text("This service reads only for those who have a key.")

        page.wait_for_timeout(1200)
        page.get_by_role("button", name="Try again").click()
        field.fill("the-sorter's-key-0")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("This key is not known here.")
        field.fill(f" {KEY} ")
        page.keyboard.press("Enter")
        expect(page.locator("#text")).to_have_text("46827")

        page.reload()
        choose(page, code("31594").file())
        expect(page.locator("#text")).to_have_text("31594")
        expect(dialog).to_have_count(0)
        assert page.evaluate("sessionStorage.length + localStorage.length") == 1
        other = opened(browser, service.url, watch)
        other.goto("/")
        choose(other, code("31594").file())
        expect(other.get_by_role("dialog")).to_be_visible()
        for each in (page, other):
            each.context.close()
        watch.check()
