"""Reads digits with tritonclient, and prints as JSON what it was told: `infer_digits.py HOST:PORT DIGITS.npy`.

Each way of sending is used for each size of batch, in turn.
"""

import itertools
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

Arrays = NDArray[Any]


def tensor(pixels: Arrays, *, binary: bool = True, name: str = "pixels") -> InferInput:
    sent = InferInput(name, list(pixels.shape), "UINT8" if pixels.dtype == np.uint8 else "FP32")
    sent.set_data_from_numpy(pixels, binary_data=binary)
    return sent


def outputs(*, binary: bool) -> list[InferRequestedOutput]:
    return [InferRequestedOutput(name, binary_data=binary) for name in ("probabilities", "digit")]


def both(result: Any) -> tuple[Arrays, Arrays]:
    return result.as_numpy("digit"), result.as_numpy("probabilities")


def in_batches(client: InferenceServerClient, digits: Arrays, size: int) -> dict[str, Any]:
    ways = itertools.cycle(itertools.product((True, False), (True, False), (np.uint8, np.float32), ((28, 28), (784,))))
    read = []
    for start in range(0, len(digits), size):
        binary_in, binary_out, dtype, shape = next(ways)
        pixels = digits[start : start + size].astype(dtype).reshape(-1, *shape)
        result = client.infer("digits", [tensor(pixels, binary=binary_in)], outputs=outputs(binary=binary_out))
        read.append(both(result))
    found, probabilities = map(np.concatenate, zip(*read, strict=True))
    return {"digit": found.tolist(), "probabilities": probabilities.tolist()}


def other_ways(client: InferenceServerClient, digits: Arrays) -> dict[str, Any]:
    sent = [tensor(digits)]
    results = {
        "all outputs": client.infer("digits", sent, request_id="42"),
        "a version": client.infer("digits", sent, model_version="1.0.0", parameters={"station": 7}, priority=1),
        "gzip": client.infer("digits", sent, request_compression_algorithm="gzip"),
        "deflate": client.infer("digits", sent, request_compression_algorithm="deflate"),
        "packed answers": client.infer("digits", sent, response_compression_algorithm="gzip"),
    }
    under_way = [client.async_infer("digits", sent) for _ in range(4)]
    results |= {f"async {number}": each.get_result() for number, each in enumerate(under_way)}
    told = {name: {"probabilities": both(result)[1].tolist()} for name, result in results.items()}
    return {"ways": told, "id": results["all outputs"].get_response()["id"]}


def refusals(client: InferenceServerClient, digits: Arrays) -> dict[str, str]:
    good = tensor(digits)
    unknown = [InferRequestedOutput("label")]
    wrong: dict[str, Callable[[], Any]] = {
        "model": lambda: client.infer("letters", [good]),
        "metadata of a model": lambda: client.get_model_metadata("letters"),
        "version": lambda: client.infer("digits", [good], model_version="7"),
        "input": lambda: client.infer("digits", [tensor(digits, name="image")]),
        "inputs": lambda: client.infer("digits", [good, good]),
        "output": lambda: client.infer("digits", [good], outputs=unknown),
        "classes": lambda: client.infer("digits", [good], outputs=[InferRequestedOutput("digit", class_count=3)]),
        "shape": lambda: client.infer("digits", [tensor(digits[:, :14])]),
        "type": lambda: client.infer("digits", [InferInput("pixels", [1, 28, 28], "INT64")]),
        "no data": lambda: client.infer("digits", [InferInput("pixels", [1, 28, 28], "FP32")]),
        "range": lambda: client.infer("digits", [tensor(digits * np.float32(2))]),
        "NaN": lambda: client.infer("digits", [tensor(digits * np.float32("nan"))]),
    }
    told = {}
    for name, ask in wrong.items():
        try:
            ask()
        except InferenceServerException as error:
            told[name] = str(error)
    return told


def main() -> None:
    address, file = sys.argv[1:]
    digits = np.load(file)
    with InferenceServerClient(address, concurrency=4) as client:
        health = [client.is_server_live(), client.is_server_ready(), client.is_model_ready("digits")]
        told = {
            "health": health,
            "server": client.get_server_metadata(),
            "model": client.get_model_metadata("digits", "1.0.0"),
            "batches": {size: in_batches(client, digits, size) for size in (1, 7, 64)},
            **other_ways(client, digits[:5]),
            "refusals": refusals(client, digits[:5]),
        }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
