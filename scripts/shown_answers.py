"""The service's answers as README shows them, asked anew whenever `make docs` runs."""

import json
import re
from decimal import Decimal
from functools import cache
from typing import Any

from app.service import Question, Service
from app.settings import Settings
from documents import ROOT
from model.reader import Options

EXAMPLES = ROOT / "app" / "static" / "examples"
LEFT_OUT = "…"
"""What stands for what is left out of an answer, and for what differs each time."""
_DIGITS = 5  # of a number, after the point
_HIGH = 44  # pixels of an example in the table
_LINES = (("kind", "text", "formatted", "confidence", "decision", "reason"), ("digits",), ("candidates",),
          ("corners", "turned"), ("others",), ("threshold", "calibration"),
          ("model", "request_id", "elapsed_ms"))  # fmt: skip


@cache
def _service() -> Service:
    return Service(Settings())


def real_answer(example: str, options: Options) -> dict[str, Any]:
    """Return the service's answer to the picture of that name in `EXAMPLES`. Raises what the service raises."""
    (answer,) = _service().answers([Question((EXAMPLES / example).read_bytes(), options, LEFT_OUT)])
    if isinstance(answer, Exception):
        raise answer
    return answer


def shown_answer(example: str, options: Options, previous: str) -> str:
    """Return the answer as a block of JSON in Markdown, shortened.

    previous: what stood there. It is kept where it still holds, as other machines round the last digits differently.
    """
    answer = json.loads(json.dumps(real_answer(example, options)), parse_float=Decimal)
    found = re.search(r"^```json\n(.*?)^```", previous, re.MULTILINE | re.DOTALL)
    if found and not differences(json.loads(found[1], parse_float=Decimal), answer):
        return previous.strip("\n")
    first = {**answer["digits"][0], "probabilities": [LEFT_OUT]}
    short = {
        **answer,
        "digits": [first, LEFT_OUT],
        "candidates": [*answer["candidates"][:2], LEFT_OUT],
        "model": {**answer["model"], "sha256": LEFT_OUT},
        "elapsed_ms": LEFT_OUT,
    }
    lines = [", ".join(f"{json.dumps(name)}: {_json(short[name])}" for name in names) for names in _LINES]
    return "```json\n{" + ",\n ".join(lines) + "}\n```"


def examples() -> str:
    """Return the other examples, what was asked of them, and what was answered, as a table."""
    rows = []
    for example, query, options in (
        ("code.webp", "country=fr", Options(country="fr")),
        ("tilted.webp", "country=fr", Options(country="fr")),
        ("boxes.webp", "digits=5", Options(digits=5)),
        ("digit.webp", "", Options()),
        ("signature.webp", "", Options()),
    ):
        answer = real_answer(example, options)
        said = answer["text"] if answer["decision"] == "accept" else f"`{answer['reason']}`"
        picture = f'<img src="app/static/examples/{example}" height="{_HIGH}" alt="{example.partition(".")[0]}">'
        rows.append(f"| {picture} | `{query}` | {answer['decision']}: {said} |".replace("``", ""))
    return "\n".join(["| picture | query | answer |", "| --- | --- | --- |", *rows]) + "\n"


def differences(shown: Any, real: Any, path: str = "answer") -> list[str]:
    """Return where `real` differs from `shown`: numbers count to the digits shown, and `…` is anything left out."""
    match shown:
        case str() if shown == LEFT_OUT:
            return []
        case dict() if isinstance(real, dict) and list(shown) == list(real):
            return [found for key in shown for found in differences(shown[key], real[key], f"{path}.{key}")]
        case [*first, str() as last] if last == LEFT_OUT and isinstance(real, list) and len(real) > len(first):
            return differences(first, real[: len(first)], path)
        case list() if isinstance(real, list) and len(shown) == len(real):
            pairs = enumerate(zip(shown, real, strict=True))
            return [found for index, (one, other) in pairs for found in differences(one, other, f"{path}[{index}]")]
        case Decimal() if isinstance(real, Decimal | int) and abs(shown - real) <= Decimal(1).scaleb(
            int(shown.as_tuple().exponent)
        ):
            return []
    return [] if type(shown) is type(real) and shown == real else [f"{path} is {real}; README says {shown}"]


def _json(value: Any) -> str:
    """Return `value` in JSON, each number with `_DIGITS` digits after the point."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {_json(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_json, value)) + "]"
        case Decimal():
            return f"{value:.{_DIGITS}f}"
    return json.dumps(value, ensure_ascii=False)
