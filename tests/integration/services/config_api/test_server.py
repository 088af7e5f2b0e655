"""The real process: gunicorn, health server, exit status."""

import http.client
import json
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from services.config_api.web.guard import MAX_BODY_BYTES
from tests.helpers.services import Services
from tools.stack import ports
from tools.stack.ports import LOOPBACK
from tools.stack.processes import ServiceProcess

pytestmark = pytest.mark.integration

UID = "1.2.826.0.1.3680043.8.498.77"


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def wait_for_end(process: ServiceProcess) -> int:
    deadline = time.monotonic() + 30
    while process.exit_status is None:
        assert time.monotonic() < deadline, process.tail()
        time.sleep(0.05)
    return process.exit_status


def test_it_serves_and_stops(services: Services, free_port: int) -> None:
    process = services.start("config_api", http_port=free_port)
    assert ask(free_port, "/api/v1/store-nodes") == (200, '{"items":[]}')
    assert "Dosewire" in ask(free_port, "/")[1]
    assert ask(free_port, "/static/vendor/htmx/htmx.min.js")[0] == 200
    assert ask(free_port, "/openapi.json")[0] == 200
    assert ask(free_port, f"/api/v1/studies?study_instance_uid={UID}")[0] == 200
    process.stop()
    assert process.exit_status == 0
    lines = [json.loads(line) for line in process.log_file.read_text().splitlines()]
    assert [line["event"] for line in lines if line["logger"] == "config_api"] == ["started", "stopped"]
    assert {line["service"] for line in lines} == {"config_api"}
    assert UID not in process.log_file.read_text()


def test_readiness_and_metrics(services: Services, free_port: int) -> None:
    process = services.start("config_api", http_port=free_port)
    ask(free_port, "/api/v1/store-nodes")
    status, text = process.get("/readyz")
    assert status == 200
    assert set(json.loads(text)["parts"]) == {"database", "broker"}
    assert 'route="/api/v1/store-nodes"' in process.get("/metrics")[1]


def test_without_a_broker_it_serves_but_is_not_ready(services: Services, free_port: int) -> None:
    process = services.start("config_api", http_port=free_port, amqp_url="amqp://x:x@127.0.0.1:1/", wait=False)
    deadline = time.monotonic() + 30
    while "RabbitMQ at 127.0.0.1:1" not in process.get("/readyz")[1]:
        assert time.monotonic() < deadline, process.tail()
        time.sleep(0.1)
    assert process.get("/readyz")[0] == 503
    assert process.get("/healthz")[0] == 200
    assert ask(free_port, "/api/v1/store-nodes")[0] == 200
    assert ask(free_port, "/api/v1/queues")[0] == 503


@pytest.mark.parametrize("variable", ["http_port", "health_port"])
def test_a_port_in_use_is_told(services: Services, variable: str) -> None:
    taken = ports.free_port()
    services.start("config_api", http_port=taken)
    other = {"http_port": ports.free_port(), "health_port": ports.free_port()} | {variable: taken}
    second = services.start("config_api", wait=False, **other)
    assert wait_for_end(second) == 1
    assert f"DOSEWIRE_{variable.upper()}: port {taken} on 127.0.0.1 is in use" in second.tail()


def test_an_address_that_is_not_ours_is_told(services: Services, free_port: int) -> None:
    process = services.start("config_api", wait=False, http_host="192.0.2.1", http_port=free_port)
    assert wait_for_end(process) == 1
    assert "DOSEWIRE_HTTP_PORT: cannot listen on 192.0.2.1" in process.tail()


def test_wrong_settings_are_told_all_at_once(services: Services) -> None:
    process = services.start("config_api", wait=False, http_port=0, http_threads="many", service_health_urls="x")
    assert wait_for_end(process) == 2
    for variable in ("HTTP_PORT", "HTTP_THREADS", "SERVICE_HEALTH_URLS"):
        assert f"DOSEWIRE_{variable}: " in process.tail()


def test_a_worker_that_dies_is_replaced(services: Services, free_port: int) -> None:
    process = services.start("config_api", http_port=free_port)
    assert process.pid is not None
    (worker,) = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    os.kill(worker, signal.SIGKILL)
    process.wait_ready()
    deadline = time.monotonic() + 30
    while not _answers(free_port):
        assert time.monotonic() < deadline, process.tail()
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        return ask(port, "/api/v1/store-nodes")[0] == 200
    except OSError:
        return False


def test_a_body_that_never_ends_is_cut_off(services: Services, free_port: int) -> None:
    services.start("config_api", http_port=free_port)
    head = b"POST /api/v1/store-nodes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    sent = 0
    with socket.create_connection((LOOPBACK, free_port), timeout=30) as connection, suppress(ConnectionError):
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        while sent < 100 * MAX_BODY_BYTES:  # until it closes the connection
            connection.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
            sent += 0x2000
    assert sent < 100 * MAX_BODY_BYTES
    assert ask(free_port, "/api/v1/store-nodes")[0] == 200
