"""GET /docs: Swagger UI, which the service serves itself, with a policy that lets in nothing else."""

import base64
import hashlib
import re

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import Response
from starlette.routing import Route

FILES = "/static-offline-docs"
"""Where FastAPIOffline has Swagger UI's files."""
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_PARAMETERS = {"validatorUrl": None}  # else the page loads a badge from another host


def install(app: FastAPI) -> None:
    """Make `app` answer /docs."""

    async def docs(request: Request) -> Response:
        prefix = request.scope["root_path"].rstrip("/")
        page = get_swagger_ui_html(
            title=f"{app.title}: API",
            openapi_url=f"{prefix}{app.openapi_url}",
            swagger_js_url=f"{prefix}{FILES}/swagger-ui-bundle.js",
            swagger_css_url=f"{prefix}{FILES}/swagger-ui.css",
            swagger_favicon_url=f"{prefix}{FILES}/favicon.png",
            swagger_ui_parameters=_PARAMETERS,
        )
        # Swagger UI writes styles into its elements; of scripts, only the page's own are let in.
        hashes = [base64.b64encode(hashlib.sha256(each).digest()).decode() for each in _INLINE.findall(page.body)]
        scripts = " ".join(f"'sha256-{each}'" for each in hashes)
        page.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        page.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return page

    app.router.routes.append(Route("/docs", docs))
