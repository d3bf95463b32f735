"""By which path a request is counted: that of its route, as clients may ask for any."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

from app.problems import path_of

OTHER = "other"
"""The path of what no route answers: were it its own, anyone could make as many series as they like."""


class RoutePaths:
    """The paths of an app's routes."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        """routes: FastAPI notes which of its own it chose; others are known by what they call."""
        self._paths: dict[object, str] = {route.endpoint: route.path for route in routes if isinstance(route, Route)}
        self._paths |= {route.app: route.path for route in routes if isinstance(route, Mount)}
        self._known = frozenset(self._paths.values())

    def of(self, scope: Scope) -> str:
        """Return the path of the route that was chosen for the request, or would have been: keys are asked first."""
        if "route" in scope:
            path: str = scope["route"].path
            return path
        asked = path_of(scope)
        return self._paths.get(scope.get("endpoint"), asked if asked in self._known else OTHER)
