"""What goes over the wire: little, to no other host, and through a proxy that puts the page elsewhere."""

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser, Page, expect

from tests.app.services import RealService, real_service
from tests.browser.conftest import Watch, opened
from tests.browser.pictures import code
from tests.browser.test_everyone import SECTIONS, go
from tests.browser.test_giving import choose

MOST = 80_000  # bytes of the first view, compressed as they travel
PREFIX = "/digits"


def test_nothing_in_normal_use_is_asked_of_another_host_or_goes_wrong(page: Page, watch: Watch) -> None:
    choose(page, code("46827").file())
    expect(page.locator("#text")).to_have_text("46827")
    page.get_by_text("How it was read").click()
    for section in SECTIONS:
        go(page, section)
    page.wait_for_load_state("networkidle")
    watch.check()


def test_the_first_view_takes_at_most_80_kilobytes(browser: Browser, service: RealService, watch: Watch) -> None:
    page = opened(browser, service.url, watch)
    session = page.context.new_cdp_session(page)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.send("Network.enable")
    page.goto("/", wait_until="networkidle")
    page.context.close()
    assert len(sizes) > 10, "not all of the page was measured"
    assert sum(sizes) <= MOST


def test_the_page_works_under_a_prefix_that_a_proxy_takes_away(browser: Browser) -> None:
    with real_service(DIGITS_ROOT_PATH=PREFIX) as service, proxy(service) as address:
        watch = Watch(address)
        page = opened(browser, address, watch)
        page.goto(f"{PREFIX}/")
        choose(page, code("46827").file())
        expect(page.locator("#text")).to_have_text("46827")
        page.locator("#examples button").first.click()
        expect(page.locator("#list li")).to_have_count(2)
        for section in SECTIONS:
            go(page, section)
        expect(page.locator("#use-curl")).to_contain_text(f"{address}{PREFIX}/predict")
        page.context.close()
        watch.check()


@contextlib.contextmanager
def proxy(service: RealService) -> Iterator[str]:
    """Serve what is under the prefix as `service` has it without; nothing else is there. Return the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(f"{PREFIX}/"):
                self.send_error(404)
                return
            asked = http.client.HTTPConnection("127.0.0.1", service.port)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.request(self.command, self.path.removeprefix(PREFIX), body, dict(self.headers))
            answer = asked.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "content-length", "connection"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            asked.close()

        do_POST = do_GET  # noqa: N815 (the base class's names)

        def log_message(self, format: str, *values: object) -> None:  # noqa: A002 (the base class's name)
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
