"""POST /predict/batch with a long list: readings go out line by line while lines still arrive."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import Request
from pydantic_core import to_json
from starlette.responses import Response

from app import bodies, json_pictures, lines
from app.answering import TOGETHER, Answering
from app.capacity import Budget
from app.errors import BadRequestError, LateError, ServiceError, TooLargeError
from app.lines import Line
from app.outgoing import Growing, Room
from app.schemas import Problem
from app.service import Question
from app.settings import Settings
from model.reader import Options

Groups = AsyncGenerator[list[Line], None]


async def answer(request: Request, options: Options, answering: Answering, settings: Settings) -> Response:
    """Return the answer to a list of pictures, one a line: a reading or a problem for each, in the order sent.

    Raises ServiceError for what is wrong before the first line has come. Of what is wrong later, the last line tells.
    """
    bounds = lines.Bounds(settings.max_body_bytes, settings.max_lines, settings.max_lines_bytes)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > bounds.bytes:
        raise TooLargeError(f"the list has {declared} bytes; the limit is {bounds.bytes}")
    budget: Budget = request.app.state.lists
    body = lines.received(request.scope["uncounted"], packed=bodies.is_packed(request))
    groups = lines.groups(body, bounds, budget, TOGETHER)
    first = await anext(groups, None)
    if first is None:
        raise BadRequestError("the request has no line; expected a JSON object with a picture on each")
    return Growing(
        _answered(first, groups, options, answering, request.scope["request_id"], settings.receive_seconds),
        Room(settings.max_body_bytes, budget, settings.receive_seconds),
    )


async def _answered(
    first: list[Line], groups: Groups, options: Options, answering: Answering, request_id: str, seconds: float
) -> AsyncGenerator[bytes, None]:
    """Yield the answers to the lines, those of `first` to begin with. Raises ServiceError, LateError where none comes.

    Only the time in which a line is waited for counts, and whoever sends one has as much again: it holds no more than a
    connection that is kept alive.
    """
    async with aclosing(groups):
        some: list[Line] | None = first
        while some is not None:
            questions = []
            for line in some:
                questions.append(await _question(line, options, request_id))
                await asyncio.sleep(0)  # others have their turn
            answered = await answering.answers(questions, request_id)
            yield b"".join(_line(line.number, each) for line, each in zip(some, answered, strict=True))
            try:
                async with asyncio.timeout(seconds):
                    some = await anext(groups, None)
            except TimeoutError:
                raise LateError(f"no whole line has come within {seconds:g} seconds") from None


async def _question(line: Line, options: Options, request_id: str) -> Question | ServiceError:
    try:
        if isinstance(line.content, ServiceError):
            raise line.content
        return Question(await bodies.from_json(json_pictures.picture, line.content), options, request_id)
    except ServiceError as error:
        return error


def _line(number: int, answered: dict[str, object] | Problem) -> bytes:
    if isinstance(answered, Problem):
        answered = {**answered.model_dump(), "detail": f"line {number}: {answered.detail}"}
    return to_json(answered) + b"\n"
