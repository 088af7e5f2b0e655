import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.config_api.app import create_app
from services.config_api.web.guard import host_name

JSON = "application/json"
NODES = "/api/v1/store-nodes"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8080", "localhost"),
        ("[::1]:8080", "[::1]"),
        ("[::1]", "[::1]"),
        ("", ""),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:18080", "[::1]:8080"])
def test_names_of_this_machine_are_served(client: FlaskClient, host: str) -> None:
    assert client.get("/openapi.json", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:8080", "localhost@evil", ""]
)
@pytest.mark.parametrize("path", ["/", "/openapi.json", NODES, "/static/page.css"])
def test_other_names_are_not(client: FlaskClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert b"DOSEWIRE_HTTP_ALLOWED_HOSTS" in answer.data


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", NODES), ("DELETE", f"{NODES}/1"), ("POST", f"{NODES}/1/echo")])
def test_another_site_changes_nothing(client: FlaskClient, method: str, path: str, headers: dict[str, str]) -> None:
    answer = client.open(path, method=method, json={}, headers=headers)
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"


def test_our_own_page_and_programs_may(client: FlaskClient) -> None:
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post(NODES, json={}, headers=own).status_code == 422
    assert client.post(NODES, json={}).status_code == 422


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""])
def test_what_a_form_can_send_is_no_request(client: FlaskClient, content_type: str) -> None:
    answer = client.post(NODES, data='{"name": "CT"}', content_type=content_type)
    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.get_json()["detail"]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"{}"', "1", "\xff", '{"a": 1', "[" * 30_000])
def test_a_body_is_a_json_object(client: FlaskClient, body: str) -> None:
    answer = client.post(NODES, data=body.encode("latin-1"), content_type=JSON)
    assert answer.status_code == (422 if body == "" else 400)
    assert answer.mimetype == "application/problem+json"


def test_a_large_body_is_not_read(client: FlaskClient) -> None:
    answer = client.post(NODES, data=b'{"name": "' + b"x" * 70_000 + b'"}', content_type=JSON)
    assert answer.status_code == 413
    assert "65536" in answer.get_json()["detail"]


def test_a_compressed_body_is_not_unpacked(client: FlaskClient) -> None:
    answer = client.post(NODES, data=b"\x1f\x8b", content_type=JSON, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/", "/parts/queues", "/api/v1/nothing", "/openapi.json", "/static/page.js"])
def test_every_response_restrains_the_browser(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in headers


def test_no_answer_about_patients_is_cached(client: FlaskClient) -> None:
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/studies").headers["Cache-Control"] == "no-store"


def test_an_installation_may_allow_any_name(app: Flask) -> None:
    settings = app.extensions["dosewire"].settings.model_copy(update={"http_allowed_hosts": "*"})
    other = create_app(settings=settings)
    assert other.test_client().get("/openapi.json", headers={"Host": "any.example"}).status_code == 200
    other.extensions["dosewire"].close()


FORM = "application/x-www-form-urlencoded"
OWN_FORMS = ("/qr/new", "/qr/schedules/new", "/qr/schedules/1/enable", "/qr/schedules/1/delete", "/qr/nodes/1/test")
JOB = "/qr/00000000-0000-0000-0000-000000000001/cancel"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
    ],
)
@pytest.mark.parametrize("path", [*OWN_FORMS, JOB])
def test_a_form_of_another_site_is_not_carried_out(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = client.post(path, data={"modalities": "CT"}, headers=headers | {"Accept": "text/html"})
    assert answer.status_code == 403
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
@pytest.mark.parametrize("path", [*OWN_FORMS, JOB])
def test_a_form_of_our_own_page_is(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = client.post(path, data={"modalities": "CT"}, headers=headers | {"Accept": "text/html"})
    assert answer.status_code == 503  # it came as far as the database, which is away
    assert b"PostgreSQL is away" in answer.data


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_a_page_takes_nothing_but_forms(client: FlaskClient, content_type: str) -> None:
    own = {"Origin": "http://localhost"}
    answer = client.post("/qr/new", data="{}", content_type=content_type, headers=own)
    assert answer.status_code == 415
    assert "REST interface" in answer.get_json()["detail"]


def test_a_large_form_is_not_read(client: FlaskClient) -> None:
    own = {"Origin": "http://localhost"}
    assert client.post("/qr/new", data=b"x=" + b"x" * 70_000, content_type=FORM, headers=own).status_code == 413


def test_browsers_tell_our_own_page_where_a_form_comes_from(client: FlaskClient) -> None:
    assert client.get("/").headers["Referrer-Policy"] == "same-origin"
