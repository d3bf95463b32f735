"""/v2: the Open Inference Protocol (KServe V2, HTTP), so that its clients read digits unchanged.

Source: https://github.com/kserve/open-inference-protocol, and Triton's binary tensor data extension.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app import bodies, inference
from app.errors import NotFoundError
from app.inference import EXTENSIONS, LENGTH_HEADER, MODEL
from app.inference_schemas import (
    InferenceError,
    InferResponse,
    Live,
    ModelMetadata,
    ModelReady,
    Ready,
    ServerMetadata,
    infer_request_schema,
)
from app.routes import about, documented
from app.routes.documented import EXAMPLE_PIXELS, FILE, PROBLEMS
from app.routes.predict import ANYTHING, PlainRoute, answering, service
from app.service import Question
from app.version import VERSION
from model.reader import Options
from model.types import SIDE

router = APIRouter(tags=["Open Inference Protocol"], route_class=PlainRoute)


async def server_metadata(_: Request) -> Response:
    """Return what the server is."""
    return _json({"name": "postal-digits", "version": VERSION, "extensions": EXTENSIONS})


async def server_live(_: Request) -> Response:
    """Answer that the process is up."""
    return _json({"live": True})


async def server_ready(request: Request) -> Response:
    """Answer 200 where `/health/ready` does; else 503."""
    await about.ready(request)
    return _json({"ready": True})


async def model_metadata(request: Request) -> Response:
    """Return what the model takes and gives."""
    return _json(inference.metadata(_version(request)))


async def model_ready(request: Request) -> Response:
    """Answer 200 where `/health/ready` does; else 503."""
    _version(request)
    await about.ready(request)
    return _json({"name": MODEL, "ready": True})


async def infer(request: Request) -> Response:
    """Read digits: `pixels`, UINT8 or FP32, [N, 28, 28] or [N, 784], 0 to 255, each as `/predict` reads it.

    The outputs are `digit`, INT64 [N], -1 where there is no ink, and `probabilities`, FP32 [N, 10]. Tensors may also be
    bytes behind the JSON, by the binary tensor data extension.
    """
    version, settings, request_id = _version(request), service(request).settings, request.scope["request_id"]
    reading = answering(request)
    reading.check_room()
    asked = await bodies.inference_request(request, settings.max_body_bytes)
    options = Options(kind="digit", max_error=settings.max_error)
    answers = await reading.digits([Question(each, options, request_id) for each in asked.pictures])
    told, behind = inference.response(asked, version, inference.tensors(answers))
    head = ANYTHING.dump_json(told)
    if not behind:
        return Response(head, media_type="application/json")
    headers = {LENGTH_HEADER: str(len(head))}
    return Response(b"".join([head, *behind]), headers=headers, media_type="application/octet-stream")


def _version(request: Request) -> str:
    """Return the model's version. Raises NotFoundError where the path names another."""
    version = service(request).artifact.version
    named = request.path_params.get("version", version)
    if named != version:
        raise NotFoundError(f"the model {MODEL} has the version {version!r} alone; got {named[:50]!r}")
    return version


def _json(value: dict[str, Any]) -> Response:
    return Response(ANYTHING.dump_json(value), media_type="application/json")


_PATH = f"/v2/models/{MODEL}"
_EXAMPLE = {
    "inputs": [{"name": inference.INPUT, "shape": [1, SIDE, SIDE], "datatype": "UINT8", "data": EXAMPLE_PIXELS}]
}
_BODY = {
    "application/json": {"schema": infer_request_schema(), "example": _EXAMPLE},
    "application/octet-stream": {"schema": FILE},
}
_BYTES = {"content": {"application/octet-stream": {"schema": FILE}}}


def _answers(model: type[BaseModel], *errors: int, **more: Any) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the answers: a `model`, `more` about it, and the protocol's errors."""
    answers: dict[int | str, dict[str, Any]] = {200: {"model": model, **more}}
    for status in (*errors, 408, 422, 431):  # the last three before any route is asked
        answers[status] = {"description": PROBLEMS[status]["description"], "model": InferenceError}
    return answers


for path, shown in ((_PATH, True), (f"{_PATH}/versions/{{version}}", False)):
    router.add_api_route(
        f"{path}/infer",  # first: what is asked most is found soonest
        infer,
        methods=["POST"],
        openapi_extra=documented.request(_BODY, []),
        responses=_answers(InferResponse, 400, 413, 415, 503, **_BYTES),
        include_in_schema=shown,
    )
    router.add_api_route(path, model_metadata, responses=_answers(ModelMetadata), include_in_schema=shown)
    router.add_api_route(f"{path}/ready", model_ready, responses=_answers(ModelReady, 503), include_in_schema=shown)
router.add_api_route("/v2", server_metadata, responses=_answers(ServerMetadata))
for path, endpoint, answers in (
    ("/v2/health/live", server_live, _answers(Live)),
    ("/v2/health/ready", server_ready, _answers(Ready, 503)),
):
    router.add_api_route(path, endpoint, responses=answers)
    router.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
