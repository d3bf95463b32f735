"""The shapes of the Open Inference Protocol (KServe V2, HTTP): requests are checked by them, and answers have them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Parameters = dict[str, Any] | None
"""Left out, null and empty mean the same: clients send each."""


class _Sent(BaseModel):
    """What clients send: names that are unknown here are ignored, types are not converted."""

    model_config = ConfigDict(strict=True)


class Input(_Sent):
    """A tensor of the request; its data are here, or behind the JSON where `binary_data_size` is a parameter."""

    name: str = Field(examples=["pixels"])
    shape: list[int] = Field(examples=[[1, 28, 28]])
    datatype: str = Field(examples=["UINT8"])
    parameters: Parameters = None
    data: Any = Field(default=None, description="A list of numbers, flat or nested as `shape` says.")


class RequestedOutput(_Sent):
    """A tensor that the answer is to have; the parameter `binary_data` says whether behind the JSON."""

    name: str = Field(examples=["digit"])
    parameters: Parameters = None


class InferRequest(_Sent):
    """Which tensors are sent, and which are asked for: all where none is named."""

    id: str | None = None
    parameters: Parameters = Field(
        default=None,
        description="`binary_data_output`: whether outputs come behind the JSON, unless they say otherwise.",
    )
    inputs: list[Input] = Field(min_length=1)
    outputs: list[RequestedOutput] | None = None


class Output(BaseModel):
    """A tensor of the answer; its data are here, row by row, or behind the JSON."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = None
    data: list[float] | None = None


class InferResponse(BaseModel):
    """The tensors that were asked for; `id` is that of the request, if it had one."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[Output]


class ServerMetadata(BaseModel):
    """What the server is."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(BaseModel):
    """What a tensor looks like; -1 is any number."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """What the model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class Live(BaseModel):
    """The process is up."""

    live: Literal[True] = True


class Ready(BaseModel):
    """The server takes requests."""

    ready: Literal[True] = True


class ModelReady(BaseModel):
    """The model takes requests."""

    name: str
    ready: Literal[True] = True


class InferenceError(BaseModel):
    """An error in the protocol's shape: what was sent and what is expected."""

    error: str


def infer_request_schema() -> dict[str, Any]:
    """Return the JSON schema of InferRequest, all in one piece."""
    schema = InferRequest.model_json_schema()
    parts = schema.pop("$defs")
    schema["properties"]["inputs"]["items"] = parts["Input"]
    schema["properties"]["outputs"]["anyOf"][0]["items"] = parts["RequestedOutput"]
    return schema
