"""Line -> the first look at it: what one network says of it, and the strings that this may spell."""

from dataclasses import dataclass, replace

import numpy as np

from model.picture.ink import Ink
from model.strips.band import Band, band_of
from model.strips.decoding import LogChances, likeliest_strings
from model.strips.line import Line, find_line, find_lines
from model.strips.sliding import BLANK, SlidingNetwork
from model.types import InkMap

_CLEAR = 0.9  # the chance of a line's digits at the first look, beyond which nothing likelier is sought
_SURELY = 0.95  # of digits that hang together with lines, beyond which these may be strokes
_DOUBT = 0.5  # of other digits, beyond which neither is to be trusted


@dataclass(frozen=True)
class Look:
    """What the network sees of a line at one size, what it says of it, and the likeliest strings with their chances."""

    band: Band
    log_chances: LogChances
    strings: dict[str, float]


@dataclass(frozen=True)
class Glance:
    """A line of writing and the first look at it: enough to tell a strip from a single digit.

    doubtful: whether its ink reads as other digits without what may be lines.
    """

    line: Line
    look: Look
    doubtful: bool = False

    @property
    def text(self) -> str:
        """The likeliest digits."""
        return max((text for text in self.look.strings if text), key=self.look.strings.__getitem__)

    @property
    def sure(self) -> float:
        """The chance of the likeliest digits."""
        return self.look.strings[self.text]

    @property
    def several(self) -> float:
        """The chance that the line holds more than one digit."""
        return sum(chance for text, chance in self.look.strings.items() if len(text) > 1)


def glance_at(unlined: InkMap, network: SlidingNetwork) -> Glance | None:
    """Return the line of writing in ink `unlined` (H, W) and what `network` says about it; None where there is none."""
    line = find_line(unlined)
    return None if line is None else Glance(line, look_at(band_of(line), network))


def surest_glance(ink: Ink, network: SlidingNetwork) -> Glance | None:
    """Return what `glance_at` does, of all that may be the line in `ink` what reads surest.

    Strokes of digits may be taken for printed lines, but lines hardly ever read as digits. So where the ink reads
    surely with them, it counts as it is; where it reads as surely without them, as others, neither is to be trusted.
    """
    without = _surest(ink.unlined, network)
    if ink.unlined is ink.strength or without is None:
        return without
    whole = _surest(ink.strength, network)
    if whole is None or whole.sure <= _SURELY or whole.text == without.text:
        return without
    return replace(whole, doubtful=without.sure > _DOUBT)


def _surest(strength: InkMap, network: SlidingNetwork) -> Glance | None:
    """Return what reads surest of all that may be the line, at once where the first does."""
    best: Glance | None = None
    for line in find_lines(strength):
        glance = Glance(line, look_at(band_of(line), network))
        if best is None or glance.sure > best.sure:
            best = glance
        if best.sure > _CLEAR:
            break
    return best


def glance_again(glance: Glance, network: SlidingNetwork) -> Glance:
    """Return the same line with what another `network` says about it."""
    return replace(glance, look=look_at(glance.look.band, network))


def upside_down_look(glance: Glance, network: SlidingNetwork) -> Look:
    """Return what `network` says about the line of `glance` upside down: its band is the same, turned."""
    band = glance.look.band
    return look_at(replace(band, image=np.ascontiguousarray(band.image[::-1, ::-1])), network)


def look_at(band: Band, network: SlidingNetwork) -> Look:
    """Return what `network` says of `band`."""
    log_chances = network.log_chances(band)
    strings = likeliest_strings(log_chances)
    if not any(strings):  # whatever is written must have a best reading
        strings.update(_loudest_digit(log_chances))
    return Look(band, log_chances, strings)


def _loudest_digit(log_chances: LogChances) -> dict[str, float]:
    """Return the one digit that is likeliest in any frame, as a string, with its rough chance."""
    frame, digit = np.unravel_index(int(log_chances[:, :BLANK].argmax()), (len(log_chances), BLANK))
    return {str(digit): float(np.exp(log_chances[frame, digit]))}
