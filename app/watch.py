"""Watch the folder that a camera writes: each new picture is read once, and its reading kept in a ledger.

It needs httpx: copy app/client.py, app/watch.py and app/watching into a folder named app.
Example: python -m app.watch http://localhost:8000 /mnt/camera --out readings.jsonl --country fr
"""

import argparse
import contextlib
import dataclasses
import hashlib
import itertools
import math
import os
import random
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from app import client as service
from app.client import COLUMNS, DigitsClient, DigitsError, Reading
from app.watching.folder import Arrivals, Folder, Refused
from app.watching.ledger import Ledger, LedgerError, Row, State
from app.watching.progress import Progress

UNREADABLE = {400, 413, 415, 422}  # statuses with which the service says that this picture cannot be read, ever
BLANK = bytes(784)  # the pixels of a digit that nobody wrote: asks whether the service would answer
MOST_BYTES = 100_000_000  # of a picture; a file that has more is no picture, and must not fill the memory
MOST_AT_A_TIME = 1_000  # pictures between two looks at the folder
PATIENCE = 5  # times `--settle`: what cannot be read may still be being copied by a system that shows no change
LOOKING = 0.2  # the largest share of the time that looking at the folder may take
LONGEST_PAUSE = 5.0  # seconds between two questions whether the service answers again
LONGEST_HOLD = 60.0  # seconds between two attempts with a picture at which it fails


class StoppedError(Exception):
    """Nothing more can be done; the message says why."""


