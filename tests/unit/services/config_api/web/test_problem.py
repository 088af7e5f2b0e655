import json

import pytest
from flask.testing import FlaskClient

from services.config_api.web import problem
from services.config_api.web.problem import FieldProblem

NODES = "/api/v1/store-nodes"


def fields(client: FlaskClient, path: str, body: object) -> dict[str, str]:
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    found = answer.get_json()
    assert found["status"] == 422
    return {error["field"]: error["detail"] for error in found["errors"]}


def test_everything_that_is_wrong_is_told_at_once(client: FlaskClient) -> None:
    wrong = fields(
        client,
        NODES,
        {"name": "", "ae_title": "CT HALL", "port": "11112", "managed": 1, "host": "a:b", "colour": "red"},
    )
    assert set(wrong) == {"name", "ae_title", "port", "managed", "host", "colour"}
    assert wrong["ae_title"] == "an AE title has 1 to 16 characters, letters A-Z and digits only"
    assert "remove it or check its spelling" in wrong["colour"]


@pytest.mark.parametrize("title", ["", " ", "SEVENTEENLETTERS1", "CT HALL", "CT_HALL", "CT-1", "CTÄ", "CT\\1", "CT\n1"])
def test_an_ae_title_has_letters_and_digits(client: FlaskClient, title: str) -> None:
    wrong = fields(client, NODES, {"name": "CT", "ae_title": title, "port": 11112})
    assert wrong == {"ae_title": "an AE title has 1 to 16 characters, letters A-Z and digits only"}


@pytest.mark.parametrize("port", [0, -1, 65536, 1.5, "104", True, None])
def test_a_port_is_a_number(client: FlaskClient, port: object) -> None:
    assert set(fields(client, NODES, {"name": "CT", "ae_title": "CT", "port": port})) == {"port"}


def test_what_is_missing_is_named(client: FlaskClient) -> None:
    assert fields(client, NODES, {}) == dict.fromkeys(("name", "ae_title", "port"), "is required; add it")


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "\x1b[31m", "\u202e", "x" * 65])
def test_a_name_is_one_line_of_text(client: FlaskClient, name: str) -> None:
    assert set(fields(client, NODES, {"name": name, "ae_title": "CT", "port": 104})) == {"name"}


def test_where_a_third_party_listens(client: FlaskClient) -> None:
    third_party = {"name": "PACS", "ae_title": "PACS", "port": 104, "managed": False}
    assert "is required for a node that Dosewire does not manage" in fields(client, NODES, third_party)["host"]
    managed = {"name": "PACS", "ae_title": "PACS", "port": 104, "host": "pacs.example.org"}
    assert "listens where Dosewire runs" in fields(client, NODES, managed)["host"]


def test_a_remote_node_has_an_address(client: FlaskClient) -> None:
    node = {"name": "PACS", "ae_title": "PACS", "port": 104}
    assert fields(client, "/api/v1/remote-nodes", node) == {
        "ip_address": "hostname or ip_address is required; add one of them"
    }
    assert set(fields(client, "/api/v1/remote-nodes", node | {"ip_address": "pacs"})) == {"ip_address"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "study_instance_uid"),
        ({"date_from": "2026-11-02"}, "date_until"),
        ({"date_until": "2026-11-02"}, "date_until"),
        ({"date_from": "2026-11-02", "date_until": "2026-11-01"}, "date_until"),
        ({"date_from": "20261102", "date_until": "2026-11-03"}, "date_from"),
        ({"date_from": 1, "date_until": "2026-11-03"}, "date_from"),
        ({"study_instance_uid": "1.2.03"}, "study_instance_uid"),
        ({"study_instance_uid": "1.2.3", "date_from": "2026-11-02", "date_until": "2026-11-03"}, "study_instance_uid"),
    ],
)
def test_a_job_has_one_sort_of_query(client: FlaskClient, query: dict[str, object], field: str) -> None:
    assert set(fields(client, "/api/v1/qr-jobs", {"remote_node": 1, "store_node": 1} | query)) == {field}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/received-objects?limit=0", "limit"),
        ("/api/v1/received-objects?limit=501", "limit"),
        ("/api/v1/received-objects?state=gone", "state.0"),
        ("/api/v1/received-objects?since=2026", "since"),
        ("/api/v1/received-objects?since=2026-11-21T00:00:00", "since"),
        ("/api/v1/received-objects?cursor=x", "cursor"),
        ("/api/v1/received-objects?calling_ae=CT", "calling_ae"),
        ("/api/v1/received-objects/nonsense", "trace_id"),
        ("/api/v1/studies?study_date_from=yesterday", "study_date_from"),
        ("/api/v1/studies?study_date_from=1763683200", "study_date_from"),
        ("/api/v1/qr-jobs?cursor=x", "cursor"),
        ("/api/v1/store-nodes/99999999999", "id"),
    ],
)
def test_parameters_are_checked(client: FlaskClient, path: str, field: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.get_json()["errors"]} == {field}


def test_the_detail_repeats_all_fields() -> None:
    found = problem.conflict(FieldProblem(field="name", detail="taken"), FieldProblem(field="port", detail="in use"))
    assert found.problem.detail == "name: taken; port: in use"
    assert json.loads(found.problem.model_dump_json())["status"] == 409
