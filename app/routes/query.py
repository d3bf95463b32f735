"""What a request asks in its query: checked here, as FastAPI's own check of it takes longer than finding the route."""

from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import UnreadableError
from app.settings import Settings
from model.options import turned_by
from model.reader import Kind, Options
from model.strips.postal import FORMATS


class Query(BaseModel):
    """The names that a query may have."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = Field(
        "auto", description="one digit, a strip of digits, an envelope (a whole mail piece), or (auto) what is found"
    )
    digits: int | None = Field(None, ge=1, le=64, description="how many digits to expect in a code")
    country: str | None = Field(None, description="country whose codes to expect: fr, us, de …", examples=["fr"])
    top: int = Field(3, ge=1, le=100, description="how many candidates to return")
    max_error: float | None = Field(None, ge=0, le=1, description="highest share of errors to accept")
    turned: Literal["0", "90", "180", "270", "auto"] | None = Field(
        None,
        description="degrees clockwise by which the writing lies, or auto: whichever way it is read best; left out, it "
        "is 0 for a digit or a strip, and auto for an envelope",
    )
    explain: bool = Field(
        default=False, description="whether to send what led to the reading too; not on /predict/batch"
    )


PARAMETERS: list[dict[str, Any]] = [
    {"name": name, "in": "query", "description": schema.pop("description"), "schema": schema}
    for name, schema in Query.model_json_schema()["properties"].items()
]
"""The query as OpenAPI describes it."""


def asked(request: Request, settings: Settings) -> Options:
    """Return what the request asks, or else the settings say. An empty value is as if it were left out.

    Raises UnreadableError where a name is unknown, a value out of range, or two values contradict each other.
    """
    if not request.scope["query_string"]:
        return Options(max_error=settings.max_error, envelope_country=settings.country)
    given = {name: value for name, value in request.query_params.items() if value != ""}
    try:
        query = Query.model_validate(given)
    except ValidationError as error:
        raise UnreadableError(_sentence(error)) from error
    try:
        options = Options(
            kind=query.kind,
            digits=query.digits,
            country=query.country,
            top=query.top,
            max_error=settings.max_error if query.max_error is None else query.max_error,
            turned=None if query.turned is None else turned_by(query.turned),
            explain=query.explain,
            envelope_country=settings.country,
        )
    except ValueError as error:
        raise UnreadableError(f"query {error}"[:500]) from error
    if options.lengths is not None and not options.lengths:
        expected = " or ".join(map(str, FORMATS[str(options.country)].lengths))
        raise UnreadableError(
            f"query digits={options.digits} contradicts country={options.country}, whose codes have {expected} digits"
        )
    if options.kind == "digit" and options.lengths is not None and 1 not in options.lengths:
        raise UnreadableError(
            "query kind=digit contradicts the other parameters: they ask for a country's code, or for several digits"
        )
    return options


def _sentence(error: ValidationError) -> str:
    """Return what is wrong with the first wrong value of a query."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return f"query must be one of {', '.join(Query.model_fields)}; got {name[:50]!r}"
    return f"query {name}: {first['msg']}; got {str(first['input'])[:50]!r}"
