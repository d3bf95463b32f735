"""Record how a fixed mix of pictures is read, or compare with an earlier record, to see what a change to the code does.

About 2,000 pictures from the sets under --data, with mixed kinds and options, are read as the service reads them; the
record has one JSON object per line. With --against, every difference beyond --tolerance is listed, and the exit code is
1 if there is any.
Example: python scripts/record_readings.py --data data --out /tmp/before.jsonl
         python scripts/record_readings.py --data data --against /tmp/before.jsonl --tolerance 1e-5
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from evaluate_strips import labels_in
from model import artifact
from model.reader import Reader
from model.reading import Reading
from model.training import mnist
from pictures import read_picture

# What requests ask for: the pictures of a set take its options in turn.
DIGIT_OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"kind": "digit"},
    {"digits": 1, "top": 10},
    {"kind": "strip"},
    {"kind": "digit", "max_error": 0.05},
)
STRIP_OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"kind": "strip"},
    {"counted": True},
    {"counted": True, "top": 5, "max_error": 0.02},
    {"kind": "strip", "country": "fr"},
    {"country": "de"},
    {"kind": "digit"},
)
# Set: how many of its pictures are used, evenly spread, and their options.
ARRAYS = {"paper_digits.npz": 250, "photographed_characters.npz": 200, "usps_train.npz": 200, "optdigits.npz": 100}
FOLDERS = {
    "register_digits": (250, DIGIT_OPTIONS),
    "cheque_amounts": (250, STRIP_OPTIONS),
    "photo_8digit": (150, STRIP_OPTIONS),
    "danish_years": (176, STRIP_OPTIONS),
    "danish_row_numbers": (237, STRIP_OPTIONS),
    "french_box_codes": (4, STRIP_OPTIONS),
    "field_cases": (52, DIGIT_OPTIONS),
    "envelopes": (31, STRIP_OPTIONS),
}
DIGITS, NOISE = 150, 100


def pictures(data: Path) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yield each picture's name, its pixels and its options; sets that are missing under `data` are left out."""
    for name, count in ARRAYS.items():
        if not (data / name).exists():
            continue
        with np.load(data / name, allow_pickle=False) as file:
            grey = file["x"] if "x" in file.files else file["x_train"] * np.uint8(255)
        for index, options in zip(spread(len(grey), count), cycle(DIGIT_OPTIONS), strict=False):
            yield f"{name}/{index}", grey[index], options
    if (data / "mnist").exists():
        held_out = mnist.load(data / "mnist")[mnist.VALIDATION].images
        for index, options in zip(spread(len(held_out), DIGITS), cycle(DIGIT_OPTIONS), strict=False):
            yield f"mnist/{index}", held_out[index], options
    for name, (count, asked) in FOLDERS.items():
        paths = sorted(path for path in (data / name).rglob("*") if path.suffix in {".png", ".jpg", ".jpeg"})
        for index, options in zip(spread(len(paths), count), cycle(asked), strict=False):
            with suppress(ValueError):  # some field cases are broken on purpose
                picture = read_picture(paths[index])
                yield str(paths[index].relative_to(data)), picture, options
    random = np.random.default_rng(0)
    for number, options in zip(range(NOISE), cycle((*DIGIT_OPTIONS, *STRIP_OPTIONS)), strict=False):
        shape = tuple(random.integers(1, 120, 2))
        noise = random.normal(128, float(random.choice([1, 10, 60])), shape)
        yield f"noise/{number}", np.clip(noise, 0, 255).astype(np.uint8), options


def spread(total: int, count: int) -> list[int]:
    """Return `count` of the indices below `total`, evenly spread, or all where there are fewer."""
    return np.unique(np.linspace(0, total - 1, min(total, count)).astype(int)).tolist() if total else []


def record(reader: Reader, data: Path) -> dict[str, dict[str, Any]]:
    """Return each picture's reading, by the picture's name."""
    codes = labels(data)
    readings = {}
    for name, picture, asked in tqdm(list(pictures(data)), unit="picture"):
        options = {key: value for key, value in asked.items() if key != "counted"}
        if asked.get("counted") and codes.get(name):
            options["digits"] = len(codes[name])
        readings[name] = {"options": options, **plain(reader.read(picture, **options))}
    return readings


def labels(data: Path) -> dict[str, str]:
    """Return the codes of the labelled strips, by the picture's name."""
    folders = [path.parent for path in data.glob("*/labels.csv")]
    return {f"{folder.name}/{row['file']}": row["code"] for folder in folders for row in labels_in(folder, "all")}


def plain(reading: Reading) -> dict[str, Any]:
    """Return `reading` as it comes back from JSON."""
    made: dict[str, Any] = json.loads(json.dumps(asdict(reading)))
    return made


def differences(before: dict[str, Any], after: dict[str, Any], tolerance: float) -> list[str]:
    """Return in words what differs between two readings of a picture; numbers may differ by `tolerance`."""

    def walk(path: str, old: Any, new: Any) -> Iterator[str]:
        if isinstance(old, dict) and isinstance(new, dict):
            for key in old.keys() | new.keys():
                yield from walk(f"{path}.{key}", old.get(key), new.get(key))
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for place, (one, other) in enumerate(zip(old, new, strict=True)):
                yield from walk(f"{path}[{place}]", one, other)
        elif isinstance(old, float) and isinstance(new, float):
            if abs(old - new) > tolerance:
                yield f"{path} {old:.6g} -> {new:.6g}"
        elif old != new:
            yield f"{path} {old!r} -> {new!r}"

    return sorted(each.lstrip(".") for each in walk("", before, after))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the sets (%(default)s)")
    parser.add_argument("--out", type=Path, help="where the record goes")
    parser.add_argument("--against", type=Path, help="an earlier record to compare with")
    parser.add_argument("--tolerance", type=float, default=0.0, help="how much numbers may differ (%(default)s)")
    options = parser.parse_args()
    from app.settings import Settings  # takes half a second, and --help must not wait for it

    settings = Settings()
    try:
        earlier = [json.loads(line) for line in options.against.open(encoding="utf-8")] if options.against else []
        readings = record(Reader(artifact.load_digits(settings.model).classifier), options.data)
        if options.out:
            lines = [json.dumps({"name": name, **reading}) for name, reading in readings.items()]
            options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"record_readings.py: {error}", file=sys.stderr)
        return 2
    print(f"{len(readings)} pictures read")
    if not options.against:
        return 0
    before = {line.pop("name"): line for line in earlier}
    changed = {
        name: differences(before.get(name, {}), readings.get(name, {}), options.tolerance)
        for name in dict.fromkeys([*before, *readings])
    }
    changed = {name: found for name, found in changed.items() if found}
    for name, found in changed.items():
        print(f"{name}: {'; '.join(found[:6])}{' …' if len(found) > 6 else ''}")
    print(f"{len(changed)} of {len(before)} readings differ by more than {options.tolerance:g}")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
