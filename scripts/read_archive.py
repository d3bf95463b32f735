"""Read an archive of pictures, millions of them, into files of readings: every picture exactly once.

SOURCE is a folder, a tar (.tar, .tar.gz), a TIFF of several pages, or Parquet with images as bytes. DIR gets plan.json,
which says what was asked, and readings/ with a row per picture, or per page of a TIFF; a picture that cannot be read
has a row that says why. The same command, given again, goes on where it was stopped. See docs/scale.md.
Example: python scripts/read_archive.py scans.tar --out readings --digits 5 --country fr
"""

import argparse
import sys
from pathlib import Path

from app.__main__ import add_reading, count


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("source", metavar="SOURCE", type=Path, help="a folder, a tar, a TIFF, or Parquet")
    made.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the plan and the readings")
    add_reading(made)
    made.add_argument("--workers", type=count, metavar="N", help="processes on this machine (one per core)")
    made.add_argument("--ray", metavar="ADDRESS", help="read on a Ray cluster: auto, HOST:PORT, ray://…, or local")
    made.add_argument("--format", choices=["parquet", "jsonl"], help="of the readings (parquet, if pyarrow is there)")
    made.add_argument("--block", type=count, default=256, metavar="N", help="pictures per part (%(default)s)")
    made.add_argument("--column", default="image", help="column of Parquet that holds the images (%(default)s)")
    made.add_argument("--names", metavar="COLUMN", help="column of their names (path, file, name or id, if there)")
    return made


def main() -> int:
    given = parser().parse_args()
    from app.archives.command import run  # takes half a second, and --help must not wait for it

    try:
        return run(given)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
