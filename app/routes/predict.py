"""POST /predict and /predict/batch: pictures in, readings out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from app import bodies
from app.errors import UnavailableError, UnreadableError
from app.schemas import Answer, Problem
from app.service import Options, Service
from model.reader import Kind
from model.strips.postal import FORMATS

router = APIRouter(tags=["reading"])

# A drawn 1: the smallest example that runs.
EXAMPLE_PIXELS = [255 if 13 <= column <= 15 and 4 <= row < 24 else 0 for row in range(28) for column in range(28)]
EXAMPLE = {"pixels": EXAMPLE_PIXELS}
FILE = {"type": "string", "format": "binary"}
PICTURE = {
    "type": "object",
    "properties": {
        "pixels": {"type": "array", "items": {}, "description": "28 × 28 or 784 numbers, 0 to 255"},
        "image": {"type": "string", "description": "base64 or a data URL"},
    },
}
ONE_PICTURE = {
    "application/json": {"schema": PICTURE, "example": EXAMPLE},
    "multipart/form-data": {"schema": {"type": "object", "properties": {"file": FILE}}},
    "image/*": {"schema": FILE},
    "application/octet-stream": {"schema": FILE},
}
MANY_PICTURES = {
    "application/json": {"schema": {"type": "array", "items": PICTURE}, "example": [EXAMPLE, EXAMPLE]},
    "multipart/form-data": {
        "schema": {"type": "object", "properties": {"file": {"type": "array", "items": FILE}}},
    },
}
PROBLEM = {"application/problem+json": {"schema": Problem.model_json_schema()}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": PROBLEM}
    for status, description in {
        400: "No body, malformed JSON or form",
        413: "Body or picture over its limit",
        415: "No image type that is known",
        422: "An image that does not decode, or values out of range",
        503: "Not ready, or draining",
    }.items()
}


def body(content: dict[str, Any]) -> dict[str, Any]:
    """Return the part of OpenAPI that says which bodies a request may have."""
    return {"requestBody": {"required": True, "content": content}}


def options(
    request: Request,
    kind: Annotated[Kind, Query(description="one digit, a strip of digits, or whichever is found")] = "auto",
    digits: Annotated[int | None, Query(ge=1, le=64, description="how many digits to expect in a strip")] = None,
    country: Annotated[str | None, Query(description="whose codes to expect: fr, us, de …")] = None,
    top: Annotated[int, Query(ge=1, le=100, description="how many candidates to answer")] = 3,
    max_error: Annotated[float | None, Query(ge=0, le=1, description="greatest chance of error accepted")] = None,
) -> Options:
    """Return the query, checked."""
    if country is not None and country.lower() not in FORMATS:
        raise UnreadableError(f"query country must be one of {', '.join(sorted(FORMATS))}; got {country[:20]!r}")
    default = service(request).settings.max_error
    return Options(kind, digits, country, top, default if max_error is None else max_error)


def service(request: Request) -> Service:
    """Return what requests share."""
    shared: Service = request.app.state.service
    return shared


def ready_service(request: Request) -> Service:
    """Return what requests share, once it is warm and until it drains."""
    shared = service(request)
    if not shared.ready:
        raise UnavailableError("the service is starting or stopping; try again")
    return shared


Asked = Annotated[Options, Depends(options)]
Shared = Annotated[Service, Depends(service)]
Ready = Annotated[Service, Depends(ready_service)]


@router.post("/predict", openapi_extra=body(ONE_PICTURE), responses=PROBLEMS)
async def predict(request: Request, asked: Asked, shared: Ready) -> Answer:
    """Read one picture: image bytes, 784 bytes, a form's `file`, or JSON."""
    sent = await bodies.one_picture(request, shared.limits)
    return await run_in_threadpool(shared.answer, sent, asked, request.scope["request_id"])


@router.post("/predict/batch", openapi_extra=body(MANY_PICTURES), responses=PROBLEMS)
async def predict_batch(request: Request, asked: Asked, shared: Ready) -> list[Answer | Problem]:
    """Read many pictures, a form's files or a JSON list; readings in the order sent, a bad item fails alone."""
    items = await bodies.many_pictures(request, shared.settings.max_batch)
    return await run_in_threadpool(shared.answers, items, asked, request.scope["request_id"])
