"""Fetch MNIST's four files from the public mirrors, or from a folder or URL of your own, and check each one.

Example: python scripts/fetch_data.py --source ~/Downloads/mnist --out data/mnist
"""

import argparse
import hashlib
import os
import secrets
import signal
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from tqdm import tqdm

CHUNK = 1 << 16  # bytes read at once
SLACK = 1 << 16  # bytes by which gzip may at most make a file larger, with room to spare
SECONDS = 20  # without any byte, after which a mirror counts as down


@dataclass(frozen=True)
class File:
    """A file as it must be once unpacked, so that a mirror may pack it in any way."""

    name: str
    size: int
    sha256: str


MNIST = (
    File("train-images-idx3-ubyte", 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    File("train-labels-idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    File("t10k-images-idx3-ubyte", 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    File("t10k-labels-idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",  # the original host, which often refuses requests
)


class FetchError(Exception):
    """A file could not be fetched; the message says why, or which sources were tried."""


class NotThereError(FetchError):
    """The source answers, but has no file of that name."""


def fetch(file: File, sources: Sequence[str], out: Path) -> str:
    """Write `file`, unpacked and checked, to `out`, whole or not at all, and return the source that had it.

    sources: URLs or folders, tried in turn; each may hold the file plain or as `.gz`.
    Raises FetchError where none of them has it, OSError where it cannot be written.
    """
    faults = []
    for source in sources:
        for name in (f"{file.name}.gz", file.name):
            try:
                store(file, received(source, name, file.size + SLACK), out)
            except NotThereError as error:
                fault = str(error)  # perhaps it is there under the other name
            except FetchError as error:
                fault = str(error)
                break
            else:
                return source
        faults.append(f"{source} ({fault})")
    raise FetchError(f"{file.name} could not be fetched from {', '.join(faults)}: give a folder or URL with --source")


def is_right(file: File, path: Path) -> bool:
    """Return whether `path` holds `file` exactly."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


def store(file: File, pieces: Iterable[bytes], out: Path) -> None:
    """Unpack `pieces` into `out`; the file gets its final name only once it is complete, right and on disk."""
    out.mkdir(parents=True, exist_ok=True)
    # A unique name, so that two runs at once do not write into the same file.
    part = out / f".{file.name}.{secrets.token_hex(4)}.part"
    found, size = hashlib.sha256(), 0
    try:
        with part.open("xb") as target, progress(file) as bar:
            for piece in unpacked(pieces, file.size):
                target.write(piece)
                found.update(piece)
                size += len(piece)
                bar.update(len(piece))
            if size != file.size:
                raise FetchError(f"broke off after {size:,} of {file.size:,} bytes")
            if found.hexdigest() != file.sha256:
                raise FetchError(f"SHA-256 {found.hexdigest()[:12]}… instead of {file.sha256[:12]}…")
            target.flush()
            os.fsync(target.fileno())
        part.replace(out / file.name)
    finally:
        part.unlink(missing_ok=True)


def progress(file: File) -> "tqdm[None]":
    """Return a progress bar of the bytes unpacked, which stays hidden where there is no terminal."""
    return tqdm(desc=file.name, total=file.size, unit="B", unit_scale=True, leave=False, disable=None)


def received(source: str, name: str, limit: int) -> Iterator[bytes]:
    """Yield what `source`, a folder or URL, has under `name`. Raises FetchError if it has none, or past `limit`."""
    count = 0
    for piece in downloaded(source, name) if source.startswith(("http://", "https://")) else read(source, name):
        count += len(piece)
        if count > limit:
            raise FetchError(f"more than {limit:,} bytes: not MNIST's")
        yield piece


def downloaded(source: str, name: str) -> Iterator[bytes]:
    """Yield the bytes as the server stores them, whatever it says about their encoding."""
    url = f"{source.rstrip('/')}/{name}"
    try:
        with httpx.stream(
            "GET", url, follow_redirects=True, timeout=SECONDS, headers={"Accept-Encoding": "identity"}
        ) as response:
            if response.status_code == httpx.codes.NOT_FOUND:
                raise NotThereError("404 Not Found")
            if not response.is_success:
                raise FetchError(f"{response.status_code} {response.reason_phrase}")
            yield from response.iter_raw(CHUNK)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(str(error) or type(error).__name__) from error


def read(folder: str, name: str) -> Iterator[bytes]:
    """Yield the bytes of a file in `folder`."""
    path = Path(folder).expanduser() / name
    try:
        with path.open("rb") as content:
            while piece := content.read(CHUNK):
                yield piece
    except FileNotFoundError as error:
        raise NotThereError("no such file, nor one ending in .gz") from error
    except OSError as error:
        raise FetchError(error.strerror or str(error)) from error


def unpacked(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield `pieces`, unpacked if they are gzip. Raises FetchError before more than `limit` bytes are unpacked."""
    unpacker = None
    left = limit
    for position, piece in enumerate(pieces):
        # By content, not by name: some servers unpack what they send.
        if position == 0 and piece.startswith(b"\x1f\x8b"):
            unpacker = zlib.decompressobj(wbits=31)  # 16 for gzip's header, 15 for any window
        try:
            plain = unpacker.decompress(piece, left + 1) if unpacker else piece
        except zlib.error as error:
            raise FetchError(f"broken gzip: {error}") from error
        left -= len(plain)
        if left < 0:
            raise FetchError(f"unpacks to more than {limit:,} bytes: not MNIST's")
        yield plain


def main(arguments: list[str] | None = None, files: Sequence[File] = MNIST, mirrors: Sequence[str] = MIRRORS) -> int:
    """Fetch those of `files` that are not there already; return 0 if all are there in the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", metavar="DIR_OR_URL", help="where the files are, plain or .gz (the public mirrors)")
    parser.add_argument(
        "--out", type=Path, help="where they go, unpacked (mnist under $DIGITS_DATA, else data/mnist)", metavar="DIR"
    )
    given = parser.parse_args(arguments)
    out: Path = given.out or Path(os.environ.get("DIGITS_DATA") or "data") / "mnist"
    sources = [given.source] if given.source else list(mirrors)
    try:
        for file in files:
            if is_right(file, out / file.name):
                print(f"{file.name}: already there")
                continue
            source = fetch(file, sources, out)
            print(f"{file.name}: from {source}")
            sources.sort(key=lambda each: each != source)  # the working one first: never wait for a dead one again
    except (FetchError, OSError) as error:
        print(f"fetch_data.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fetch_data.py: stopped; complete files stay, and the same command continues", file=sys.stderr)
        return 130
    print(f"MNIST is in {out}, every file checked.")
    return 0


if __name__ == "__main__":
    # SIGTERM, which stops a job or a container, leaves no part behind either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
