"""Send the service good and bad pictures for a while, and see whether the memory that it takes stays the same.

Starts a service of its own, and sends it images of every type, whole, broken and now and then of 25 megapixels, over
some connections at once. Prints the median of its memory in the beginning (once warm), the middle and the end, and the
statuses that it answered. The exit code is 1 where memory grew by more than 5 %, or a status was not 200 to 499 or 503.
Example: python scripts/soak.py --minutes 10
"""

import argparse
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from tqdm import tqdm

from fuzz import made, mutated, saved

FLAT = 0.05
WARM = 0.1  # of the time, before memory is looked at
LARGE_SIDE = 5000
LARGE_EVERY = 500  # requests


class Load:
    """What several connections send until they are told to stop, and the statuses of what came back."""

    def __init__(self, url: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._url, self._seed = url, seed
        self._files = [content for _, content in made(random)]
        grey = Image.fromarray(np.kron(random.integers(0, 256, (50, 50), np.uint8), np.ones((100, 100), np.uint8)))
        self._large = [saved(grey.convert(mode), "PNG") for mode in ("L", "RGB", "RGBA")]
        self.stop = threading.Event()
        self.statuses = Counter[int]()

    def send(self, connection: int) -> None:
        """Send one request after the other."""
        import httpx

        random = np.random.default_rng((self._seed, connection))
        with httpx.Client(timeout=60) as client:
            while not self.stop.is_set():
                answer = client.post(f"{self._url}/predict", content=self._body(random))
                self.statuses[answer.status_code] += 1

    def _body(self, random: np.random.Generator) -> bytes:
        if random.integers(LARGE_EVERY) == 0:
            return self._large[random.integers(len(self._large))]
        content, other = (self._files[random.integers(len(self._files))] for _ in range(2))
        return content if random.random() < 0.5 else mutated(content, other, random)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="for how long (10)")
    parser.add_argument("--connections", type=int, default=4, help="how many send at once (4)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same pictures (1)")
    options = parser.parse_args()
    from serving.benchmark import ROOT, Input, Server, ours

    with TemporaryDirectory() as folder:
        first = Path(folder) / "first.png"
        first.write_bytes(saved(Image.new("L", (28, 28), 255), "PNG"))
        server = Server(ours("service", ROOT), None, Input("blank", "/predict", [first]))
    load, memory = Load(f"http://127.0.0.1:{server.port}", options.seed), list[float]()
    sending = [threading.Thread(target=load.send, args=(number,)) for number in range(options.connections)]
    try:
        for each in sending:
            each.start()
        for _ in tqdm(range(max(20, round(options.minutes * 60))), unit="s", dynamic_ncols=True):
            time.sleep(options.minutes * 60 / max(20, round(options.minutes * 60)))
            memory.append(server.megabytes())
    finally:
        load.stop.set()
        for each in sending:
            each.join()
        server.stop()
    warm = memory[round(WARM * len(memory)) :]
    part = max(1, len(warm) // 5)
    start, middle, end = median(warm[:part]), median(warm[2 * part : 3 * part]), median(warm[-part:])
    statuses = ", ".join(f"{count} of {status}" for status, count in sorted(load.statuses.items()))
    print(f"{sum(load.statuses.values())} requests in {options.minutes:g} minutes: {statuses}")
    flat = end <= start * (1 + FLAT)
    told = "flat within 5 %" if flat else "not flat"
    print(f"memory {start:.0f} MB at the start, {middle:.0f} in the middle, {end:.0f} at the end: {told}")
    print(f"memory at most: {max(memory):.0f} MB")
    return 0 if flat and all(status < 500 or status == 503 for status in load.statuses) else 1


if __name__ == "__main__":
    sys.exit(main())
