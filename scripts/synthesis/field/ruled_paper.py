"""Writing on ruled paper: lines, squares, graph paper, and lines drawn under it."""

from collections.abc import Callable
from functools import partial

import numpy as np

from synthesis.field.printer import Printer, Stroke, askew, on_form
from synthesis.field.sample import FieldKind, Random, Sample, any_code, any_height, around, one_digit
from synthesis.hand import Hand, Ink

Print = Callable[[Random, Ink, int], Ink]
"""Makes the print beside writing (H, W) whose digits are so many pixels high."""


def _parallel(
    printer: Printer, random: Random, ink: Ink, pitch: float, stroke: Stroke, tilt: float, *, upright: bool
) -> None:
    """Print lines across the whole sheet, `pitch` pixels apart, level or upright, tilted by `tilt`."""
    height, width = ink.shape
    long, deep = (height, width) if upright else (width, height)
    reach = abs(tilt) * long
    for at in np.arange(random.uniform(0, pitch) - reach, deep + reach, pitch):
        start, end = (-2.0, at - tilt * long / 2), (long + 2.0, at + tilt * long / 2)
        if upright:
            printer.line((deep - start[1], start[0]), (deep - end[1], end[0]), stroke)
        else:
            printer.line(start, end, stroke)


def _digit(random: Random) -> tuple[Ink, str, int]:
    height = any_height(random, 20)
    ink, label = one_digit(random, height)
    return around(ink, random, 0.2, 1.0), label, height


def _number(random: Random) -> tuple[Ink, str, int]:
    code, height = any_code(random), any_height(random, 20, 70)
    ink = Hand.any(random).number(code, height, random, gap=float(random.uniform(0.15, 0.5)))
    return around(ink, random, 0.2, 0.8), code, height


def _squared_print(random: Random, ink: Ink, height: int) -> Ink:
    printer, tilt = Printer(*ink.shape), askew(random)
    pitch = max(8.0, height * float(np.exp(random.uniform(np.log(0.4), np.log(2.5)))))
    stroke = Stroke(max(1.0, height * float(random.uniform(0.012, 0.04))))
    for upright in (False, True):
        _parallel(printer, random, ink, pitch, stroke, tilt, upright=upright)
    return printer.ink()


def _lined_print(random: Random, ink: Ink, height: int) -> Ink:
    printer = Printer(*ink.shape)
    pitch = max(8.0, height * float(random.uniform(0.5, 2.5)))
    _parallel(printer, random, ink, pitch, Stroke.any(random, height), askew(random), upright=False)
    return printer.ink()


def _graph_print(random: Random, ink: Ink, height: int) -> Ink:
    printer, tilt = Printer(*ink.shape), askew(random, 2)
    pitch = max(8.0, height * float(random.uniform(0.35, 0.8)))
    fine = Stroke(max(1.0, height * 0.012))
    for upright in (False, True):
        _parallel(printer, random, ink, pitch, fine, tilt, upright=upright)
        _parallel(printer, random, ink, 5 * pitch, Stroke(2 * fine.width), tilt, upright=upright)
    return printer.ink()


def _underline_print(random: Random, ink: Ink, height: int) -> Ink:
    printer, stroke = Printer(*ink.shape), Stroke.any(random, height)
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    left = columns[0] - height * random.uniform(0, 0.25)
    right = columns[-1] + height * random.uniform(0, 0.25)
    rise = askew(random) * (right - left)
    at = rows[-1] + stroke.width + height * random.uniform(0.04, 0.2)
    for _ in range(int(random.integers(1, 3))):
        printer.line((left, at + rise / 2), (right, at - rise / 2), stroke)
        at += 2 * stroke.width + height * random.uniform(0.03, 0.08)
    return printer.ink()


def _digit_on(print_: Print, random: Random, below: float = 0.0) -> Sample:
    """Return a digit with what `print_` makes, and room below it of so many times its height."""
    ink, label, height = _digit(random)
    ink = np.pad(ink, ((0, round(below * height)), (0, 0)))
    printed = print_(random, ink, height)
    return Sample(on_form(ink, printed, random), label, "digit" if random.random() < 0.6 else "auto")


def _number_on(print_: Print, random: Random, below: float = 0.0) -> Sample:
    """Return a number with what `print_` makes, and room below it of so many times a digit's height."""
    ink, code, height = _number(random)
    ink = np.pad(ink, ((0, round(below * height)), (0, 0)))
    printed = print_(random, ink, height)
    return Sample(on_form(ink, printed, random), code, "strip", len(code) if random.random() < 0.6 else None)


KINDS = (
    FieldKind("a digit on squared paper", partial(_digit_on, _squared_print)),
    FieldKind("a number on squared paper", partial(_number_on, _squared_print)),
    FieldKind("a digit on lined paper", partial(_digit_on, _lined_print)),
    FieldKind("a number on lined paper", partial(_number_on, _lined_print)),
    FieldKind("a digit on graph paper", partial(_digit_on, _graph_print)),
    FieldKind("an underlined digit", partial(_digit_on, _underline_print, below=0.4)),
    FieldKind("an underlined number", partial(_number_on, _underline_print, below=0.4)),
)