class Watch:
    """Reads what comes into `folder` through `client`, and writes it into `ledger`, until `stopping` is set.

    prober: a client of the same service that tries once. given: the command's options.
    """

    def __init__(
        self, folder: Folder, ledger: Ledger, client: DigitsClient, prober: DigitsClient, given: argparse.Namespace
    ) -> None:
        self.stopping = threading.Event()
        self.progress = Progress()
        self._folder, self._ledger, self._client, self._prober, self._given = folder, ledger, client, prober, given
        self._arrivals = Arrivals(folder, ledger, given.settle, once=given.once)
        self._options = service.options_of(given)
        self._taken: deque[tuple[str, str]] = deque()  # what is being read: the file and the SHA-256 of its content
        self._failing = False  # whether the service failed at a picture since the last look

    def run(self) -> bool:
        """Return, once stopped or done, whether each picture that is there has been read.

        Raises StoppedError, and LedgerError where a reading cannot be written.
        """
        self._wait_for_service(first=True)
        fault = None
        while not self.stopping.is_set():
            began = time.monotonic()
            due = self._arrivals.look()
            spent = time.monotonic() - began
            if self._folder.fault not in {None, fault}:
                self.progress.say(str(self._folder.fault))
            fault = self._folder.fault
            self._read(due[:MOST_AT_A_TIME])
            if self._given.once and not self._arrivals.waiting:
                break
            if len(due) <= MOST_AT_A_TIME:
                self.stopping.wait(max(self._given.poll, spent / LOOKING))
        return self._arrivals.all_read()

    def _read(self, due: list[str]) -> None:
        """Read the files that are due; where the service fails, wait until it answers again."""
        self._failing = False
        for result in self._client.read_many(self._contents(due), self._given.concurrency, **self._options):
            file, sha256 = self._taken.popleft()
            if isinstance(result, Reading):
                self._write(file, sha256, dataclasses.asdict(result) | {"error": None})
            elif _about_the_picture(result):
                self._arrivals.put_off(file, PATIENCE * self._given.settle, Refused(sha256, str(result)))
            else:
                self._put_off(file, result)
        if self._failing:
            self._wait_for_service(first=False)

    def _put_off(self, file: str, error: DigitsError) -> None:
        """Have `file` wait, as the service failed at it. With --once, it is left unread."""
        if not self._failing:  # else all that were under way would say the same
            self.progress.say(f"{file}: {error}")
        self._failing = True
        held = self._arrivals.waiting[file].hold
        self._arrivals.put_off(file, min(2 * held + 1, LONGEST_HOLD))
        if self._given.once:
            del self._arrivals.waiting[file]

    def _contents(self, due: list[str]) -> Iterator[bytes]:
        """Yield the content of each file that is to be sent."""
        for file in due:
            if self.stopping.is_set() or self._failing:
                return
            content = self._content(file)
            if content is not None:
                yield content

    def _content(self, file: str) -> bytes | None:
        """Return what is to be sent; None where there is nothing, or its row is in the ledger."""
        waiting = self._arrivals.waiting[file]
        content, sha256, fault = b"", None, None
        try:
            with (self._folder.path / file).open("rb") as opened:
                before = State.of(os.fstat(opened.fileno()))
                content = opened.read(MOST_BYTES + 1)
                after = State.of(os.fstat(opened.fileno()))
        except FileNotFoundError:
            return None
        except OSError as error:
            fault = f"the file cannot be read: {error.strerror}"
        else:
            if not before == after == waiting.state:
                return None  # the next look sees that it has changed
            sha256 = hashlib.sha256(content).hexdigest()
            if not content:
                fault = "the file is empty"
            elif len(content) > MOST_BYTES:
                fault = f"the file has more than {MOST_BYTES} bytes"
        if self._ledger.recognise(file, waiting.state, sha256):
            del self._arrivals.waiting[file]
        elif waiting.refused is not None and waiting.refused.sha256 == sha256:
            self._set_aside(file, content, waiting.refused)
        elif fault is not None:
            self._arrivals.put_off(file, PATIENCE * self._given.settle, Refused(sha256, fault))
        elif sha256 is not None:
            self._taken.append((file, sha256))
            return content
        return None

    def _set_aside(self, file: str, content: bytes, refused: Refused) -> None:
        """Write that `file` cannot be read. With --aside, copy it there with the reason; the picture stays in place."""
        self.progress.say(f"{file}: {refused.reason}")
        if self._given.aside is not None:
            place = self._given.aside / file
            place = place.with_name(f"{place.stem}-{(refused.sha256 or 'unopened')[:8]}{place.suffix}")
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                if refused.sha256 is not None:
                    place.write_bytes(content)
                place.with_name(f"{place.name}.txt").write_text(f"{refused.reason}\n", encoding="utf-8")
            except OSError as error:
                raise StoppedError(f"{file} cannot be set aside as {place}: {error.strerror}") from error
        self._write(file, refused.sha256, dict.fromkeys(COLUMNS[1:]) | {"error": refused.reason})

    def _write(self, file: str, sha256: str | None, answer: Row) -> None:
        at = {"at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        self._ledger.append(file, self._arrivals.waiting.pop(file).state, sha256, answer | at)
        self.progress.count(read=answer["error"] is None, left=len(self._arrivals.waiting))

    def _wait_for_service(self, *, first: bool) -> None:
        """Return once the service reads a blank digit, so that a wrong address, key or option fails no picture.

        Raises StoppedError where the first answer is one that waiting does not change, and, with --once, where there
        is none within the deadline.
        """
        ends = time.monotonic() + (self._given.deadline if self._given.once else math.inf)
        told = ""
        for attempt in itertools.count():
            try:
                self._prober.read(BLANK, **self._options)
            except DigitsError as error:
                passing = isinstance(error, service.Unreachable | service.Busy | service.DeadlineExceeded)
                if (first and not passing) or time.monotonic() > ends:
                    raise StoppedError(str(error)) from error
                if str(error) != told:
                    told = str(error)
                    self.progress.say(f"{told}; trying again")
            else:
                if told:
                    self.progress.say("the service answers")
                return
            longest = min(2.0 ** min(attempt, 10) / 2, LONGEST_PAUSE)
            if self.stopping.wait(random.uniform(longest / 2, longest)):  # noqa: S311 (spreads watchers, guards nothing)
                return


def main(arguments: list[str] | None = None) -> int:
    """Watch the folder named on the command line; return 0 where every picture there has been read, else 1."""
    parser = command_line()
    given = parser.parse_args(arguments)
    key = os.environ.get("DIGITS_API_KEY") or None
    with contextlib.ExitStack() as opened:
        try:
            if not given.folder.is_dir():
                raise ValueError(f"DIR must be a folder; got {given.folder}")
            client, prober = (
                opened.enter_context(DigitsClient(given.url, key, given.deadline, retries, given.deadline))
                for retries in (None, 0)
            )
            ledger = opened.enter_context(contextlib.closing(Ledger(given.out)))
        except ValueError as error:
            parser.error(str(error))
        except LedgerError as error:
            print(f"{parser.prog}: {error}", file=sys.stderr)
            return 2
        folder = Folder(given.folder, given.match, given.out, *([given.aside] if given.aside else []))
        watch = Watch(folder, ledger, client, prober, given)
        opened.enter_context(_stopping_at_signals(watch.stopping))
        try:
            return 0 if watch.run() else 1
        except (StoppedError, LedgerError) as error:
            watch.progress.say(f"{parser.prog}: {error}")
            return 1
        except KeyboardInterrupt:
            return 130
        finally:
            watch.progress.close()


def _about_the_picture(error: DigitsError) -> bool:
    """Return whether the service itself says that a picture cannot be read; a proxy gives no request an id."""
    return isinstance(error, service.Refused) and error.status in UNREADABLE and error.request_id is not None


@contextlib.contextmanager
def _stopping_at_signals(stopping: threading.Event) -> Iterator[None]:
    """Within the block, Ctrl-C and SIGTERM set `stopping`; a second one does what it did before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        stopping.set()

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def command_line() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    description, _, epilog = (__doc__ or "").strip().partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m app.watch",
        description=f"{description}\nIt runs until Ctrl-C or SIGTERM, and finishes what it has begun.",
        epilog=f"{epilog}\nAn API key is read from the environment: DIGITS_API_KEY.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", metavar="URL", help=service.URL_HELP)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder to watch, with the folders in it")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help="ledger to write: JSON Lines, one row a picture"
    )
    parser.add_argument(
        "--aside", metavar="DIR", type=Path, help="folder for copies of pictures that cannot be read, with the reason"
    )
    parser.add_argument("--match", metavar="PATTERN", default="*", help="read only files with such names: '*.jpg' …")
    parser.add_argument("--once", action="store_true", help="read what is there, and end")
    parser.add_argument(
        "--poll", type=seconds, default=1.0, metavar="SECONDS", help="time between two looks at the folder (1)"
    )
    parser.add_argument(
        "--settle",
        type=seconds,
        default=2.0,
        metavar="SECONDS",
        help="time without a change before a file is read (2)",
    )
    service.add_options(parser)
    return parser


def seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"must be at least 0 seconds; got {text}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
