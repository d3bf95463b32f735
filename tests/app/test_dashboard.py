"""The dashboard and the alerts ask only for what /metrics answers."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.metrics import MEASURES, Spread
from tests.conftest import ROOT

DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text(encoding="utf-8"))
RULES = (ROOT / "deploy/prometheus/rules.yml").read_text(encoding="utf-8")
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
BY_PROMETHEUS = {"job", "instance"}


def exported() -> Iterator[tuple[str, set[str]]]:
    """Yield every name that /metrics may have, and its labels."""
    for measure in MEASURES:
        labels = {*measure.labels, *BY_PROMETHEUS}
        if isinstance(measure, Spread):
            yield from ((f"{measure.name}_{part}", labels) for part in ("sum", "count"))
            yield f"{measure.name}_bucket", {*labels, "le"}
        else:
            yield measure.name, labels


def expressions() -> list[str]:
    return [target["expr"] for panel in PANELS for target in panel["targets"]]


@pytest.mark.parametrize("text", [*expressions(), RULES])
def test_every_metric_that_is_asked_for_is_exported(text: str) -> None:
    names = set(re.findall(r"\bdigits_\w+", text))
    assert names or text == RULES
    assert names <= {name for name, _ in exported()}


@pytest.mark.parametrize("text", [*expressions(), RULES])
def test_every_label_that_is_asked_for_is_one_of_the_metric_s(text: str) -> None:
    known = dict(exported())
    for name, selected in re.findall(r"\b(digits_\w+)\{([^}]*)\}", text):
        assert set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", selected)) <= known[name], name
    every = set().union(*known.values())
    for grouped in re.findall(r"\b(?:by|ignoring) \(([^)]*)\)", text):
        assert {label.strip() for label in grouped.split(",")} <= every


def test_every_metric_is_drawn() -> None:
    text = " ".join(expressions())
    assert [measure.name for measure in MEASURES if measure.name not in text] == []


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_every_panel_says_what_it_shows_in_which_unit_from_the_data_source_that_is_chosen(
    panel: dict[str, Any],
) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    for asking in (panel, *panel["targets"]):
        assert asking["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_panels_have_their_own_places_and_titles() -> None:
    cells = [
        (column, row)
        for panel in PANELS
        for place in [panel["gridPos"]]
        for column in range(place["x"], place["x"] + place["w"])
        for row in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(column for column, _ in cells) < 24
    assert len({panel["title"] for panel in PANELS}) == len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["datasource", "job"]
