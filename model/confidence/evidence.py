"""What speaks for and against a reading: what the readers see while they read, before any of it is weighed."""

from dataclasses import dataclass
from typing import Literal

Way = Literal["digit", "counted", "uncounted", "envelope"]
"""How a picture was read: as one digit; as a number, its count of digits known or not; as a code on a mail piece."""


@dataclass(frozen=True)
class Evidence:
    """What tells right readings from wrong ones. It knows neither strips nor mail: the readers fill it.

    text: what was read, and in which way. chance: of it, by the networks and by what is expected. nothing: the chance
    that no digit, or no whole one, is there.
    least_digit: the chance of the least sure digit, among the ten. agreeing: the share of the looks that find the text
    likeliest. least_look: the least chance that any look gives it. rival: the chance of the likeliest other text, on
    average over the looks. digit_chance: the least chance, by the classifier of single digits, that one is a digit.
    height: the digits' median height in pixels of the picture. heights, levels, gaps: the spread of the digits'
    heights, of their middles and of the gaps between them, in heights of a digit. widest: the widest digit, likewise.
    unread: the share of the ink outside the digits' boxes. taken: the share that was taken away before, as printed
    lines or specks. ringed: the share that was taken away as a ring around the writing. slash: the chance that a stroke
    between the digits is a slash; it is sought where their count is not as expected. choice: the log-odds, by where it
    stands on a mail piece, that it is the addressee's code; lead: how much greater they are than those of any other
    code there. Both are 0 where the picture is no mail piece.
    """

    text: str
    way: Way
    chance: float
    nothing: float
    least_digit: float
    agreeing: float
    least_look: float
    digit_chance: float
    height: float
    widest: float
    unread: float
    heights: float = 0.0
    levels: float = 0.0
    gaps: float = 0.0
    taken: float = 0.0
    ringed: float = 0.0
    rival: float = 0.0
    slash: float = 0.0
    choice: float = 0.0
    lead: float = 0.0
