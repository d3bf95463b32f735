"""Send pictures to a running service as a table of cases says, and list those that are not answered as expected.

DIR holds the files and cases.csv, of which the columns `file`, `how to send` and `expected` are used. The second is a
curl command with the address localhost:8000, or `as above`. The third is a text (75011), a status, or both (200, 7);
more may follow after `, or`, such as `a reason` (refused, and it says why) or `4xx`. Anything else is only shown.
A right reading that is refused is listed too, but is no failure. The exit code is 1 where a case fails.
Example: python scripts/send_cases.py cases --url http://localhost:8000
"""

import argparse
import csv
import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ADDRESS = "localhost:8000"  # in the commands of the table
SECONDS = 60
MARK = "\nstatus: "  # what curl writes between the answer's body and its status


@dataclass(frozen=True)
class Answer:
    """An answer's status and its body, `{}` where that is no JSON object."""

    status: int
    body: dict[str, Any]

    def __str__(self) -> str:
        if "text" not in self.body:
            return f"{self.status} {self.body.get('detail', '')}".strip()
        says = f"{self.body['text']!r} {self.body['confidence']:.4f} {self.body['decision']}"
        return f"{self.status} {self.body['kind']} {says} {self.body['reason'] or ''}".strip()


def commands(rows: list[dict[str, str]], address: str) -> list[list[str]]:
    """Return the arguments with which curl sends each row to `address`; none for a row that names no curl command."""
    found: list[list[str]] = []
    for number, row in enumerate(rows):
        how = row["how to send"]
        if how == "as above" and found:
            above = rows[number - 1]["file"]
            found.append([part.replace(f"@{above}", f"@{row['file']}") for part in found[-1]])
        else:
            match = re.search(rf"curl .*?{ADDRESS}[^ ]*", how)  # what comes before and after is prose
            found.append(shlex.split(match[0].replace(ADDRESS, address)) if match else [])
    return found


def sent(command: list[str], folder: Path) -> Answer:
    """Return what the service answers to curl's `command`, run in `folder`. Raises OSError where curl gets none."""
    options = ["--silent", "--show-error", "--max-time", str(SECONDS), "--write-out", f"{MARK}%{{http_code}}"]
    done = subprocess.run([command[0], *options, *command[1:]], cwd=folder, capture_output=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.decode(errors="replace").strip())
    body, _, status = done.stdout.decode(errors="replace").rpartition(MARK)
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    return Answer(int(status), answer if isinstance(answer, dict) else {})


def judged(expected: str, answer: Answer | None) -> str:
    """Return what is to be said of `answer`, None where nothing could be sent."""
    found = [] if answer is None else [_is(each, answer) for each in expected.split(", or ")]
    if answer is None or (None in found and True not in found):
        return "to look at"
    if not any(found):
        return "FAILED"
    refused = answer.body.get("decision") == "reject" and "a reason" not in expected
    return "right but refused" if refused else "as expected"


def _is(expected: str, answer: Answer) -> bool | None:
    """Return whether `answer` is what one part of a row expects; None where that is neither a text nor a status."""
    if match := re.match(r"(?:a )?(4\d\d|4xx)\b", expected):
        return str(answer.status).startswith(match[1].rstrip("x")) and bool(answer.body.get("detail"))
    if expected.startswith("a reason"):
        return answer.status == 200 and bool(answer.body.get("reason"))
    if match := re.fullmatch(r"(?:200, )?(\d+)", expected):
        return answer.status == 200 and (expected == "200" or answer.body.get("text") == match[1])
    return answer.status == 200 if expected.startswith("200") else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=Path, metavar="DIR", help="the folder with cases.csv")
    parser.add_argument("--url", default=f"http://{ADDRESS}", help="the service (%(default)s)")
    options = parser.parse_args()
    counts = Counter[str]()
    try:
        with (options.dir / "cases.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row, command in zip(rows, commands(rows, options.url.removeprefix("http://")), strict=True):
            answer = sent(command, options.dir) if command else None
            verdict = judged(row["expected"], answer)
            counts[verdict] += 1
            if verdict != "as expected":
                print(f"{verdict}: {row['file']}: expected {row['expected']}; got {answer or 'no curl command'}")
    except (OSError, KeyError, ValueError) as error:
        print(f"send_cases.py: {error}", file=sys.stderr)
        return 1
    print("; ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return 1 if counts["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
