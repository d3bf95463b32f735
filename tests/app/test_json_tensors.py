"""Long lists of numbers in JSON: parsed in pieces, they are what `json` makes of them; all else is refused soon."""

import json
from typing import Any

import numpy as np
import pytest

from app.errors import BadRequestError
from app.json_tensors import MOST_BYTES, Numbers, loaded

MEGABYTES = 18_000_000


def numbers(value: Any, **form: Any) -> Numbers:
    found = loaded(json.dumps({"data": value}, **form).encode())["data"]
    assert isinstance(found, Numbers)
    return found


@pytest.mark.parametrize("form", [{}, {"separators": (",", ":")}, {"indent": 1}], ids=["usual", "tight", "indented"])
def test_lists_of_several_pieces_are_read_flat_and_nested(form: dict[str, Any]) -> None:
    values = np.random.default_rng(0).normal(size=(30, 28, 28)) * 10.0 ** np.arange(-14, 14)
    for value in (values.tolist(), values.reshape(-1).tolist()):
        assert np.array_equal(numbers(value, **form).array(values.shape), values)


def test_the_rest_of_the_json_stays_as_it_is() -> None:
    value = {"a": {"data": [1, "x"]}, "data": "\0", "b": [{"data": [{"c": [2]}]}, {"data": None}], "c": "data"}
    assert loaded(json.dumps(value).encode()) == value


WRONG = {
    "too few": ("[1, 2, 3]", "must have 4 numbers, as its shape [2, 2] says; got 3"),
    "too many": ("[[1, 2], [3, 4], [5, 6]]", "must have 4 numbers, as its shape [2, 2] says; got 6"),
    "none": ("[]", "must have 4 numbers"),
    "nested otherwise": ("[[1, 2, 3, 4]]", "nested otherwise"),
    "nested deeper": ("[[[1], [2]], [[3], [4]]]", "nested otherwise"),
    "uneven": ("[[1], [2, 3, 4]]", "nested otherwise"),
    "null": ("[1, 2, 3, null]", "numbers alone"),
    "true": ("[1, 2, 3, true]", "numbers alone"),
    "NaN": ("[1, 2, 3, NaN]", "numbers alone"),
    "a gap": ("[1, , 3, 4]", "no number"),
    "two in one": ("[1 2, 3, 4, 5]", "no number"),
    "a plus": ("[1, 2, 3, +4]", "no number"),
    "too large": ("[1, 2, 3, 1" + 400 * "0" + "]", "no number"),
    "without end": ("[1, 2, 3, 0." + 100_000 * "1" + "]", "more than 1000 characters"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_list_that_is_not_of_its_shape_is_refused_with_a_sentence(name: str) -> None:
    text, sentence = WRONG[name]
    found = loaded(b'{"data":' + text.encode() + b"}")["data"]
    with pytest.raises(BadRequestError) as refused:
        found.array([2, 2])
    assert sentence in refused.value.detail


HOSTILE = {
    "nothing": b"",
    "no JSON": b"\xff\xfe",
    "half": b'{"data": [1, 2',
    "unbalanced": b'{"data": [[1, 2]}',
    "deep": b"[" * MEGABYTES,
    "deep data": b'{"data":' + b"[" * MEGABYTES,
    "deeper than Python goes": b"[" * (MOST_BYTES // 2) + b"]" * (MOST_BYTES // 2),
    "many": b'{"data":[' * (MEGABYTES // 9),
    "many lists": b"[" + b'{"data":[1]},' * 200_000 + b"1]",
    "quotes": b'"' * MEGABYTES,
    "blanks": b" " * MEGABYTES + b"{}",
    "numbers elsewhere": b'{"pixels":[' + b"0," * (MEGABYTES // 2) + b"0]}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_refused(name: str) -> None:
    with pytest.raises(BadRequestError):
        loaded(HOSTILE[name])
