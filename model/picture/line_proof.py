"""Which of a picture's bars are printed: those that no digit could have as a stroke."""

import numpy as np

from model.picture.bars import REPEATED, Bar, Mask, abuts, beside, corner, printed_like, repeats, touch, whole
from model.picture.line_search import stretches
from model.picture.line_sheet import LEAST_LINE, LONGER_THAN_STROKES, Sheet
from model.picture.quantiles import median

# In heights of a digit. The bar of a 7 or a 2 is at most 0.75 long; hardly 0.6 of it has nothing of the digit below or
# above; and at one end it hangs together with the rest.
_NAKED = 0.8  # a line goes on so far where no digit is
_ENDS = 0.25  # or so far at both ends
_SIDE_TO_SIDE = 0.06  # or less far, if it runs through the whole picture
_ALONE_UPRIGHT = 1.5  # of one hand, a 1 is not so much higher than other digits
_TALL = 1.6  # nor any stroke
_FINE = 45  # times its thickness, no stroke is so long
_NEAR_CORNER = 0.2  # of the picture's sides: the strokes of a 4 cross further in
_ROW = 2.0  # a line through several digits
CORNER = 0.3
"""The greatest radius of a box's round corners."""
_DIGITS_IN_ROW = 3  # the bars of two digits may touch by chance
_TOUCHED = 0.4  # of a line's dashes: where more touch the writing, they are bars of its digits
_LEAST_TEETH = 3  # of a comb
_EVEN, _MOSTLY = 0.1, 0.7  # teeth differ in height and distance by less than this, most of them


def printed(sheet: Sheet) -> tuple[list[Bar], list[Bar]]:
    """Return the level and the upright bars that are printed."""
    strokes: set[int] = set()
    while True:
        level, upright = _proven_bars(sheet, strokes)
        lines = [bar for bar, proven in zip(sheet.level, level, strict=True) if proven]
        sides = [bar for bar, proven in zip(sheet.upright, upright, strict=True) if proven]
        sides += _teeth(sheet, lines)
        others = [bar for bar in sheet.upright if bar not in sides]
        # A short bar that hangs together with an upright stroke, and closes no box, is the bar of a 7.
        near = CORNER * sheet.height
        found = {
            number
            for number, bar in enumerate(sheet.level)
            if level[number]
            and bar.length < _TALL * sheet.height
            and any(touch(bar, other) for other in others)
            and not all(any(corner(bar, end, side, near) for side in sides) for end in (bar.first, bar.end - 1))
            and sum(repeats(bar, line) for line in lines) <= REPEATED
        }
        if not found:
            return lines, sides
        strokes |= found


def _proven_bars(sheet: Sheet, strokes: set[int]) -> tuple[list[bool], list[bool]]:
    """Return which level and which upright bars are printed, where the level ones of numbers `strokes` are not."""
    level = [
        number not in strokes and _proven(bar, sheet.writing, sheet.beside_level, sheet.height)
        for number, bar in enumerate(sheet.level)
    ]
    upright = [_upright_proven(bar, sheet) for bar in sheet.upright]
    _prove_rows(sheet, level)
    _prove_crossings(sheet, level, upright)
    apart = [
        bar for bar, proven in zip(sheet.level, level, strict=True) if proven and not _attached(bar, sheet.beside_level)
    ]
    if len(apart) >= REPEATED:  # other lines look like these, and strokes of the pen do not
        for number, bar in enumerate(sheet.level):
            level[number] &= whole(bar, sheet.writing.shape[1]) or any(printed_like(bar, other) for other in apart)
    for prove in (_prove_boxes, _prove_repeated, _prove_boxes):
        prove(sheet, level, upright)
        for number in strokes:
            level[number] = False
    return level, upright


