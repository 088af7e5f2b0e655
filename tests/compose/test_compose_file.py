"""The guarantees of docker-compose.yml, read from the form that Compose gives it."""

import json
from typing import Any

import pytest

from tests.compose.installation import Installation

pytestmark = pytest.mark.compose

OURS = {"store_scp", "importer", "qr", "config_api"}
ONE_SHOT = {"credentials", "migrate"}
SERVERS = {"postgres", "rabbitmq"}


@pytest.fixture(scope="module")
def configuration(docker: None) -> dict[str, Any]:
    configuration = json.loads(Installation().compose("config", "--format", "json"))
    assert isinstance(configuration, dict)
    return configuration


@pytest.fixture(scope="module")
def services(configuration: dict[str, Any]) -> dict[str, Any]:
    services = configuration["services"]
    assert isinstance(services, dict)
    return services


def test_these_services_run(services: dict[str, Any]) -> None:
    assert services.keys() == OURS | ONE_SHOT | SERVERS


def test_only_dicom_and_the_page_are_published_and_the_page_on_loopback(services: dict[str, Any]) -> None:
    published = {name for name, service in services.items() if service.get("ports")}
    assert published == {"store_scp", "config_api"}
    assert [port["host_ip"] for port in services["config_api"]["ports"]] == ["127.0.0.1"]
    for port in services["store_scp"]["ports"]:
        assert port["published"] == str(port["target"]), "a store node has the same port inside and outside"


def test_the_page_has_no_way_out(configuration: dict[str, Any], services: dict[str, Any]) -> None:
    assert set(services["config_api"]["networks"]) == {"internal", "page"}
    assert [name for name, service in services.items() if "page" in service.get("networks", {})] == ["config_api"]
    assert configuration["networks"]["internal"]["internal"] is True
    masquerade = "com.docker.network.bridge.enable_ip_masquerade"
    assert configuration["networks"]["page"]["driver_opts"] == {masquerade: "false"}


def test_database_and_broker_are_on_the_internal_network_only(services: dict[str, Any]) -> None:
    for name in SERVERS | {"migrate", "importer"}:
        assert list(services[name]["networks"]) == ["internal"]
    assert services["credentials"]["network_mode"] == "none"


def test_no_container_can_gain_privileges(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["cap_drop"] == ["ALL"], name
        assert ("cap_add" in service) == (name in SERVERS), name
        assert service.get("read_only", False) == (name != "rabbitmq"), name


def test_everything_restarts_and_logs_are_bounded(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["restart"] in ({"no", "on-failure"} if name in ONE_SHOT else {"unless-stopped"}), name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name


def test_services_can_be_scaled(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert "container_name" not in service, name


def test_no_password_stands_in_it(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            assert "PASS" not in variable or variable.endswith("_FILE"), f"{name}: {variable}"
            assert "@" not in str(value), f"{name}: {variable}"
