"""The pad of the page, written on as a person does: stroke by stroke, waiting for what is read."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.hands import Hand, Point, Stroke, written

# Resolves once a picture other than `before` is shown, and has been read where `read` is told; looks every few
# milliseconds, where Playwright's own waiting looks every tenth of a second.
_SHOWN = """([before, read, patience]) => new Promise((resolve, reject) => {
  const begun = performance.now();
  const look = () => {
    const place = document.getElementById("reading");
    const shown = place.querySelector(".shown img")?.src ?? "";
    if (shown !== before && (!read || place.dataset.state === "read")) resolve(shown);
    else if (performance.now() - begun > patience) reject(new Error(`still ${place.dataset.state}`));
    else setTimeout(look, 4);
  };
  look();
})"""
_PATIENCE = 10_000  # milliseconds


class Pad:
    """The pad of a page, written on with a mouse or a finger.

    Movements are sent by Chromium's own protocol: Playwright's `mouse.move` takes four times as long.
    """

    def __init__(self, page: Page, *, touch: bool = False) -> None:
        self._page, self._touch = page, touch
        self._session = page.context.new_cdp_session(page)

    def size(self) -> Point:
        """Return how wide and high the pad is, in pixels."""
        box = self._box()
        return box["width"], box["height"]

    def write(self, digit: int, form: int, hand: Hand) -> str:
        """Write a digit with a pen as wide as the hand's, and return what is read."""
        self._page.locator("#pen").fill(str(hand.pen))
        return self.draw(written(digit, form, hand, self.size()))

    def draw(self, strokes: list[Stroke]) -> str:
        """Draw strokes, in the pad's pixels, and return what is read of them."""
        shown = self._page.evaluate(_SHOWN, [None, False, 0])
        for number, stroke in enumerate(strokes, start=1):
            self.stroke(stroke)
            shown = self._page.evaluate(_SHOWN, [shown, number == len(strokes), _PATIENCE])
        return text(self._page)

    def stroke(self, stroke: Stroke) -> None:
        """Draw a stroke, in the pad's pixels."""
        box = self._box()
        first, *others = [(box["x"] + x, box["y"] + y) for x, y in stroke]
        self._send("Start" if self._touch else "Pressed", first)
        for point in others:
            self._send("Move" if self._touch else "Moved", point)
        self._send("End" if self._touch else "Released", others[-1])

    def clear(self) -> None:
        """Empty the pad."""
        self._page.locator("#clear").dispatch_event("click")

    def _box(self) -> Any:
        return self._page.locator("#canvas").bounding_box()

    def _send(self, what: str, point: Point) -> None:
        place = {"x": point[0], "y": point[1]}
        if self._touch:
            points = [] if what == "End" else [place]
            self._session.send("Input.dispatchTouchEvent", {"type": f"touch{what}", "touchPoints": points})
        else:
            mouse = {"type": f"mouse{what}", "button": "left", "buttons": 1, "clickCount": 1}
            self._session.send("Input.dispatchMouseEvent", {**mouse, **place})


def wait_until_read(page: Page) -> None:
    """Return once the answer to the last request is shown."""
    expect(page.locator("#reading")).to_have_attribute("data-state", "read")


def text(page: Page) -> str:
    """Return what was read."""
    return page.locator("#text").inner_text()
