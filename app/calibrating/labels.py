"""labels.csv -> which pictures show what, checked before anything is read."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from app.calibrating.sources import TABLE, LabelsError, Source

FEWEST = 20
"""Fewer pictures show nothing worth a file."""
MOST_BYTES = 100_000_000
"""Of labels.csv: a million pictures, which is more than anyone labels."""


@dataclass(frozen=True)
class Label:
    """A row: the picture's file, the digits in it (none where there is nothing to read), and how much it counts.

    decision: what the service decided when the picture was sent; empty where that is not known.
    """

    file: str
    code: str
    decision: str = ""
    weight: float = 1.0


def table_of(source: Source) -> bytes:
    """Return labels.csv as it is in `source`. Raises LabelsError where it cannot be read."""
    try:
        table = source.read(TABLE, MOST_BYTES + 1)
    except OSError as error:
        raise LabelsError(f"{source.table} cannot be read: {error.strerror}") from error
    if len(table) > MOST_BYTES:
        raise LabelsError(f"{source.table} must have at most {MOST_BYTES} bytes; it has more")
    return table


def read_labels(source: Source) -> list[Label]:
    """Return the rows of labels.csv in `source`. Raises LabelsError with one sentence where they are of no use."""
    path = source.table
    try:
        rows = csv.DictReader(io.StringIO(table_of(source).decode("utf-8-sig"), newline=""))
        missing = {"file", "code"} - set(rows.fieldnames or ())
        if missing:
            raise LabelsError(f"{path} must have the columns file and code; {' and '.join(sorted(missing))} missing")
        labels = [_label(row, f"{path}, line {rows.line_num}") for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"{path} must be a CSV file in UTF-8: {error}") from error
    check(labels, path)
    return labels


def check(labels: Sequence[Label], path: str) -> None:
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
