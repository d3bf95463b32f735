"""deploy/compose.yaml: valid, closed, and true to the files beside it."""

import re
import subprocess
import sys
from typing import Any

import pytest

from app.commands.serve import IN_FLIGHT_SECONDS
from app.settings import Settings
from tests.conftest import ROOT
from tests.deploy.manifests import read

DEPLOY = ROOT / "deploy"
(COMPOSE,) = read(DEPLOY / "compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
READERS = {name: each for name, each in SERVICES.items() if name.startswith("reader")}
PROXY = (DEPLOY / "haproxy" / "haproxy.cfg").read_text(encoding="utf-8")
PORT = Settings.model_fields["port"].default


def test_it_is_what_compose_takes() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(DEPLOY / "compose.yaml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_every_container_is_closed_watched_and_of_a_named_version(service: dict[str, Any]) -> None:
    assert service["restart"] == "unless-stopped"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    assert "healthcheck" in service or ("build" in service and "HEALTHCHECK" in (ROOT / "Dockerfile").read_text())
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+[\w.-]*", service["image"])


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_everything_that_is_mounted_is_there(service: dict[str, Any]) -> None:
    for volume in service.get("volumes", []):
        source, _, target = volume.partition(":")
        if source.startswith("."):
            assert (DEPLOY / source).exists(), source
            assert target.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


def test_only_the_proxy_is_open_to_others_and_no_service_can_reach_them() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"proxy", "grafana"}
    assert published["grafana"][0].startswith("127.0.0.1:")
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all(service["networks"] == ["inside"] for service in READERS.values())


def test_there_are_two_services_with_time_to_drain_and_to_finish() -> None:
    assert len(READERS) == 2
    drain = Settings.model_fields["drain_seconds"].default
    for reader in READERS.values():
        assert int(reader["stop_grace_period"].removesuffix("s")) >= drain + IN_FLIGHT_SECONDS + 5
        assert "DIGITS_DRAIN_SECONDS" not in reader["environment"]


def test_the_proxy_takes_a_service_out_before_it_stops() -> None:
    (milliseconds,) = re.findall(r"check inter (\d+)ms fall 1 ", PROXY)
    assert int(milliseconds) / 1000 < Settings.model_fields["drain_seconds"].default / 2
    assert "option httpchk GET /health/ready" in PROXY


def test_proxy_and_prometheus_know_every_service() -> None:
    addresses = [f"{name}:{PORT}" for name in READERS]
    environment = SERVICES["proxy"]["environment"]
    assert set(re.findall(r"\$\{(\w+)\}", PROXY)) == environment.keys()
    assert [value for name, value in environment.items() if name.startswith("READER")] == addresses
    ours, proxy = read(DEPLOY / "prometheus" / "prometheus.yml")[0]["scrape_configs"]
    assert ours["static_configs"] == [{"targets": addresses}]
    assert proxy["static_configs"] == [{"targets": [f"proxy{environment['PROXY_METRICS']}"]}]


def test_alerts_and_dashboard_are_where_prometheus_and_grafana_look() -> None:
    (configuration,) = read(DEPLOY / "prometheus" / "prometheus.yml")
    rules = [DEPLOY / "prometheus" / name for name in configuration["rule_files"]]
    assert all(path.is_file() for path in rules)
    assert {configuration["scrape_configs"][0]["job_name"]} == set(re.findall(r'job="([\w-]+)"', rules[0].read_text()))
    (provider,) = read(DEPLOY / "grafana/provisioning/dashboards/postal-digits.yaml")[0]["providers"]
    mounted = [volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]]
    assert f"{provider['options']['path']}/dashboard.json" in mounted
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home in mounted
    (source,) = read(DEPLOY / "grafana/provisioning/datasources/prometheus.yaml")[0]["datasources"]
    assert source["url"] == "http://prometheus:9090"
