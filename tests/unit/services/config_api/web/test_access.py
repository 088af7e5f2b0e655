import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

UID = "1.2.826.0.1.3680043.8.498.77"


def test_requests_are_counted_by_route(client: FlaskClient) -> None:
    labels = {"method": "GET", "route": "/api/v1/store-nodes/<int:id>", "status": "503"}
    name = "dosewire_http_request_seconds_count"
    before = REGISTRY.get_sample_value(name, labels) or 0
    client.get("/api/v1/store-nodes/12345")
    assert REGISTRY.get_sample_value(name, labels) == before + 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_addresses_are_neither_logged_nor_counted(client: FlaskClient, method: str) -> None:
    with capture_logs() as lines:
        client.open(f"/api/v1/studies?study_instance_uid={UID}", method=method, json={})
        client.open(f"/studies/{UID}", method=method, json={})
    assert UID not in str(lines)
    assert UID not in str([sample for metric in REGISTRY.collect() for sample in metric.samples])


def test_changes_are_logged(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.delete("/api/v1/store-nodes/7")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["method"] == "DELETE"
    assert line["target"] == {"id": 7}
    assert line["status"] == 503
