"""GET /metrics: what is measured, for Prometheus."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from app.metrics import Metrics

router = APIRouter(tags=["service"])


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """Return what all workers have measured together, in Prometheus' text format."""
    shared: Metrics = request.app.state.metrics
    shared.settle()
    content, media_type = await run_in_threadpool(shared.text)  # the files of other workers are read
    return Response(content, headers={"Content-Type": media_type})
