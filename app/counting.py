"""What counts every request, however it ends."""

import asyncio
import time
from collections.abc import Sequence

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import LEFT, OTHER, Metrics


class Counting:
    """Counts each request with the path of its route, the status of its answer, and how long it took."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        """routes: those of the app. FastAPI notes which of its own it chose; others are known by what they call."""
        self.app = app
        self._paths: dict[object, str] = {route.endpoint: route.path for route in routes if isinstance(route, Route)}
        self._paths |= {route.app: route.path for route in routes if isinstance(route, Mount)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except asyncio.CancelledError:
            status = status or scope.get("cut_off", LEFT)
            raise
        finally:
            metrics: Metrics = scope["app"].state.metrics
            # Without a status, it fails: the server answers 500.
            metrics.request(self._path(scope), status or 500, time.perf_counter() - began)

    def _path(self, scope: Scope) -> str:
        if "route" in scope:
            path: str = scope["route"].path
            return path
        return self._paths.get(scope.get("endpoint"), OTHER)
