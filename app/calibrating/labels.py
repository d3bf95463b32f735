"""labels.csv -> which pictures show what, checked before anything is read."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FEWEST = 20
"""Fewer pictures show nothing worth a file."""


class LabelsError(ValueError):
    """The labels cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Label:
    """A row: the picture's file, the digits in it (none where there is nothing to read), and how much it counts.

    decision: what the service decided when the picture was sent; empty where that is not known.
    """

    file: str
    code: str
    decision: str = ""
    weight: float = 1.0


def read_labels(folder: Path) -> list[Label]:
    """Return the rows of labels.csv in `folder`. Raises LabelsError with one sentence where they are of no use."""
    path = folder / "labels.csv"
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            missing = {"file", "code"} - set(rows.fieldnames or ())
            if missing:
                raise LabelsError(
                    f"{path} must have the columns file and code; {' and '.join(sorted(missing))} missing"
                )
            labels = [_label(row, f"{path}, line {rows.line_num}") for row in rows]
    except OSError as error:
        raise LabelsError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"{path} must be a CSV file in UTF-8: {error}") from error
    check(labels, path)
    return labels


def check(labels: Sequence[Label], path: Path) -> None:
    """Raise LabelsError where `labels`, the rows of `path`, are too few or say nothing of the accepted."""
    if len(labels) < FEWEST:
        raise LabelsError(
            f"{path} has {len(labels)} pictures; at least {FEWEST} are needed, and 200 to 2,000 are better"
        )
    if any(label.decision for label in labels) and not any(label.decision == "accept" for label in labels):
        raise LabelsError(
            f"{path} has refused pictures alone, which say nothing of those that are accepted: add a random sample of "
            "accepted ones, and say in the column `sampling` what share of them it is"
        )


def _label(row: dict[str, str | None], where: str) -> Label:
    file, code = (row["file"] or "").strip(), "".join((row["code"] or "").replace("-", " ").split())
    decision, sampling = ((row.get(name) or "").strip() for name in ("decision", "sampling"))
    if not file:
        raise LabelsError(f"{where}: `file` must name a picture; it is empty")
    if code and not (code.isascii() and code.isdigit()):
        raise LabelsError(
            f"{where}: `code` must be digits, or empty where there is nothing to read; got {row['code']!r}"
        )
    if decision not in {"", "accept", "reject"}:
        raise LabelsError(f"{where}: `decision` must be accept, reject or empty; got {decision!r}")
    try:
        share = float(sampling) if sampling else 1.0
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise LabelsError(f"{where}: `sampling` must be above 0 and at most 1; got {sampling!r}")
    return Label(file, code, decision, 1 / share)
