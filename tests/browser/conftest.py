"""What tests of the page share: the service on a real port, and Debian's Chromium to look at it with."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect, sync_playwright

import chromium
from tests.app.services import RealService, real_service

ARGUMENTS = (
    "--disable-frame-rate-limit",  # else each move of the mouse waits for one of 60 frames a second
    "--enable-blink-features=ComputedAccessibilityInfo",  # `computedName`: what a screen reader says
)
PATIENCE = 10_000  # milliseconds that the page may take to do anything, on a machine that does much else

Opening = Callable[..., Page]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


# Of the package, not of the session: while Playwright runs, no other test of this process could call asyncio.run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return Chromium without a window; skip where there is none."""
    path = chromium.found()
    if path is None:
        pytest.skip(chromium.MISSING)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = chromium.launched(playwright, path, ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def service() -> Iterator[RealService]:
    """Return the service with its default settings, in a process of its own."""
    with real_service() as running:
        yield running


class Watch:
    """What must not happen on any page, unless a test expects it: a fault, or a request to another host."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.faults: list[str] = []
        self.elsewhere: list[str] = []
        self.expected = "(?!)"  # a pattern of the faults that the test is about

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of `context`."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.text} {message.location.get('url', '')}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self._origin}/", "data:", f"blob:{self._origin}/")):
            self.elsewhere.append(request.url)

    def check(self) -> None:
        """Fail the test where something happened."""
        assert [fault for fault in self.faults if not re.search(self.expected, fault)] == []
        assert self.elsewhere == []


@pytest.fixture(scope="package")
def watching(service: RealService) -> Watch:
    """Return what watches every page of the service."""
    return Watch(service.url)


@pytest.fixture(autouse=True)
def watch(watching: Watch) -> Iterator[Watch]:
    """Fail the test where a page does what none may do."""
    watching.forget()
    yield watching
    watching.check()


def opened(browser: Browser, url: str, watch: Watch, **options: Any) -> Page:
    """Return an empty page in a new context with these options, for the service at `url`."""
    context = browser.new_context(**{"base_url": url, "locale": "en-GB", **options})
    context.set_default_timeout(PATIENCE)
    watch.over(context)
    return context.new_page()


@pytest.fixture
def opening(browser: Browser, service: RealService, watching: Watch) -> Iterator[Opening]:
    """Return a function that opens the page in a new context with the options given."""
    pages: list[Page] = []

    def new(path: str = "/", **options: Any) -> Page:
        page = opened(browser, service.url, watching, **options)
        pages.append(page)
        page.goto(path)
        return page

    yield new
    for page in pages:
        page.context.close()


def requested(page: Page, held: list[Route], number: int) -> Route:
    """Return the request of this number once the page has sent it, which is after it says that it reads."""
    until = time.monotonic() + PATIENCE / 1000
    while len(held) <= number and time.monotonic() < until:
        page.wait_for_timeout(10)
    return held[number]


@pytest.fixture(scope="package")
def desk(browser: Browser, service: RealService, watching: Watch) -> Iterator[Page]:
    """Return a page on a desk's screen, which most tests share: a new one takes half a second."""
    page = opened(browser, service.url, watching)
    yield page
    page.context.close()


@pytest.fixture
def page(desk: Page) -> Iterator[Page]:
    """Return the page as it is when someone comes to it."""
    desk.goto("/")
    yield desk
    desk.unroute_all(behavior="ignoreErrors")
