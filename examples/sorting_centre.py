"""Sort letters into trays by the first two digits of their code; what is not sure, or comes late, goes to a person.

Example: python examples/sorting_centre.py http://localhost:8000 letters/*.png --country fr --deadline 2
"""

import argparse
import os
import sys
from collections import Counter

from app.client import DigitsClient, DigitsError, Reading

PERSON = "person"


def tray_of(result: Reading | DigitsError) -> tuple[str, str]:
    """Return the tray for a letter, and why: its code, or the reason for which a person should look at it."""
    if isinstance(result, DigitsError):  # refused, unreachable or late: the letter has passed the sorter's gate by then
        return PERSON, str(result)
    if not result.accepted:
        return PERSON, str(result.reason)
    return result.text[:2], result.formatted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", metavar="URL", help="the service, such as http://localhost:8000")
    parser.add_argument("letters", metavar="FILE", nargs="+", help="pictures of letters, in the order of the belt")
    parser.add_argument("--country", default="fr", help="country of the codes (%(default)s)")
    parser.add_argument(
        "--deadline", type=float, default=2.0, metavar="SECONDS", help="until a letter is at the gate (%(default)s)"
    )
    given = parser.parse_args()
    trays: Counter[str] = Counter()
    # No answer comes after the deadline, whatever hangs: for a sorter, a late answer is a wrong one.
    with DigitsClient(given.url, os.environ.get("DIGITS_API_KEY"), deadline=given.deadline) as client:
        results = client.read_many(given.letters, concurrency=4, country=given.country)
        for letter, result in zip(given.letters, results, strict=True):
            tray, why = tray_of(result)
            trays[tray] += 1
            print(f"{letter}\t{tray}\t{why}", flush=True)
    print(", ".join(f"{tray}: {count}" for tray, count in sorted(trays.items())), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
