"""Ink -> the same without what is printed: rules, underlines, squared paper, frames, the boxes and combs of a form."""

import numpy as np

from model.picture.bars import Bar, erase
from model.picture.components import CLEAR, Components, connected_components
from model.picture.line_proof import CORNER, printed
from model.picture.line_sheet import sheet_of
from model.picture.resampling import block_maxima, step_for
from model.types import InkMap

_LEAST_SIDE = 12  # pixels: in a smaller picture a stroke is no thicker than a line
_MOST_PIXELS = 160_000  # lines are sought at a scale of at most so many, so that time is bounded
_LEFT = 0.05  # of the ink: a line that is nearly all there is is a 1
_BLUR = 3  # pixels around a round corner


def without_printed_lines(strength: InkMap, written: Components) -> InkMap:
    """Return `strength` (H, W), whose clear ink is `written`, without straight lines that no pen wrote.

    A bar is a line, and not a stroke, where it shows that no digit has such a stroke: it goes on where no digit is, in
    the gaps between digits or beyond their ends; it stands alone below or above them; or it closes a box with others.
    In doubt it stays, and so does a stroke where it crosses a line. Where there is no line, `strength` itself is
    returned. The picture may be askew by up to 5.7 degrees.
    """
    if min(strength.shape) < _LEAST_SIDE:
        return strength
    factor = step_for(strength.size, _MOST_PIXELS)
    seen = block_maxima(strength, factor)
    cleaned = _without(seen, written if factor == 1 else connected_components(seen > CLEAR))
    if cleaned is None:
        return strength
    erased = np.repeat(np.repeat(cleaned != seen, factor, axis=0), factor, axis=1)
    return np.where(erased[: strength.shape[0], : strength.shape[1]], np.float32(0), strength)


def _without(seen: InkMap, written: Components) -> InkMap | None:
    """Return `seen` (H, W), whose clear ink is `written`, without its printed lines; None where it has none."""
    sheet = sheet_of(seen, written) if len(written) else None
    if sheet is None:
        return None
    lines, sides = printed(sheet)
    if not lines and not sides:
        return None
    cleaned = seen.copy()
    for bar in lines:
        erase(cleaned, bar)
    for bar in sides:
        erase(cleaned.T, bar)
    _erase_corners(cleaned, lines, sides, CORNER * sheet.height)
    return cleaned if cleaned.sum() >= _LEFT * seen.sum() else None


def _erase_corners(ink: InkMap, lines: list[Bar], sides: list[Bar], near: float) -> None:
    """Erase, in place, what is left of round corners in `ink` (H, W), between the ends of a line and of a side."""
    corners = [
        (y, x, side.row(y), line.row(x))
        for line in lines
        for x in (line.first, line.end - 1)
        for side in sides
        for y in (side.first, side.end - 1)
        if abs(line.row(x) - y) <= near and abs(side.row(y) - x) <= near
    ]
    if not corners:
        return
    components = connected_components(ink > 0)
    gone = np.zeros(len(components), np.bool_)
    for y, x, column, row in corners:
        top, bottom = min(y, row) - _BLUR, max(y, row) + _BLUR + 1
        left, right = min(x, column) - _BLUR, max(x, column) + _BLUR + 1
        gone |= (
            (components.tops >= top)
            & (components.bottoms <= bottom)
            & (components.lefts >= left)
            & (components.rights <= right)
        )
    if gone.any():
        ink[components.mask(gone)] = 0
