"""Tables of docs/scale.md, from what bench_archive.py wrote to docs/measured/scale.json."""

from typing import Any

from documents import table
from measured import read

BUSY = 0.6
"""The share of all cores that are busy at the fullest hour: the rest is for a lost node and for bursts."""
LETTERS = 12
"""A second, of one sorting machine."""
SITES = {
    "a sorting machine": 1,
    "a sorting centre of 10 machines": 10,
    "a region of 6 centres": 60,
    "a nation of 30 centres": 300,
}
"""How many sorting machines each has."""
HOURS = 8  # a day that machines run
BILLION = 1_000_000_000
NIGHTS = 30
_KINDS = {"strip": "strips of a code", "envelope": "whole mail pieces"}
_DAY, _HOUR = 86_400, 3_600


def costs() -> str:
    """Return what a million pictures cost on one core."""
    found = read("scale")
    rows = [
        [
            words,
            f"{found['milliseconds'][kind]:.1f}",
            f"{1000 / found['milliseconds'][kind]:.1f}",
            f"{found['milliseconds'][kind] * 1000 / _HOUR:.1f}",
            f"{found['bytes'][kind] / 1000:.1f}",
        ]
        for kind, words in _KINDS.items()
    ]
    return table(["", "ms of one core", "a second", "core hours per million", "kB a picture"], rows)


def growth() -> str:
    """Return how throughput grows with processes, and what the pool and Ray cost."""
    found = read("scale")
    names = {"plain": "a plain loop in one process", "ray": "Ray, two nodes of one core each"}
    ways = [*found["pool"], *(way for way in found["ray"] if way["way"] == "ray")]
    rows = [
        [_named(way["way"], names), f"{way['pictures_a_second']:.1f}", f"{way['to_plain']:.2f}", f"{way['own']:.2f}"]
        for way in ways
    ]
    return table(["strips", "a second", "times the plain loop", "ms of the driver a picture"], rows)


def _named(way: str, names: dict[str, str]) -> str:
    if way.startswith("plain-"):
        return f"{way.removeprefix('plain-')} plain loops at once, each in a process"
    return names.get(way) or f"the pool, {way} process{'es' if way != '1' else ''}"


def sizes() -> str:
    """Return the cores, the network and the storage that sites need."""
    found = read("scale")
    rows = []
    for site, machines in SITES.items():
        letters = machines * LETTERS
        row = [site, f"{letters:,}", f"{letters * HOURS * _HOUR / 1e6:.1f}"]
        for kind in _KINDS:
            cores = letters * found["milliseconds"][kind] / 1000 / BUSY
            row += [f"{max(cores, 1):,.0f}", f"{letters * found['bytes'][kind] * 8 / 1e6:,.0f}"]
        rows.append([*row, f"{letters * HOURS * _HOUR * found['bytes']['row'] / 1e9:,.1f}"])
    head = ["", "letters a second", f"million in {HOURS} h", "strips: cores", "Mbit/s", "mail pieces: cores", "Mbit/s"]
    return table([*head, "GB of readings a day"], rows)


def billion() -> str:
    """Return what a billion pictures take."""
    found = read("scale")
    rows = []
    for kind, words in _KINDS.items():
        pictures, core_seconds = BILLION * found["bytes"][kind], BILLION * found["milliseconds"][kind] / 1000
        rows.append([
            words,
            f"{pictures / 1e12:,.0f}",
            f"{core_seconds / _DAY / 365:,.1f}",
            f"{core_seconds / _DAY / NIGHTS / BUSY:,.0f}",
            f"{pictures * 8 / NIGHTS / _DAY / 1e9:.2f}",
            f"{BILLION * found['bytes']['row'] / 1e9:,.0f}",
            f"{BILLION * found['bytes']['line'] / 1e9:,.0f}",
            f"{BILLION * found['bytes']['index'] / 1e9:,.0f}",
        ])  # fmt: skip
    head = ["", "TB of pictures", "core years", f"cores for {NIGHTS} days", f"Gbit/s in {NIGHTS} days"]
    return table([*head, "GB of readings, Parquet", "JSON Lines", "GB of index"], rows)


def words(of: str) -> str:
    """Return a sentence about the `memory` of a process, or how many cores a `driver` keeps busy."""
    found: dict[str, Any] = read("scale")
    if of == "memory":
        return f"A process that reads takes {found['megabytes_a_process']} MB, mail pieces among what it reads.\n"
    pool, ray = (found[engine][-1]["own"] for engine in ("pool", "ray"))
    cores = found["milliseconds"]["strip"] / max(pool, ray)
    return (
        f"For each strip, the driver computes {pool:.1f} ms in the pool and {ray:.1f} ms on Ray: it keeps about "
        f"{cores:.0f} cores busy.\n"
    )
