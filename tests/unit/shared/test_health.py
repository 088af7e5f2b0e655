import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from shared.health import Health, HealthServer


@pytest.fixture
def health() -> Health:
    return Health(parts=["broker", "database"])


@pytest.fixture
def server(health: Health) -> Iterator[HealthServer]:
    with HealthServer(health=health, host="127.0.0.1", port=0) as server:
        yield server


def get(server: HealthServer, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_not_ready_before_every_part_has_reported(health: Health, server: HealthServer) -> None:
    health.report("broker", ready=True)
    status, body = get(server, "/readyz")
    assert status == 503
    assert json.loads(body)["parts"]["database"] == {"ready": False, "detail": "starting"}


def test_ready_when_every_part_is(health: Health, server: HealthServer) -> None:
    health.report("broker", ready=True)
    health.report("database", ready=True)
    assert get(server, "/readyz")[0] == 200


def test_a_part_that_fails_says_why(health: Health, server: HealthServer) -> None:
    health.report("broker", ready=True)
    health.report("database", ready=False, detail="connection refused")
    status, body = get(server, "/readyz")
    assert status == 503
    assert json.loads(body)["parts"]["database"]["detail"] == "connection refused"


def test_alive_while_not_ready(server: HealthServer) -> None:
    assert get(server, "/healthz")[0] == 200


def test_a_main_loop_that_hangs_is_not_alive(health: Health, server: HealthServer) -> None:
    health.beat_within = 0.05
    time.sleep(0.1)
    assert get(server, "/healthz")[0] == 503
    health.beat()
    assert health.alive


def test_metrics_are_in_prometheus_format(server: HealthServer) -> None:
    status, body = get(server, "/metrics")
    assert status == 200
    assert b"# TYPE process_open_fds gauge" in body


def test_other_paths_are_not_found(server: HealthServer) -> None:
    assert get(server, "/")[0] == 404
