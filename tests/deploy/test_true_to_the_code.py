"""What the manifests say of the service is so: settings, ports, paths, times, memory and metrics."""

import importlib
import re
from typing import Any

import pytest
import yaml
from starlette.routing import Match

from app.commands.serve import IN_FLIGHT_SECONDS
from app.main import app
from app.settings import Settings
from app.version import VERSION
from tests.conftest import ROOT
from tests.deploy.manifests import KUBERNETES, container, plain, pod_specs, read, variables

PODS = pod_specs()
DEPLOYED = sorted((ROOT / "deploy").rglob("*.yaml"))
SETTINGS = {f"DIGITS_{name.upper()}" for name in Settings.model_fields}
LABELS = {"app.kubernetes.io/name": "postal-digits"}
MEBIBYTE = 2**20


def answered(path: str, method: str = "GET") -> bool:
    """Return whether the service has a route for that."""
    scope = {"type": "http", "path": path, "method": method, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] == Match.FULL for route in app.routes)


def patch(component: str) -> dict[str, Any]:
    """Return the pod of a component's patch of the Deployment."""
    (found,) = read(KUBERNETES / "components" / component / "deployment.yaml")
    pod: dict[str, Any] = found["spec"]["template"]["spec"]
    return pod


@pytest.mark.parametrize("path", DEPLOYED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_variable_is_a_setting(path: Any) -> None:
    lines = (line.partition(" # ")[0] for line in path.read_text(encoding="utf-8").splitlines())
    named = {name for line in lines for name in re.findall(r"(?<!\{)\bDIGITS_[A-Z_]+", line)}
    assert named <= SETTINGS


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_every_probe_asks_the_service_s_port_for_a_path_that_it_answers(pod: dict[str, Any]) -> None:
    runs = container(pod)
    (port,) = runs["ports"]
    assert port["containerPort"] == Settings.model_fields["port"].default
    probes = {name: probe["httpGet"] for name, probe in runs.items() if name.endswith("Probe")}
    assert {"readinessProbe", "livenessProbe"} <= probes.keys()
    for probe in probes.values():
        assert answered(probe["path"])
        assert probe["port"] in {port["containerPort"], port.get("name")}


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_has_time_to_drain_and_to_finish(pod: dict[str, Any]) -> None:
    drain = float(variables(pod)["DIGITS_DRAIN_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] >= drain + IN_FLIGHT_SECONDS + 5
    readiness = container(pod)["readinessProbe"]
    assert drain > readiness["periodSeconds"] * readiness["failureThreshold"] + readiness["timeoutSeconds"]


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_may_do_no_more_than_the_service_needs(pod: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (uid,) = re.findall(r"--uid (\d+) digits", dockerfile)
    assert (
        pod["securityContext"].items()
        >= {
            "runAsNonRoot": True,
            "runAsUser": int(uid),
            "seccompProfile": {"type": "RuntimeDefault"},
        }.items()
    )
    assert container(pod)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert {"name": "tmp", "mountPath": "/tmp"} in container(pod)["volumeMounts"]  # noqa: S108  # in the container


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_gets_the_memory_that_was_measured_and_a_core_for_its_one_worker(pod: dict[str, Any]) -> None:
    table = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8").partition("| crowd | answers |")[2]
    rows = [line.split("|") for line in table.partition("\n\n")[0].splitlines()[2:]]
    measured = max(int(row[-3]) for row in rows) * 1e6
    resources = container(pod)["resources"]
    assert int(resources["requests"]["memory"].removesuffix("Mi")) * MEBIBYTE >= measured
    assert int(resources["limits"]["memory"].removesuffix("Mi")) * MEBIBYTE >= 2 * measured
    assert (variables(pod)["DIGITS_WORKERS"], resources["requests"]["cpu"]) == ("1", "1")


@pytest.mark.parametrize("path", DEPLOYED, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_image_is_this_version_s(path: Any) -> None:
    images = re.findall(r"image: (postal-digits\S*)", path.read_text(encoding="utf-8"))
    assert set(images) <= {f"postal-digits:{VERSION}"}


def test_the_service_the_budget_and_the_scrape_find_the_pods() -> None:
    service, monitor = plain("Service"), read(KUBERNETES / "components/monitoring/service-monitor.yaml")[0]
    template = plain("Deployment")["spec"]["template"]
    assert template["metadata"]["labels"] == service["spec"]["selector"] == service["metadata"]["labels"] == LABELS
    for kind, key in (
        ("Deployment", "selector"),
        ("PodDisruptionBudget", "selector"),
        ("NetworkPolicy", "podSelector"),
    ):
        assert plain(kind)["spec"][key] == {"matchLabels": LABELS}
    assert monitor["spec"]["selector"] == {"matchLabels": LABELS}
    (port,) = service["spec"]["ports"]
    assert port["targetPort"] == container(PODS["deployment"])["ports"][0]["name"]
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["port"] == port["name"]
    assert answered(endpoint["path"])


def test_an_update_or_an_emptied_node_never_leaves_fewer_pods_than_two_less_one() -> None:
    assert plain("Deployment")["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert plain("HorizontalPodAutoscaler")["spec"]["minReplicas"] >= 2
    assert plain("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    assert "replicas" not in plain("Deployment")["spec"]


def test_the_autoscaler_asks_for_a_metric_that_the_service_has_and_the_adapter_offers() -> None:
    folder = KUBERNETES / "components" / "queue-metric"
    patches = yaml.safe_load((folder / "autoscaler.yaml").read_text(encoding="utf-8"))
    metrics = [each["value"]["pods"]["metric"] for each in patches]
    (rule,) = read(folder / "prometheus-adapter.yaml")[0]["rules"]["custom"]
    assert {metric["name"] for metric in metrics} == {rule["name"]["as"]} == {rule["seriesQuery"].partition("{")[0]}
    queue = importlib.import_module("app.metrics").QUEUE
    assert rule["name"]["as"] == queue.name
    assert {label for metric in metrics for label in metric["selector"]["matchLabels"]} == set(queue.labels)


@pytest.mark.parametrize("component", ["keys", "own-model", "own-calibration"])
def test_every_file_that_is_named_lies_in_a_folder_that_is_mounted_for_reading(component: str) -> None:
    pod = patch(component)
    (mount,) = container(pod)["volumeMounts"]
    assert mount["readOnly"] is True
    assert [volume["name"] for volume in pod["volumes"]] == [mount["name"]]
    assert all(value.rpartition("/")[0] == mount["mountPath"] for value in variables(pod).values())


def test_the_docs_make_the_secret_that_is_mounted() -> None:
    pod = patch("keys")
    secret, path = pod["volumes"][0]["secret"]["secretName"], variables(pod)["DIGITS_API_KEYS_FILE"]
    made = f"create secret generic {secret} --from-file={path.rpartition('/')[2]}"
    assert made in (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")


def test_kserve_calls_the_model_as_the_service_does() -> None:
    name = plain("InferenceService")["metadata"]["name"]
    assert answered(f"/v2/models/{name}/infer", "POST")
    assert variables(PODS["kserve"])["PROTOCOL"] == "v2"
