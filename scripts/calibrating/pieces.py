"""Labelled pictures of whole mail pieces, made and real ones, to fit confidence on or to measure it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from calibrating.pictures import Labelled, Part, Question, Source
from evaluate_envelopes import labels_in
from pictures import read_picture

_MADE = ("envelopes-fit", "envelopes-test")
"""The folders that make_envelopes.py filled: pieces to fit on, and pieces to measure on."""
_MEASURES = "hand_b"
"""Whose real letters only measure."""

Row = Mapping[str, str]


def mail_pieces(data: Path, part: Part) -> dict[str, Source]:
    """Return, by kind, what yields the pieces of this `part`; folders that `data` lacks are left out."""
    kinds: dict[str, tuple[Path, Callable[[Row], bool]]] = {
        "mail pieces by pen": (data / _MADE[part.parity], lambda row: bool(row["code"]) and row["writing"] == "pen"),
        "mail pieces in print": (data / _MADE[part.parity], lambda row: bool(row["code"]) and row["writing"] != "pen"),
        "no code: mail pieces": (data / _MADE[part.parity], lambda row: not row["code"]),
        "photographed mail": (data / "envelopes", lambda row: (_MEASURES in row["file"]) == (part.parity == 1)),
    }
    return {name: _pieces(folder, wanted) for name, (folder, wanted) in kinds.items() if folder.is_dir()}


def _pieces(folder: Path, wanted: Callable[[Row], bool]) -> Source:
    def made() -> Iterator[Labelled]:
        for row in labels_in(folder, "all"):
            if wanted(row):
                question = Question("envelope", country=row["country"])
                yield Labelled(read_picture(folder / row["file"]), row["code"], (question,))

    return made
