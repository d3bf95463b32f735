"""GET / and /static: the page on which people try the service, and the files that it loads."""

import hashlib
from html import escape
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parents[1] / "static"

_BASE = '<base href="/">'
"""The line of index.html from which all of the page's addresses go out: behind a proxy's prefix, it holds that."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",  # kept, but asked for again: after an update, no page runs half old and half new
    "Content-Security-Policy": _POLICY,
}
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
}
"""Said here, as not every system knows all of them."""
COMPRESSION_LEVEL = 6  # of 9: the next levels save a hundredth and take twice the time


class PageFiles(StaticFiles):
    """The files of the page, each with the headers that keep everything from another host out."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file at `path`, or 304 where the client has it. Raises HTTPException where there is none."""
        response = await super().get_response(path, scope)
        kind = _TYPES.get(Path(path).suffix)
        if kind is not None and response.status_code == HTTPStatus.OK:
            response.headers["Content-Type"] = kind
        response.headers.update(_HEADERS)
        return response

    async def index(self, request: Request) -> Response:
        """Return the page, or 304 where the client has it. It is read each time: who edits it need not restart."""
        prefix = escape(request.scope["root_path"].rstrip("/"))
        text = (STATIC / "index.html").read_text(encoding="utf-8").replace(_BASE, f'<base href="{prefix}/">', 1)
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        response: Response = HTMLResponse(text, headers={"ETag": tag})
        if self.is_not_modified(response.headers, request.headers):
            response = NotModifiedResponse(response.headers)
        response.headers.update({**_HEADERS, "Cross-Origin-Opener-Policy": "same-origin"})
        return response


def install(app: FastAPI) -> None:
    """Make `app` answer the page at `/` and its files under `/static`, all compressed."""
    files = PageFiles(directory=STATIC)
    compressed = [Middleware(GZipMiddleware, compresslevel=COMPRESSION_LEVEL)]
    app.router.routes += [
        Route("/", files.index, middleware=compressed),
        Mount("/static", files, middleware=compressed),
    ]
