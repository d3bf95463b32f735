"""What the service is and how it is doing: the model card and the health checks."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from app.errors import UnavailableError
from app.routes.documented import PROBLEMS
from app.routes.page import COMPRESSION_LEVEL
from app.routes.predict import service
from model.artifact import Artifact

NOT_READY: dict[int | str, dict[str, Any]] = {503: PROBLEMS[503]}


class Compressed(APIRoute):
    """A route whose answers are compressed where the client takes that: the page loads the model card at once."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await GZipMiddleware(super().handle, compresslevel=COMPRESSION_LEVEL)(scope, receive, send)


router = APIRouter(tags=["service"])


async def model_card(request: Request) -> dict[str, Any]:
    """Return the model card: what it is, what it was trained on, how it scored.

    `strips` are the networks that slide over strips: the first reads every strip, the others where it is in doubt.
    `calibration` says from which confidence on readings are accepted, by the way of reading and by `max_error`;
    its `made.accepted`, where it has one, which share is expected to be accepted.
    """
    shared = service(request)
    return {
        **_card(shared.artifact),
        "strips": [_card(network.artifact) for network in shared.reader.sliding_networks],
        "calibration": shared.reader.calibration.card(),
    }


router.add_api_route("/model", model_card, methods=["GET"], route_class_override=Compressed)


def _card(artifact: Artifact) -> dict[str, Any]:
    header = artifact.header
    return {
        "name": artifact.name,
        "version": artifact.version,
        "sha256": artifact.sha256,
        "kind": header["kind"],
        "recipe": header.get("recipe"),
        "description": header["description"],
        "training": header.get("training", {}),
        "scores": header.get("scores", {}),
    }


@router.head("/health/live", include_in_schema=False)
@router.get("/health/live")
async def live() -> dict[str, str]:
    """Answer that the process is up."""
    return {"status": "live"}


@router.head("/health/ready", include_in_schema=False)
@router.get("/health/ready", responses=NOT_READY)
async def ready(request: Request) -> dict[str, str]:
    """Answer 200 once the model is loaded and has read a digit and a strip, until the service drains; else 503."""
    if not service(request).ready:
        raise UnavailableError("the service is starting or stopping; try again in a second")
    return {"status": "ready"}
