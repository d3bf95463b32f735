"""Pictures are given in every way that people know, one or many, good and bad."""

import base64
import io

from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PATIENCE, Watch, requested
from tests.browser.pad import text, wait_until_read
from tests.browser.pictures import code, encoded

# Makes files of [{name, type, base64}] and gives them to the page by an event of this kind, as the browser does.
GIVE = """([kind, given]) => {
  const transfer = new DataTransfer();
  for (const { name, type, content } of given) {
    const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  const options = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
    : new DragEvent(kind, { ...options, dataTransfer: transfer });
  return document.getElementById("pad").dispatchEvent(event);
}"""


def transferred(kind: str, *pictures: bytes) -> list[object]:
    """Return the argument of GIVE for PNG pictures."""
    files = [
        {"name": "image.png", "type": "image/png", "content": base64.b64encode(each).decode()} for each in pictures
    ]
    return [kind, files]


def choose(page: Page, *files: dict[str, object]) -> None:
    """Give files by the page's button."""
    with page.expect_file_chooser() as chooser:
        page.locator("#choose").click()
    chooser.value.set_files(list(files))  # type: ignore[arg-type]  # its type is not exported


def test_a_pasted_picture_is_read(page: Page) -> None:
    page.evaluate(GIVE, transferred("paste", code("90210").content))
    wait_until_read(page)
    assert text(page) == "90210"


def test_dropped_pictures_are_read(page: Page) -> None:
    pictures = [code(each).content for each in ("46827", "31594")]
    assert not page.evaluate(GIVE, transferred("dragover", *pictures)), "the browser would open the file itself"
    expect(page.locator("body")).to_have_class("over")
    page.evaluate(GIVE, transferred("drop", *pictures))
    expect(page.locator("#list li b")).to_have_text(["46827", "31594"])
    expect(page.locator("body")).not_to_have_class("over")


def test_several_pictures_become_a_list_with_its_progress(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) > 2:
            route.continue_()

    page.route("**/predict?*", hold)
    names = ["90210", "46827", "20853"]
    choose(page, *(code(each).file() for each in names))
    badges = page.locator("#list .badge")
    expect(badges).to_have_text(["reading", "waiting", "waiting"])
    requested(page, held, 0).continue_()
    expect(badges).to_have_text(["Accepted", "reading", "waiting"])
    progress = page.get_by_role("progressbar", name="1 of 3 pictures read")
    expect(progress).to_have_attribute("value", "1")
    requested(page, held, 1).continue_()
    expect(badges).to_have_text(["Accepted"] * 3)
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#list li b")).to_have_text(names)
    assert text(page) == "90210"
    page.locator("#list .row").nth(2).click()
    assert text(page) == "20853"


def test_a_picture_can_be_taken_off_the_list(page: Page) -> None:
    choose(page, code("90210").file(), code("46827").file())
    expect(page.locator("#list li b")).to_have_text(["90210", "46827"])
    page.get_by_role("button", name="Remove 90210-0.png").click()
    expect(page.locator("#list li b")).to_have_text(["46827"])
    expect(page.locator("#text")).to_have_text("46827")
    page.get_by_role("button", name="Remove 46827-0.png").click()
    expect(page.locator("#pictures")).to_be_hidden()
    expect(page.locator("#reading")).to_have_attribute("data-state", "none")


def test_each_example_is_read(page: Page) -> None:
    examples = page.locator("#examples button")
    for example in examples.all():
        example.click()
    expect(page.locator("#list li")).to_have_count(examples.count())
    # A mail piece is read in a process of its own, which starts now and gives way to all others.
    read = page.locator("#list .badge.accept, #list .badge.reject")
    expect(read).to_have_count(examples.count(), timeout=4 * PATIENCE)


def test_a_broken_picture_is_answered_with_a_sentence(page: Page, watch: Watch) -> None:
    watch.expected = "422"
    whole = code("90210")
    choose(page, {**whole.file(), "buffer": whole.content[:300]})
    expect(page.locator("#reading .problem")).to_have_text("This could not be read. The file may be broken or cut off.")
    expect(page.locator("#live")).to_contain_text("This could not be read.")


def test_a_file_that_is_no_picture_is_answered_with_a_sentence(page: Page, watch: Watch) -> None:
    watch.expected = "415"
    choose(page, {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear Sir or Madam, 75013 is my code."})
    expect(page.locator("#reading .problem")).to_contain_text("This is not a picture that can be read.")
    expect(page.locator("#list .badge.failed")).to_have_text("Not read")


def test_a_busy_service_is_asked_again_then_says_so_and_can_be_asked_once_more(page: Page, watch: Watch) -> None:
    watch.expected = "503"
    asked = []

    def busy(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "0.01"}, json={"detail": "all places are taken"})

    page.route("**/predict?*", busy)
    choose(page, code("90210").file())
    expect(page.locator("#reading .problem")).to_have_text("The service is busy. Try again in a moment.")
    assert len(asked) > 2
    page.unroute("**/predict?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#text")).to_have_text("90210")


def test_a_service_that_cannot_be_reached_is_said_to_be_so(page: Page, watch: Watch) -> None:
    watch.expected = "ERR_CONNECTION_REFUSED"
    page.route("**/predict?*", lambda route: route.abort("connectionrefused"))
    choose(page, code("90210").file())
    expect(page.locator("#reading .problem")).to_contain_text("The service does not answer.")


def test_a_large_photo_is_made_smaller_before_it_travels(page: Page) -> None:
    small = Image.open(io.BytesIO(code("90210").content))
    large = small.resize((small.width * 8, small.height * 8))
    choose(page, {**code("90210").file(), "buffer": encoded(large)})
    expect(page.locator("#text")).to_have_text("90210")
    sent = page.locator(".shown img").evaluate(
        "(image) => image.decode().then(() => image.naturalWidth * image.naturalHeight)"
    )
    assert 1_500_000 < sent <= 2_000_000 < large.width * large.height
