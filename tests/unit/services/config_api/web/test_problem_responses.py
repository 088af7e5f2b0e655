import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from services.config_api.web import problem_responses

NODES = "/api/v1/store-nodes"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/x", 404), ("PUT", NODES, 405)])
def test_paths_and_methods_that_do_not_exist(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method, json={})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == status
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("path", [NODES, "/api/v1/studies", "/api/v1/qr-jobs", "/api/v1/deletion-policies"])
def test_without_a_database(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "PostgreSQL is away" in answer.get_json()["detail"]


def test_without_a_broker(client: FlaskClient) -> None:
    answer = client.get("/api/v1/queues")
    assert answer.status_code == 503
    assert "RabbitMQ" in answer.get_json()["detail"]


def test_an_error_of_ours_tells_nothing_of_the_inside() -> None:
    app = Flask(__name__)
    problem_responses.register(app)

    @app.post("/api/fails")
    def fails() -> str:
        raise RuntimeError(f"Doe^Jane {request.path}")

    answer = app.test_client().post("/api/fails")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert "Doe" not in answer.text


def test_a_person_gets_a_page(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert client.get("/api/v1/x", headers={"Accept": "text/html"}).mimetype == "application/problem+json"
