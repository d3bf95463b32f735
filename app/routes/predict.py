"""POST /predict and /predict/batch: pictures in, readings out."""

import inspect
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BeforeValidator, Field

from app import bodies
from app.answering import Answering
from app.errors import ServiceError, UnreadableError
from app.schemas import Answer, Problem
from app.service import Question, Service
from model.reader import Kind, Options
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
        408: "The whole request did not arrive in time",
        413: "Body or picture over its limit",
        415: "No image type that is known",
        422: "An image that does not decode, or values out of range",
        431: "A head over its limit",
        503: "Busy, starting or draining; `Retry-After` says when to come again",
    }.items()
}


def body(content: dict[str, Any]) -> dict[str, Any]:
    """Return the part of OpenAPI that says which bodies a request may have."""
    return {"requestBody": {"required": True, "content": content}}


def _empty_as_none(value: Any) -> Any:
    return None if value == "" else value


Empty = BeforeValidator(_empty_as_none)
Count = Annotated[int, Field(ge=1, le=64)]
Top = Annotated[int, Field(ge=1, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]


async def options(  # async, as FastAPI sends every other function to a thread
    request: Request,
    kind: Annotated[
        Kind | None, Empty, Query(description="one digit, a strip of digits, or (auto) what is found")
    ] = None,
    digits: Annotated[Count | None, Empty, Query(description="how many digits to expect in a strip")] = None,
    country: Annotated[str | None, Empty, Query(description="whose codes to expect: fr, us, de …")] = None,
    top: Annotated[Top | None, Empty, Query(description="how many candidates to answer (3)")] = None,
    max_error: Annotated[
        Share | None, Empty, Query(description="greatest chance of error accepted (the setting's)")
    ] = None,
) -> Options:
    """Return the query, checked; an empty value is as if it were left out."""
    if unknown := sorted(set(request.query_params) - _NAMES):
        raise UnreadableError(f"query must be of {', '.join(sorted(_NAMES))}; got {unknown[0][:50]!r}")
    if max_error is None:
        max_error = service(request).settings.max_error
    try:
        asked = Options(kind or "auto", digits, country, top or 3, max_error)
    except ValueError as error:
        raise UnreadableError(f"query {error}"[:500]) from error
    if asked.lengths is not None and not asked.lengths:
        expected = " or ".join(map(str, FORMATS[str(asked.country)].lengths))
        raise UnreadableError(f"query digits={digits} contradicts country={asked.country}, whose codes have {expected}")
    if asked.kind == "digit" and asked.lengths is not None and 1 not in asked.lengths:
        raise UnreadableError(
            "query kind=digit contradicts what else is asked: a country's code, or more than one digit"
        )
    return asked


_NAMES = frozenset(inspect.signature(options).parameters) - {"request"}


def service(request: Request) -> Service:
    """Return what requests share."""
    shared: Service = request.app.state.service
    return shared


def answering(request: Request) -> Answering:
    """Return what answers questions."""
    shared: Answering = request.app.state.answering
    return shared


Asked = Annotated[Options, Depends(options)]


@router.post("/predict", openapi_extra=body(ONE_PICTURE), responses={200: {"model": Answer}, **PROBLEMS})
async def predict(request: Request, asked: Asked) -> Response:
    """Read one picture: image bytes, 784 bytes, a form's `file`, or JSON."""
    sent = await bodies.one_picture(request, service(request).settings.max_body_bytes)
    return _json(await answering(request).answer(Question(sent, asked, request.scope["request_id"])))


@router.post(
    "/predict/batch",
    openapi_extra=body(MANY_PICTURES),
    responses={200: {"model": list[Answer | Problem]}, **PROBLEMS},
)
async def predict_batch(request: Request, asked: Asked) -> Response:
    """Read many pictures, a form's files or a JSON list; readings in the order sent, a bad item fails alone."""
    settings, request_id = service(request).settings, request.scope["request_id"]
    items = await bodies.many_pictures(request, settings.max_body_bytes, settings.max_batch)
    questions = [item if isinstance(item, ServiceError) else Question(item, asked, request_id) for item in items]
    answered = await answering(request).answers(questions, request_id)
    return _json([each.model_dump() if isinstance(each, Problem) else each for each in answered])


def _json(value: Any) -> Response:
    """Return `value` as it is: readings are the service's own, and their schema is held by the tests."""
    return Response(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), media_type="application/json"
    )
