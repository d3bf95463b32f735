"""The tensors of the Open Inference Protocol (KServe V2, HTTP) -> digits to read, and their readings -> tensors.

Tensors are lists of numbers in the JSON, or bytes behind it (Triton's binary tensor data extension): little-endian, row
by row, in the order in which the JSON names them. The request header Inference-Header-Content-Length says where the
JSON ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from app import json_tensors
from app.errors import BadRequestError
from app.images import Decoded, full_range
from app.inference_schemas import InferRequest, Input, RequestedOutput
from app.json_tensors import Numbers
from app.service import Answer
from model.types import CLASSES, PIXELS, SIDE, WHITE

MODEL = "digits"
INPUT = "pixels"
LENGTH_HEADER = "Inference-Header-Content-Length"
EXTENSIONS = ["binary_tensor_data"]
MOST_DIGITS = 1_000
"""In one request, which they keep busy for a second or so. As JSON, at 25 bytes a number, they fit a body's 20 MB."""
NO_DIGIT = -1
"""The output `digit` where there is no ink: no class, so that nobody takes it for one."""
_INPUT_TYPES: dict[str, np.dtype[Any]] = {"UINT8": np.dtype("u1"), "FP32": np.dtype("<f4")}
_OUTPUTS: dict[str, tuple[str, list[int]]] = {"digit": ("INT64", [-1]), "probabilities": ("FP32", [-1, CLASSES])}
"""The type and shape of each."""
_UNSUPPORTED = ("shared_memory_region", "classification")  # parameters that ask for another answer: never ignored


@dataclass(frozen=True)
class Asked:
    """What a request asks: its N pictures of a digit, 28 × 28; each output, and whether as bytes; its id."""

    pictures: list[Decoded]
    outputs: dict[str, bool]
    id: str | None


def metadata(version: str) -> dict[str, Any]:
    """Return what the protocol tells of the model."""
    return {
        "name": MODEL,
        "versions": [version],
        "platform": "numpy_npz",
        "inputs": [{"name": INPUT, "datatype": "UINT8", "shape": [-1, SIDE, SIDE]}],
        "outputs": [
            {"name": name, "datatype": datatype, "shape": shape} for name, (datatype, shape) in _OUTPUTS.items()
        ],
    }


def asked(body: bytes, header_length: str | None) -> Asked:
    """Return what the request with this body asks.

    header_length: its header Inference-Header-Content-Length, None where it has none.
    Raises BadRequestError where it is not what the protocol and the model expect.
    """
    end = len(body) if header_length is None else _json_length(header_length, len(body))
    try:
        request = InferRequest.model_validate(json_tensors.loaded(body if end == len(body) else body[:end]))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise BadRequestError(f"{where}: {first['msg']}; got {str(first['input'])[:50]!r}") from error
    if len(request.inputs) != 1 or request.inputs[0].name != INPUT:
        names = ", ".join(repr(each.name[:50]) for each in request.inputs[:5])
        raise BadRequestError(f"expected one input, `{INPUT}`; got {len(request.inputs)}: {names}")
    pixels = _pixels(request.inputs[0], memoryview(body)[end:])
    pictures = [Decoded(full_range(each), SIDE, SIDE) for each in pixels]  # as `/predict` takes the same numbers
    return Asked(pictures, _outputs(request), request.id)


def _json_length(header: str, size: int) -> int:
    digits = header.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and 1 <= int(digits) <= size):
        raise BadRequestError(f"{LENGTH_HEADER} must be from 1 to the body's {size} bytes; got {header[:50]!r}")
    return int(digits)


def _pixels(tensor: Input, behind: memoryview) -> NDArray[np.float32]:
    """Return the input's digits, (N, 28, 28), 0 to 255. behind: the bytes behind the JSON."""
    shape, datatype = tensor.shape, tensor.datatype
    if datatype not in _INPUT_TYPES:
        raise BadRequestError(f"input `{INPUT}` must be of type {' or '.join(_INPUT_TYPES)}; got {datatype[:50]!r}")
    if shape[1:] not in ([SIDE, SIDE], [PIXELS]) or not 1 <= shape[0] <= MOST_DIGITS:
        raise BadRequestError(
            f"input `{INPUT}` must have the shape [N, {SIDE}, {SIDE}] or [N, {PIXELS}], with 1 to {MOST_DIGITS} "
            f"digits; got {str(shape)[:50]}"
        )
    values = _values(tensor, behind)
    right = (values >= 0) & (values <= WHITE)  # false for NaN
    if datatype == "UINT8":
        right &= values == np.floor(values)
    if not right.all():
        at = int(np.argmin(right))
        raise BadRequestError(
            f"input `{INPUT}`, of type {datatype}, must hold numbers from 0 to {WHITE}; got {values.flat[at]:g} at {at}"
        )
    return values.astype(np.float32).reshape(-1, SIDE, SIDE)


