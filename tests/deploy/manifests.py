"""The manifests as Kubernetes gets them: files read, and folders built with kustomize, which kubectl brings along."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
KUSTOMIZATIONS = sorted(KUBERNETES.rglob("kustomization.yaml"))
COMPONENTS = sorted(path.name for path in (KUBERNETES / "components").iterdir())
NO_SCHEMA = {"ServiceMonitor", "InferenceService"}
"""Kinds that others than Kubernetes define."""
SCALING = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget"}
"""What an InferenceService says beside what a pod's `spec` may say."""

Manifest = dict[str, Any]

needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl, which builds manifests, is missing"
)


def read(path: Path) -> list[Manifest]:
    """Return what is in a YAML file."""
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each is not None]


@cache
def built(folder: Path) -> tuple[Manifest, ...]:
    """Return what `kubectl apply -k` sends to the cluster."""
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def with_component(folder: Path, name: str) -> tuple[Manifest, ...]:
    """Return the base with a component, built in `folder`."""
    kustomization: Manifest = {
        "resources": [os.path.relpath(KUBERNETES / "base", folder)],
        "components": [os.path.relpath(KUBERNETES / "components" / name, folder)],
    }
    if name == "own-calibration":  # as docs/kubernetes.md has it
        (folder / "calibration.json").write_text("{}", encoding="utf-8")
        kustomization["configMapGenerator"] = [{"name": "postal-digits-calibration", "files": ["calibration.json"]}]
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
    return built(folder)


def of_kind(manifests: tuple[Manifest, ...], kind: str) -> Manifest:
    """Return the one manifest of that kind."""
    (found,) = (each for each in manifests if each["kind"] == kind)
    return found


def plain(kind: str) -> Manifest:
    """Return the one manifest of that kind in the files, before any component changes it."""
    (found,) = (each for path, each in resources() if each["kind"] == kind and "components" not in path.parts)
    return found


def resources() -> list[tuple[Path, Manifest]]:
    """Return each whole object of the files, and where it is."""
    listed = [path.parent / name for path in KUSTOMIZATIONS for name in read(path)[0].get("resources", [])]
    return [(path, each) for path in listed if path.is_file() for each in read(path)]


def pod_specs() -> dict[str, Manifest]:
    """Return what the pods of the service are: of the Deployment, and of KServe."""
    kserve = {**plain("InferenceService")["spec"]["predictor"]}
    return {
        "deployment": plain("Deployment")["spec"]["template"]["spec"],
        "kserve": {name: value for name, value in kserve.items() if name not in SCALING},
    }


def container(pod: Manifest) -> Manifest:
    """Return the one container of a pod."""
    (found,) = pod["containers"]
    return dict(found)


def variables(pod: Manifest) -> dict[str, str]:
    """Return the environment of a pod's container."""
    return {each["name"]: each["value"] for each in container(pod)["env"]}
