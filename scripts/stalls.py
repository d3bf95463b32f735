"""Send the service large and hostile bodies, and tell how long its event loop was busy without a break.

Runs the service in this process, on asyncio's own loop, and measures the CPU time of each callback: while one runs,
nobody else is answered. Prints for each body its size, the status, and the longest callback of the best of three runs.
Example: python scripts/stalls.py --bodies json form
"""

import argparse
import asyncio
import base64
import gzip
import io
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from PIL import Image

RUNS = 3
MEGABYTES = 18_000_000
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=xx"}
URL_ENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
Body = tuple[bytes, Mapping[str, str]]
INFER = "/v2/models/digits/infer"


def form(content: bytes, name: str = 'file"; filename="a.png') -> bytes:
    """Return a form with one part."""
    return f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n--xx--\r\n"


def bodies() -> dict[str, Body]:
    """Return what is sent, by name: contents and headers."""
    noise = np.random.default_rng(0).integers(0, 256, (2400, 2400, 3), np.uint8)
    stored = io.BytesIO()
    Image.fromarray(noise).save(stored, "PNG", compress_level=0)
    png, text = stored.getvalue(), base64.b64encode(stored.getvalue()[: MEGABYTES * 3 // 4])
    numbers = json.dumps({"pixels": [0] * (MEGABYTES // 3)}).encode()
    small = b"".join(
        b'--xx\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % number for number in range(90)
    )
    return {
        "raw png": (png, {}),
        "raw zeros": (bytes(MEGABYTES), {}),
        "form with a file": (form(png), FORM),
        "form with a text field": (form(text, "file"), FORM),
        "form with another field": (form(text, "other"), FORM),
        "form of 90 parts": (small + form(png[:100_000]), FORM),
        "form of line ends": (form(b"\r\n" * (MEGABYTES // 2)), FORM),
        "form of near boundaries": (form(b"\r\n--x" * (MEGABYTES // 5)), FORM),
        "json with base64": (b'{"image":"' + text + b'"}', JSON),
        "json with pixels": (numbers, JSON),
        "json of blanks": (b" " * MEGABYTES + b"{}", JSON),
        "json with pixels, gzip": (gzip.compress(numbers, 1), {**JSON, "Content-Encoding": "gzip"}),
        "raw png, gzip": (gzip.compress(png, 1), {"Content-Encoding": "gzip"}),
        "data url": (b"data:image/png;base64," + text, {}),
        "url-encoded": (b"a=%20&" * (MEGABYTES // 6), URL_ENCODED),
    }


def tensors() -> dict[str, Body]:
    """Return what is sent to INFER, by name: a thousand digits in three ways, and lists that are too long."""
    pixels = np.random.default_rng(0).integers(0, 256, (1000, 28, 28), np.uint8)
    shaped = {"name": "pixels", "shape": [1000, 28, 28], "datatype": "FP32"}
    sized = {**shaped, "datatype": "UINT8", "parameters": {"binary_data_size": pixels.size}}
    head = json.dumps({"inputs": [sized]}).encode()
    tenths = (np.minimum(pixels + 0.123456789012, 255)).tolist()
    zeros = [0] * (MEGABYTES // 3)
    return {
        "tensor of numbers": (json.dumps({"inputs": [{**shaped, "data": pixels.reshape(-1).tolist()}]}).encode(), JSON),
        "tensor of long numbers": (json.dumps({"inputs": [{**shaped, "data": tenths}]}).encode(), JSON),
        "tensor of bytes": (head + pixels.tobytes(), {"Inference-Header-Content-Length": str(len(head))}),
        "tensor too long": (json.dumps({"inputs": [{**shaped, "data": zeros}]}).encode(), JSON),
        "tensor names": (b'{"data":[' * (MEGABYTES // 9), JSON),
    }


@contextmanager
def timed_callbacks() -> Iterator[list[float]]:
    """Yield a list that gets the seconds of CPU of each callback that an event loop runs within the block."""
    seconds: list[float] = []
    run = asyncio.Handle._run  # asyncio offers no other place for a clock

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        try:
            run(handle)
        finally:
            seconds.append(time.thread_time() - began)

    asyncio.Handle._run = timed  # type: ignore[method-assign, assignment]  # put back below
    try:
        yield seconds
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]  # as above


@contextmanager
def served() -> Iterator[str]:
    """Run the service in a thread for as long as the block runs; yield its address."""
    import uvicorn

    from app.main import create_app
    from app.protocol import Http
    from app.settings import Settings

    server = uvicorn.Server(
        uvicorn.Config(create_app(Settings()), port=0, http=Http, loop="asyncio", log_level="warning", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the service did not start; what it printed says why")
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", nargs="+", default=[""], metavar="WORD", help="only those whose name holds a word")
    options = parser.parse_args()
    import httpx
    from tqdm import tqdm

    sent = [(name, "/predict", *body) for name, body in bodies().items()]
    sent += [(name, INFER, *body) for name, body in tensors().items()]
    chosen = [each for each in sent if any(word in each[0] for word in options.bodies)]
    print("| body | bytes | status | longest callback, ms of CPU |", "| --- | --- | --- | --- |", sep="\n")
    with timed_callbacks() as seconds, served() as address, httpx.Client(timeout=120) as client:
        for name, path, content, headers in tqdm(chosen, leave=False, dynamic_ncols=True):
            longest = []
            for _ in range(RUNS):
                seconds.clear()
                status = client.post(address + path, content=content, headers=headers).status_code
                longest.append(max(seconds))
            tqdm.write(f"| {name} | {len(content)} | {status} | {1000 * min(longest):.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
