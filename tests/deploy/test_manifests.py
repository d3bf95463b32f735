"""The manifests are what Kubernetes takes, whole and in every combination."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy.manifests import (
    COMPONENTS,
    KUBERNETES,
    KUSTOMIZATIONS,
    NO_SCHEMA,
    Manifest,
    built,
    needs_kubectl,
    of_kind,
    pod_specs,
    read,
    resources,
    with_component,
)

VERSIONS = ("1.32", kubernetes_validate.latest_version())
FOR_OTHERS = {"prometheus-adapter.yaml"}  # values of a Helm chart


def check(manifest: Manifest) -> None:
    """Fail where a version of Kubernetes does not take a field, or not so."""
    if manifest["kind"] not in NO_SCHEMA:
        _check(json.dumps(manifest, sort_keys=True))


@cache  # most are in every combination
def _check(manifest: str) -> None:
    for version in VERSIONS:
        kubernetes_validate.validate(json.loads(manifest), version, strict=True)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_every_file_is_listed_and_every_listed_file_is_there(path: Path) -> None:
    kustomization = read(path)[0]
    listed = {*kustomization.get("resources", []), *(each["path"] for each in kustomization.get("patches", []))}
    listed |= set(kustomization.get("components", []))
    there = {each.name for each in path.parent.glob("*.yaml")} - {path.name} - FOR_OTHERS
    assert {name for name in listed if name.endswith(".yaml")} == there
    assert all((path.parent / name / "kustomization.yaml").is_file() for name in listed - there)


@pytest.mark.parametrize(("path", "manifest"), resources(), ids=lambda each: getattr(each, "stem", ""))
def test_every_resource_is_valid(path: Path, manifest: dict[str, Any]) -> None:
    check(manifest)


@pytest.mark.parametrize("name", ["deployment", "kserve"])
def test_every_pod_is_valid(name: str) -> None:
    check({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod_specs()[name]})


@needs_kubectl
@pytest.mark.parametrize("folder", ["base", "overlays/production", "kserve"])
def test_what_is_applied_is_valid(folder: str) -> None:
    for manifest in built(KUBERNETES / folder):
        check(manifest)


@needs_kubectl
@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_fits_the_base(name: str, tmp_path: Path) -> None:
    manifests = with_component(tmp_path, name)
    for manifest in manifests:
        check(manifest)
    assert sorted(map(str, manifests)) != sorted(map(str, built(KUBERNETES / "base")))


@needs_kubectl
def test_another_calibration_is_a_rolling_update(tmp_path: Path) -> None:
    manifests = with_component(tmp_path, "own-calibration")
    name = of_kind(manifests, "ConfigMap")["metadata"]["name"]
    assert name != "postal-digits-calibration"  # a hash of the content is behind it
    volumes = of_kind(manifests, "Deployment")["spec"]["template"]["spec"]["volumes"]
    assert {"name": "calibration", "configMap": {"name": name}} in volumes


@needs_kubectl
def test_the_example_sets_image_and_namespace_and_scales_on_the_queue_too() -> None:
    manifests = built(KUBERNETES / "overlays" / "production")
    (container,) = of_kind(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith("registry.example.com/postal-digits:")
    namespaced = [each for each in manifests if each["kind"] != "Namespace"]
    assert {each["metadata"]["namespace"] for each in namespaced} == {"postal-digits"}
    metrics = of_kind(manifests, "HorizontalPodAutoscaler")["spec"]["metrics"]
    assert [each["type"] for each in metrics] == ["Resource", "Pods", "Pods"]
