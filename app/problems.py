"""Errors -> answers: every error becomes application/problem+json (RFC 9457), under /v2 that protocol's own shape."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from app import safe_headers
from app.errors import UNFORESEEN, ServiceError
from app.schemas import Problem

V2 = "/v2"
"""Where the paths of the Open Inference Protocol begin."""

HEADERS = {401: {"WWW-Authenticate": 'Bearer realm="postal-digits"'}, 503: {"Retry-After": "1"}}
"""What is said beside some problems: how to show who one is, and when to try again."""


def problem(status: int, detail: str, request_id: str) -> Problem:
    """Return the body of the answer to an error."""
    return Problem(
        type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail, request_id=request_id
    )


def answer(
    request_id: str, status: int, detail: str, headers: Mapping[str, str] | None = None, path: str = ""
) -> JSONResponse:
    """Return the answer to an error, with the request's id and the safe headers: nothing else adds them to a 500.

    path: that of the request, as `path_of` gives it.
    """
    named = {**safe_headers.HEADERS, **(headers or {}), "X-Request-ID": request_id}
    if _is_v2(path):
        return JSONResponse({"error": detail}, status, named)
    body = problem(status, detail, request_id).model_dump()
    return JSONResponse(body, status, named, media_type="application/problem+json")


def refusal(request_id: str, error: ServiceError, path: str = "") -> JSONResponse:
    """Return the answer to `error`, with what is said beside it."""
    return answer(request_id, error.status, error.detail, HEADERS.get(error.status), path)


def path_of(scope: Scope) -> str:
    """Return the path of a request as the routes know it, without the prefix that a proxy takes away."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem."""

    @app.exception_handler(ServiceError)
    async def service_error(request: Request, error: ServiceError) -> JSONResponse:
        return refusal(_id(request), error, path_of(request.scope))

    @app.exception_handler(RequestValidationError)
    async def query_error(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        detail = f"{where}: {first['msg']}; got {first.get('input')!r}"[:500]
        return answer(_id(request), 422, detail, path=path_of(request.scope))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        path, detail = path_of(request.scope), str(error.detail)
        if error.status_code == 404 and _is_v2(path):
            detail = f"there is nothing at {path[:200]!r}; the one model is at {V2}/models/digits"
        return answer(_id(request), error.status_code, detail, error.headers, path)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        error.add_note(f"while answering request {_id(request)}")  # the server logs the error with its notes
        return answer(_id(request), 500, UNFORESEEN, path=path_of(request.scope))


def _is_v2(path: str) -> bool:
    return path == V2 or path.startswith(f"{V2}/")


def _id(request: Request) -> str:
    return str(request.scope.get("request_id", ""))
