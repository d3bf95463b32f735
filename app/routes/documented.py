"""What OpenAPI says of the endpoints beside what FastAPI finds out: bodies, and the problems that are answered."""

import json
from collections.abc import Collection
from typing import Any

from fastapi import FastAPI

from app.schemas import Problem

# A drawn 1: the smallest example that runs.
EXAMPLE_PIXELS = [255 if 13 <= column <= 15 and 4 <= row < 24 else 0 for row in range(28) for column in range(28)]
EXAMPLE = {"pixels": EXAMPLE_PIXELS}
FILE = {"type": "string", "format": "binary"}
PICTURE = {
    "type": "object",
    "properties": {
        "pixels": {"type": "array", "items": {}, "description": "28 × 28 or 784 numbers, 0 to 255 or all 0 to 1"},
        "image": {"type": "string", "description": "base64 or a data URL"},
    },
}
ONE_PICTURE = {
    "application/json": {"schema": PICTURE, "example": EXAMPLE},
    "multipart/form-data": {"schema": {"type": "object", "properties": {"file": FILE}}},
    "image/*": {"schema": FILE},
    "application/octet-stream": {"schema": FILE},
}
MANY_PICTURES = {
    "application/json": {"schema": {"type": "array", "items": PICTURE}, "example": [EXAMPLE, EXAMPLE]},
    "application/x-ndjson": {
        "schema": {"type": "string", "description": "One picture a line, each a JSON object as those of the list"},
        "example": f"{json.dumps(EXAMPLE)}\n" * 2,
    },
    "multipart/form-data": {
        "schema": {"type": "object", "properties": {"file": {"type": "array", "items": FILE}}},
    },
}
MANY_READINGS = {
    "description": "A list of readings and problems, in the order sent; of NDJSON, one a line",
    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
}
PROBLEM = {"application/problem+json": {"schema": Problem.model_json_schema()}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": PROBLEM}
    for status, description in {
        400: "No body, malformed JSON or form",
        408: "The whole request did not arrive in time",
        413: "Body or picture over its limit",
        415: "Unsupported image type",
        422: "An image that does not decode, or values out of range",
        431: "A head over its limit",
        503: "Busy, starting or draining; `Retry-After` says when to try again",
    }.items()
}


def describe_keys(app: FastAPI, also: Collection[str]) -> None:
    """Make OpenAPI say that what takes a body needs an API key, and so do the paths with one of the names in `also`."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        described = plain()
        described.setdefault("components", {})["securitySchemes"] = {
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "bearer": {"type": "http", "scheme": "bearer"},
        }
        for path, methods in described["paths"].items():
            for operation in methods.values():
                if "requestBody" in operation or path.removeprefix("/") in also:
                    operation["security"] = [{"key": []}, {"bearer": []}]
                    # In the shape of the route's other errors: below /v2, that protocol's own.
                    content = operation["responses"]["422"]["content"]
                    operation["responses"]["401"] = {"description": "No API key, or a wrong one", "content": content}
        return described

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it


def request(content: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the part of OpenAPI that says which bodies and which query a request may have."""
    return {"parameters": parameters, "requestBody": {"required": True, "content": content}}
