"""Make a calibration of your own from labelled pictures of your own mail: see docs/calibrating.md.

LABELS is a folder, or a zip file of one, with pictures and labels.csv (file,code; an empty code where there is nothing
to read). The same as `postal-digits calibrate`.
Example: python scripts/calibrate.py labelled --digits 5 --out our-mail.json
"""

import argparse
import sys

from app.__main__ import add_calibrate


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_calibrate(parser)
    given = parser.parse_args()
    from app.commands.calibrate import run  # takes half a second, and --help must not wait for it

    return run(given)


if __name__ == "__main__":
    sys.exit(main())