def _values(tensor: Input, behind: memoryview) -> NDArray[Any]:
    """Return what the tensor holds, in its shape: from the JSON, or from `behind` it."""
    parameters = tensor.parameters or {}
    _check_parameters(parameters)
    size = parameters.get("binary_data_size")
    if size is None and len(behind):
        raise BadRequestError(f"{len(behind)} bytes follow the JSON, but no input has the parameter `binary_data_size`")
    if size is not None and tensor.data is not None:
        raise BadRequestError(f"input `{INPUT}` has both `data` and the parameter `binary_data_size`; expected one")
    if size is not None:
        return _from_bytes(behind, size, tensor.datatype, tensor.shape)
    if isinstance(tensor.data, Numbers):
        return tensor.data.array(tensor.shape)
    raise BadRequestError(
        f"input `{INPUT}` must have `data`, a list of numbers alone, or the parameter `binary_data_size`"
    )


def _from_bytes(behind: memoryview, size: Any, datatype: str, shape: Sequence[int]) -> NDArray[Any]:
    dtype = _INPUT_TYPES[datatype]
    expected = int(np.prod(shape)) * dtype.itemsize
    if isinstance(size, bool) or size != expected:
        raise BadRequestError(
            f"`binary_data_size` must be {expected} for {datatype} of shape {list(shape)}; got {str(size)[:50]}"
        )
    if len(behind) != expected:
        raise BadRequestError(
            f"`binary_data_size` says that {expected} bytes follow the JSON; by {LENGTH_HEADER}, {len(behind)} do"
        )
    return np.frombuffer(behind, dtype).reshape(shape)


def _outputs(request: InferRequest) -> dict[str, bool]:
    """Return the outputs that are asked for, in that order, and whether as bytes."""
    binary = _flag(request.parameters or {}, "binary_data_output", otherwise=False)
    if not request.outputs:
        return dict.fromkeys(_OUTPUTS, binary)
    outputs: dict[str, bool] = {}
    for each in request.outputs:
        outputs[_output_name(each, outputs)] = _flag(each.parameters or {}, "binary_data", otherwise=binary)
    return outputs


def _output_name(output: RequestedOutput, before: dict[str, bool]) -> str:
    if output.name not in _OUTPUTS or output.name in before:
        problem = "is asked for twice" if output.name in before else f"is unknown; expected {' or '.join(_OUTPUTS)}"
        raise BadRequestError(f"output {output.name[:50]!r} {problem}")
    _check_parameters(output.parameters or {})
    return output.name


def _flag(parameters: dict[str, Any], name: str, *, otherwise: bool) -> bool:
    value = parameters.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadRequestError(f"the parameter `{name}` must be true or false; got {str(value)[:50]!r}")
    return otherwise if value is None else value


def _check_parameters(parameters: dict[str, Any]) -> None:
    for name in _UNSUPPORTED:
        if name in parameters:
            raise BadRequestError(
                f"the parameter `{name}` is not supported; the extensions are {', '.join(EXTENSIONS)}"
            )


def tensors(answers: Sequence[Answer]) -> dict[str, NDArray[Any]]:
    """Return the outputs for the answers to N digits: `digit` (N,) int64 and `probabilities` (N, 10) float32.

    Without ink, the digit is NO_DIGIT and each probability 0.1: nothing speaks for any of them.
    """
    digits = np.full(len(answers), NO_DIGIT, np.dtype("<i8"))
    probabilities = np.full((len(answers), CLASSES), 1 / CLASSES, np.dtype("<f4"))
    for number, answer in enumerate(answers):
        for digit in answer["digits"]:
            digits[number], probabilities[number] = digit["digit"], digit["probabilities"]
    return {"digit": digits, "probabilities": probabilities}


def response(asked: Asked, version: str, arrays: dict[str, NDArray[Any]]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the response's JSON, in the shape of `inference_schemas.InferResponse`, and the bytes that follow it."""
    outputs, behind = [], list[bytes]()
    for name, binary in asked.outputs.items():
        values = arrays[name]
        output: dict[str, Any] = {"name": name, "datatype": _OUTPUTS[name][0], "shape": list(values.shape)}
        if binary:
            behind.append(values.tobytes())
            output["parameters"] = {"binary_data_size": len(behind[-1])}
        else:
            output["data"] = values.reshape(-1).tolist()
        outputs.append(output)
    named = {} if asked.id is None else {"id": asked.id}
    return {"model_name": MODEL, "model_version": version, **named, "outputs": outputs}, behind
