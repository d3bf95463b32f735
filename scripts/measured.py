"""Tables of what was measured, from the JSON files of docs/measured that the scripts named beside them wrote."""

import json
from typing import Any

from documents import ROOT, table

FOLDER = ROOT / "docs" / "measured"
_WAYS = {
    "digit": "single digits, and marks that are none",
    "counted": "codes and numbers of a known count, and what is none",
    "uncounted": "codes and numbers of any count, and what is none",
}
_PIECES = {"pen": "mail pieces, address by pen", "print": "mail pieces, address in print"}
_HEAD = ["", "pieces", "found", "exact", "accepted", "wrong among them", "sender's code answered", "ms (95 %)"]


def accepted() -> str:
    """Return what is accepted of each kind of picture, and how much of that is wrong, as a table."""
    rows = []
    for row in read("confidence").get("rows", []):
        if row["kind"] == "all":
            count, wrong = row["accepted"][0]
            rows.append([_WAYS[row["way"]], f"{row['n']:,}", f"{count / row['n']:.1%}", _wrong(wrong, count)])
    pieces = read("envelopes")
    for name, words in _PIECES.items():
        group = pieces.get("groups", {}).get(name)
        if group:
            rows.append([words, f"{group['n']:,}", f"{group['accepted']:.1%}", _wrong(*_accepted(group))])
    without = pieces.get("without_code")
    if without:
        count = round(without["accepted"] * without["n"])
        rows.append(["mail pieces without a code", f"{without['n']:,}", f"{without['accepted']:.1%}", f"{count}"])
    return table(["what", "pictures", "accepted", "wrong among the accepted"], rows)


def pieces(name: str) -> str:
    """Return the scores that evaluate_envelopes.py wrote to the file of that `name`, as a table and a sentence."""
    scores = read(name)
    if not scores:
        return "Not measured yet.\n"
    rows = [["all", *_scores(scores)], *([group, *_scores(of)] for group, of in scores["groups"].items())]
    causes = ", ".join(f"{count} {cause}" for cause, count in scores["causes"].items())
    without = scores["without_code"]
    return (
        table(_HEAD, rows)
        + f"\nWhy readings are wrong: {causes}. Of {without['n']} pieces without a code, "
        + f"{round(without['accepted'] * without['n'])} are accepted.\n"
    )


def speed() -> str:
    """Return how long a mail piece takes, as a sentence; nothing where that was not measured."""
    scores = read("envelopes")
    if not scores:
        return ""
    median, most = scores["milliseconds"], scores["milliseconds_95"]
    return f"A mail piece takes {median:.0f} ms of one core (the median; 95 % take at most {most:.0f} ms).\n"


def read(name: str) -> dict[str, Any]:
    """Return what the file of that `name` holds; nothing where there is none."""
    path = FOLDER / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _accepted(group: dict[str, Any]) -> tuple[int, int]:
    """Return how many accepted readings are wrong, and how many are accepted."""
    count = round(group["accepted"] * group["n"])
    return round(group["error_among_accepted"] * count), count


def _wrong(wrong: int, count: int) -> str:
    return f"{wrong} ({wrong / count:.2%})" if count else "0"


def _scores(of: dict[str, Any]) -> list[str]:
    return [
        f"{of['n']:,}", f"{of['found']:.1%}", f"{of['exact']:.1%}", f"{of['accepted']:.1%}", _wrong(*_accepted(of)),
        f"{of['sender_answered']:.1%}", f"{of['milliseconds']:.0f} ({of['milliseconds_95']:.0f})",
    ]  # fmt: skip
