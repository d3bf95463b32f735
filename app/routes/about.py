"""What the service is and how it is: the model card and the health checks."""

from typing import Any

from fastapi import APIRouter

from app.routes.predict import Ready, Shared
from model.artifact import Artifact

router = APIRouter(tags=["service"])


@router.get("/model")
async def model_card(shared: Shared) -> dict[str, Any]:
    """Return the model card: what it is, what it was trained on, how it scored.

    `strips` are the networks that slide over strips: the first always, the others where it is in doubt.
    """
    return {
        **_card(shared.artifact),
        "strips": [_card(network.artifact) for network in shared.reader.sliding_networks],
    }


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


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Answer: the process is up."""
    return {"status": "live"}


@router.get("/health/ready")
async def ready(_: Ready) -> dict[str, str]:
    """Answer once the model is loaded and warmed, until the service drains; else 503."""
    return {"status": "ready"}
