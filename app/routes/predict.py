"""POST /predict and /predict/batch: pictures in, readings out."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from app import bodies, lines
from app.answering import Answering
from app.errors import ServiceError, UnreadableError
from app.routes import documented, listed
from app.routes.documented import MANY_PICTURES, MANY_READINGS, ONE_PICTURE, PROBLEMS
from app.routes.query import PARAMETERS, asked
from app.schemas import Answer, Problem
from app.service import Question, Service

ANYTHING = TypeAdapter(Any)
"""Writes JSON in a fifth of the time that `json` takes, mostly for the chances of the ten digits."""


class PlainRoute(APIRoute):
    """A route whose function takes the request and returns the response: FastAPI has nothing to find out or check."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


router = APIRouter(tags=["reading"], route_class=PlainRoute)


def service(request: Request) -> Service:
    """Return the service that all requests share."""
    shared: Service = request.app.state.service
    return shared


def answering(request: Request) -> Answering:
    """Return what answers the questions of all requests."""
    shared: Answering = request.app.state.answering
    return shared


@router.post(
    "/predict",
    openapi_extra=documented.request(ONE_PICTURE, PARAMETERS),
    responses={200: {"model": Answer}, **PROBLEMS},
)
async def predict(request: Request) -> Response:
    """Read one picture: image bytes, 784 bytes, a form's `file`, or JSON."""
    settings = service(request).settings
    options = asked(request, settings)
    sent = await bodies.one_picture(request, settings.max_body_bytes)
    return _json(await answering(request).answer(Question(sent, options, request.scope["request_id"])))


@router.post(
    "/predict/batch",
    openapi_extra=documented.request(MANY_PICTURES, [each for each in PARAMETERS if each["name"] != "explain"]),
    responses={200: {"model": list[Answer | Problem], **MANY_READINGS}, **PROBLEMS},
)
async def predict_batch(request: Request) -> Response:
    """Read many pictures: a form's files, a JSON list, or a long list of one JSON object a line (NDJSON).

    Readings come in the order sent; a bad item fails alone. Those of a long list come while it is sent, one a line.
    """
    settings, request_id = service(request).settings, request.scope["request_id"]
    options = asked(request, settings)
    if options.explain:  # a hundred explanations would fill the memory
        raise UnreadableError("query explain is not allowed on /predict/batch; expected one picture, sent to /predict")
    if bodies.media_type(request) in lines.TYPES:
        return await listed.answer(request, options, answering(request), settings)
    items = await bodies.many_pictures(request, settings.max_body_bytes, settings.max_batch)
    questions = [item if isinstance(item, ServiceError) else Question(item, options, request_id) for item in items]
    answered = await answering(request).answers(questions, request_id)
    return _json([each.model_dump() if isinstance(each, Problem) else each for each in answered])


def _json(value: Any) -> Response:
    """Return `value` as JSON, without validating it: the service made it, and the tests check its schema."""
    return Response(ANYTHING.dump_json(value), media_type="application/json")
