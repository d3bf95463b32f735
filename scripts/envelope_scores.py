"""How the reading of a mail piece compares with its label: whether the code was found, and why it was not read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from evaluate_strips import edits
from model.places import Corner
from model.types import Picture

Quad = NDArray[np.float64]

FOUND = 0.5
"""The share of the code's place that an answer must cover."""
ASTRAY = 45.0
"""Degrees from which on a code is said to be read the wrong way up."""
CAUSES = {
    "place": "by the place not found",
    "candidate": "by another place chosen",
    "turn": "by the way it lies",
    "reading": "by the digits",
}
"""Why a reading is wrong, and how the table says it. Another place was chosen where the right one is among others."""
WITHOUT = "without a code"
"""The name of the group of pieces that have no code to read."""
_ZIP, _ZIP_PLUS_4 = 5, 9  # digits
_RASTER = 400  # pixels that areas are compared at


class Elsewhere(Protocol):
    """A code found elsewhere on the piece."""

    @property
    def text(self) -> str: ...
    @property
    def corners(self) -> Sequence[Corner]: ...


class Answer(Protocol):
    """What is asked of a reading."""

    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def decision(self) -> Literal["accept", "reject"]: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def corners(self) -> Sequence[Corner] | None: ...
    @property
    def turned(self) -> int: ...
    @property
    def others(self) -> Sequence[Elsewhere]: ...


class EnvelopeReader(Protocol):
    """Reads mail pieces."""

    def read(
        self, picture: Picture, *, kind: Literal["envelope"], country: str | None, digits: int | None, max_error: float
    ) -> Answer: ...


def quad_of(text: str) -> Quad | None:
    """Return the corners (4, 2) of a label, None of an empty one. Raises ValueError where they are not four."""
    if not text:
        return None
    try:
        quad = np.array([[float(number) for number in corner.split(",")] for corner in text.split(";")])
    except ValueError:
        quad = np.zeros(0)
    if quad.shape != (4, 2):
        raise ValueError(f"quad must be four corners x,y;x,y;x,y;x,y; got {text!r}")
    return quad


def covered(quad: Quad, corners: Sequence[Corner]) -> float:
    """Return the share of the area of `quad` that `corners` cover."""
    both = np.concatenate([quad, np.array(corners, np.float64)])
    low = both.min(axis=0)
    scale = _RASTER / max(1e-6, float((both.max(axis=0) - low).max()))
    masks = []
    for shape in (quad, np.array(corners, np.float64)):
        mask = Image.new("1", (_RASTER + 1, _RASTER + 1))
        ImageDraw.Draw(mask).polygon([tuple(corner) for corner in (shape - low) * scale], fill=1)
        masks.append(np.asarray(mask))
    return float((masks[0] & masks[1]).sum() / max(1, masks[0].sum()))


@dataclass(frozen=True)
class Read:
    """A piece's row of labels.csv, the place of its code, its reading, and the milliseconds that it took."""

    label: dict[str, str]
    quad: Quad | None
    reading: Answer
    milliseconds: float

    @property
    def exact(self) -> bool:
        """Whether the code was read as it stands, all nine digits of a ZIP+4 included."""
        return self.reading.text == self.label["code"]

    @property
    def in_part(self) -> bool:
        """Whether only the first five digits of a ZIP+4 were read: not all that stands there, but no wrong address."""
        code = self.label["code"]
        return len(code) == _ZIP_PLUS_4 and self.reading.text == code[:_ZIP]

    @property
    def accepted(self) -> bool:
        return self.reading.decision == "accept"

    @property
    def found(self) -> bool:
        """Whether the answer lies on the code; where no label says where that is, whether it was read."""
        if self.quad is None or self.reading.corners is None:
            return self.quad is None and self.exact
        needed = FOUND * _ZIP / _ZIP_PLUS_4 if self.in_part else FOUND
        return covered(self.quad, self.reading.corners) >= needed

    @property
    def sender_answered(self) -> bool:
        """Whether the sender's code was answered in place of another."""
        sender = self.label.get("sender_code", "")
        return bool(sender) and self.reading.text == sender != self.label["code"]

    @property
    def cause(self) -> str:
        """Why the reading is wrong, one of CAUSES; empty where it is right, and where there is no code to read."""
        if not self.label["code"] or self.exact:
            return ""
        if not self.found:
            quad = self.quad
            elsewhere = quad is not None and any(covered(quad, each.corners) >= FOUND for each in self.reading.others)
            return "candidate" if elsewhere else "place"
        if self.quad is not None:
            across, down = self.quad[1] - self.quad[0]
            off = (np.degrees(np.arctan2(down, across)) - self.reading.turned + 180) % 360 - 180
            if abs(off) > ASTRAY:
                return "turn"
        return "reading"


def scores(read: list[Read]) -> dict[str, Any]:
    """Return the scores of a group of pieces; of those without a code, only how many are accepted counts."""
    accepted = [each for each in read if each.accepted]
    digits = sum(len(each.label["code"]) for each in read)
    milliseconds = [each.milliseconds for each in read]
    return {
        "n": len(read),
        "found": _share(each.found for each in read),
        "exact": _share(each.exact for each in read),
        "digit_error_rate": sum(edits(each.reading.text, each.label["code"]) for each in read) / max(digits, 1),
        "accepted": _share(each.accepted for each in read),
        "error_among_accepted": _share(not each.exact and not each.in_part for each in accepted),
        "sender_answered": _share(each.sender_answered for each in read),
        "causes": {cause: sum(each.cause == cause for each in read) for cause in CAUSES},
        "milliseconds": round(float(np.median(milliseconds)), 1),
        "milliseconds_95": round(float(np.quantile(milliseconds, 0.95)), 1),
    }


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / max(len(values), 1)


def groups(read: list[Read]) -> Iterable[tuple[str, list[Read]]]:
    """Yield all pieces with a code, then by writing, view, country and sender, and at last those without a code."""
    with_code = [each for each in read if each.label["code"]]
    if with_code:
        yield "all", with_code
    for column in ("writing", "view", "country"):
        for value in sorted({each.label.get(column, "") for each in with_code} - {""}):
            yield value, [each for each in with_code if each.label.get(column) == value]
    for name, has in (("with a sender", True), ("without a sender", False)):
        some = [each for each in with_code if bool(each.label.get("sender_code")) == has]
        if some:
            yield name, some
    without = [each for each in read if not each.label["code"]]
    if without:
        yield WITHOUT, without