def _attached(bar: Bar, hanging: Mask) -> bool:
    """Return whether `bar` is part of the ink `hanging` (H, W) on the writing: of a dashed line, many of the dashes."""
    touched = beside(bar, hanging, bar.thickness // 2)
    if not bar.period:
        return bool(touched.sum() >= 2)
    dashes = len(np.unique((np.flatnonzero(touched) / bar.period).astype(np.int64)))
    return bool(dashes > _TOUCHED * bar.length / bar.period)


def _proven(bar: Bar, writing: Mask, hanging: Mask, height: float) -> bool:
    """Return whether a level `bar` alone shows that it is printed, next to `writing` (H, W) with digits of `height`."""
    if not _attached(bar, hanging) and bar.length >= LEAST_LINE * height:
        return True
    if bar.period or bar.length < LONGER_THAN_STROKES * height:
        return _side_to_side(bar, writing, height)
    naked = stretches(~beside(bar, writing, round(height)), 0)
    return any(end - first >= _NAKED * height for first, end in naked) or _least_end(naked, bar) >= _ENDS * height


def _side_to_side(bar: Bar, writing: Mask, height: float) -> bool:
    """Return whether `bar` crosses the whole picture, and does so beyond the `writing` (H, W) at both ends."""
    if not whole(bar, writing.shape[1]):
        return False
    naked = stretches(~beside(bar, writing, round(height)), 0)
    return _least_end(naked, bar) >= max(_SIDE_TO_SIDE * height, bar.thickness + 1)


def _least_end(naked: list[tuple[int, int]], bar: Bar) -> int:
    """Return how many columns at either end of `bar`, at least, are in one of the `naked` stretches."""
    if not naked:
        return 0
    (first, end), (last, final) = naked[0], naked[-1]
    return min(end if first == 0 else 0, bar.length - last if final == bar.length else 0)


def _upright_proven(bar: Bar, sheet: Sheet) -> bool:
    """Return whether an upright `bar` alone shows that it is printed."""
    writing, height = sheet.writing.T, sheet.height
    if _side_to_side(bar, writing, height):
        return True
    if _attached(bar, sheet.beside_upright.T):
        return not bar.period and bar.length >= _TALL * height
    if bar.period:
        return bar.length >= LEAST_LINE * height
    # A 1 beside small marks is higher than they are, but not so fine.
    fine = bar.length >= _FINE * bar.thickness
    return bar.length >= _ALONE_UPRIGHT * height and (fine or sheet.writing.sum() >= bar.length * bar.thickness)


def _prove_rows(sheet: Sheet, level: list[bool]) -> None:
    """Mark in `level` the bars that fill the gaps between three digits or more."""
    for number, bar in enumerate(sheet.level):
        if not level[number] and bar.length >= _ROW * sheet.height and not bar.period:
            level[number] = len(stretches(beside(bar, sheet.writing, round(sheet.height)), 1)) >= _DIGITS_IN_ROW


def _prove_crossings(sheet: Sheet, level: list[bool], upright: list[bool]) -> None:
    """Mark the bars that run through the whole picture and cross another such near its corner, and go on beyond it."""
    height, width = sheet.writing.shape
    for number, bar in enumerate(sheet.level):
        for other, side in enumerate(sheet.upright):
            if whole(bar, width) and whole(side, height) and printed_like(bar, side) and printed_like(side, bar):
                column = side.row(bar.row(width / 2))
                row = bar.row(column)
                room = (bar.thickness + side.thickness) / 4 + 1
                if _near_end(row, height, room) and _near_end(column, width, room):
                    level[number] = upright[other] = True


def _near_end(at: float, side: int, room: float) -> bool:
    """Return whether place `at` of 0 to `side` is near an end, but at least `room` from it."""
    return room <= min(at, side - 1 - at) <= _NEAR_CORNER * side


def _prove_boxes(sheet: Sheet, level: list[bool], upright: list[bool]) -> None:
    """Mark the bars that close a box with others."""
    near = CORNER * sheet.height
    for _ in range(2):
        lines = [bar for bar, proven in zip(sheet.level, level, strict=True) if proven]
        for number, side in enumerate(sheet.upright):
            ends = (side.first, side.end - 1)
            upright[number] |= side.length >= LEAST_LINE * sheet.height and all(
                any(corner(side, end, bar, near) or abuts(side, end, bar) for bar in lines) for end in ends
            )
        sides = [bar for bar, proven in zip(sheet.upright, upright, strict=True) if proven]
        for number, bar in enumerate(sheet.level):
            ends = (bar.first, bar.end - 1)
            level[number] |= all(any(corner(bar, end, side, near) for side in sides) for end in ends)


def _prove_repeated(sheet: Sheet, level: list[bool], upright: list[bool]) -> None:
    """Mark the bars that repeat two proven ones in the same row, or start where these do."""
    for bars, proven in ((sheet.level, level), (sheet.upright, upright)):
        known = [bar for bar, each in zip(bars, proven, strict=True) if each]
        for number, bar in enumerate(bars):
            proven[number] |= sum(repeats(bar, other) for other in known) >= REPEATED


def _teeth(sheet: Sheet, lines: list[Bar]) -> list[Bar]:
    """Return the short upright bars that stand on one of `lines`, of one length and evenly apart: a comb's teeth."""
    teeth = [
        bar
        for bar in sheet.upright
        if not _attached(bar, sheet.beside_upright.T)
        and any(abuts(bar, end, line) for line in lines for end in (bar.first, bar.end - 1))
    ]
    if len(teeth) < _LEAST_TEETH:
        return []
    length = median(np.array([bar.length for bar in teeth]))
    teeth = [bar for bar in teeth if abs(bar.length - length) <= max(2, _EVEN * length)]
    if len(teeth) < _LEAST_TEETH:
        return []
    gaps = np.diff(sorted(bar.row(bar.first) for bar in teeth))
    apart = median(gaps)
    even = np.abs(gaps - apart) <= max(2, _EVEN * apart)
    return teeth if even.mean() > _MOSTLY else []
