"""Time what a large camera's folder costs the watcher: the start, each look at the folder, each row, and its memory.

Example: python scripts/time_watching.py --files 100000
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import psutil
from tqdm import tqdm

from app.watching.folder import Arrivals, Folder
from app.watching.ledger import Ledger, State

ROW = 2_500  # bytes of the answer in each row: that of a code with five digits
WRITTEN = 100  # rows
LOOKS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000, metavar="N", help="files in the folder (%(default)s)")
    count = parser.parse_args().files
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place, "camera"), Path(place, "readings.jsonl")
        folder.mkdir()
        _fill(folder, out, count)
        before = psutil.Process().memory_info().rss
        began = time.process_time()
        ledger = Ledger(out)
        started = time.process_time() - began
        arrivals = Arrivals(Folder(folder, "*"), ledger, settle=0.0, once=False)
        looks = []
        for _ in range(LOOKS):
            began = time.process_time()
            arrivals.look()
            looks.append(time.process_time() - began)
        megabytes = (psutil.Process().memory_info().rss - before) / 1e6
        began = time.perf_counter()
        for number in range(WRITTEN):
            ledger.append(f"new-{number}", State(0, 0, 0), "", {"error": None, "text": "7" * ROW})
        row = (time.perf_counter() - began) / WRITTEN
        ledger.close()
    print(
        f"{count} files, all in the ledger: {started:.1f} s of CPU to start, {sorted(looks)[LOOKS // 2]:.2f} s for "
        f"each look, {megabytes:.0f} MB of memory; {1000 * row:.1f} ms until a row is on the disk"
    )
    return 0


def _fill(folder: Path, out: Path, count: int) -> None:
    """Make `count` files, and a ledger that knows them."""
    with out.open("w", encoding="utf-8") as rows:
        for number in tqdm(range(count), unit="file"):
            path = folder / f"{number}.png"
            path.touch()
            state = State.of(path.stat())._asdict()
            row = {"file": path.name, "text": "7" * ROW, "error": None, "sha256": f"{number:064x}", **state}
            rows.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    sys.exit(main())
