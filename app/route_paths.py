"""By which path a request is counted: that of its route, as clients may ask for any."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

OTHER = "other"
"""The path of what no route answers: were it its own, anyone could make as many series as they like."""


class RoutePaths:
    """The paths of an app's routes."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        """routes: FastAPI notes which of its own it chose; others are known by what they call."""
        self._paths: dict[object, str] = {route.endpoint: route.path for route in routes if isinstance(route, Route)}
        self._paths |= {route.app: route.path for route in routes if isinstance(route, Mount)}

    def of(self, scope: Scope) -> str:
        """Return the path of the route that was chosen for the request, or OTHER."""
        if "route" in scope:
            path: str = scope["route"].path
            return path
        return self._paths.get(scope.get("endpoint"), OTHER)
