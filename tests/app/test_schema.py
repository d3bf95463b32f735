"""Whatever a client sends, the answer is one that /openapi.json documents: schemathesis makes the requests."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from app.main import app

# A schema cannot say which bytes are an image, so that what is right by it may still be refused; and what is wrong by
# it, such as a type that is not said, may be read: clients are served as they come.
EXCLUDED: list[CheckFunction] = [positive_data_acceptance, negative_data_rejection]
BOUNDED = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer("application/x-ndjson")
def written(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Return a string as what it says."""
    return str(value).encode("utf-8", "replace")


schema = schemathesis.openapi.from_dict(app.openapi())


@schema.parametrize()
@BOUNDED
def test_every_answer_is_documented(url: str, case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(base_url=url, excluded_checks=EXCLUDED)


@pytest.mark.long
@schema.parametrize()
@settings(BOUNDED, max_examples=1000)
def test_every_one_of_many_answers_is_documented(url: str, case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(base_url=url, excluded_checks=EXCLUDED)
