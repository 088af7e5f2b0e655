import pytest

from shared.database.models import RemoteNode
from tests.helpers.config_api.rest import RunningApi, fields

pytestmark = pytest.mark.integration

PACS = {"name": "PACS", "ae_title": "ORTHANC", "hostname": "pacs.example.org", "port": 4242}


def test_a_node_from_creation_to_deletion(api: RunningApi) -> None:
    created = api.post("/remote-nodes", PACS)
    assert created["calling_ae_title"] == "DOSEWIRE"
    path = f"/remote-nodes/{created['id']}"
    assert api.get(path) == created
    assert api.get("/remote-nodes")["items"] == [created]
    assert api.patch(path, {"port": 104})["port"] == 104
    api.delete(path)
    assert "there is no remote node" in api.get(path, 404)["detail"]


def test_names_are_taken_once(api: RunningApi) -> None:
    api.post("/remote-nodes", PACS)
    assert set(fields(api.post("/remote-nodes", PACS | {"name": "pacs"}, 409))) == {"name"}
    api.post("/remote-nodes", PACS | {"name": "PACS 2"})


def test_an_address_stays(api: RunningApi) -> None:
    path = f"/remote-nodes/{api.post('/remote-nodes', PACS)['id']}"
    assert set(fields(api.patch(path, {"hostname": None}, 422))) == {"ip_address"}
    assert api.patch(path, {"hostname": None, "ip_address": "192.0.2.7"})["ip_address"] == "192.0.2.7"


SECRET = "tell-nobody-3f9c"
WEB = PACS | {"qr_settings": {"dicomweb": {"url": "https://pacs.example.org/dicom-web/"}}}


def test_credentials_of_web_services_go_in_and_never_come_out(api: RunningApi) -> None:
    for credentials in ({"user": "dosewire", "password": SECRET}, {"token": SECRET}):
        created = api.post("/remote-nodes", WEB | {"name": str(len(credentials)), "dicomweb_credentials": credentials})
        path = f"/remote-nodes/{created['id']}"
        assert created["qr_settings"]["dicomweb"]["url"] == "https://pacs.example.org/dicom-web"
        assert created["has_dicomweb_credentials"] is True
        assert api.patch(path, {"port": 104})["has_dicomweb_credentials"] is True
        with api.context.transaction() as session:
            assert session.get_one(RemoteNode, created["id"]).dicomweb_credentials == credentials
        assert SECRET not in str([created, api.get(path), api.get("/remote-nodes")])
        assert api.patch(path, {"dicomweb_credentials": None})["has_dicomweb_credentials"] is False


def test_credentials_do_not_move_to_another_server(api: RunningApi) -> None:
    path = f"/remote-nodes/{api.post('/remote-nodes', WEB | {'dicomweb_credentials': {'token': SECRET}})['id']}"
    elsewhere = {"qr_settings": {"dicomweb": {"url": "https://elsewhere.example.org/dicom-web"}}}

    assert set(fields(api.patch(path, elsewhere, 422))) == {"dicomweb_credentials"}
    assert set(fields(api.patch(path, {"qr_settings": {}}, 422))) == {"dicomweb_credentials"}
    api.patch(path, {"qr_settings": {"dicomweb": {"url": "https://pacs.example.org/wado"}}})
    api.patch(path, elsewhere | {"dicomweb_credentials": {"token": "another"}})
    assert api.patch(path, {"qr_settings": {}, "dicomweb_credentials": None})["has_dicomweb_credentials"] is False


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"qr_settings": {"dicomweb": {}}}, "qr_settings.dicomweb.url"),
        ({"qr_settings": {"dicomweb": {"url": "pacs.example.org"}}}, "qr_settings.dicomweb.url"),
        ({"qr_settings": {"dicomweb": {"url": f"https://me:{SECRET}@pacs"}}}, "qr_settings.dicomweb.url"),
        ({"dicomweb_credentials": {"user": "me"}}, "dicomweb_credentials"),
        ({"dicomweb_credentials": {"user": "me", "password": SECRET, "token": SECRET}}, "dicomweb_credentials"),
        ({"dicomweb_credentials": {"token": f"Bearer {SECRET}"}}, "dicomweb_credentials"),
        ({"dicomweb_credentials": {"password": SECRET, "user": "me", "x": 1}}, "dicomweb_credentials.x"),
        ({"qr_settings": {}, "dicomweb_credentials": {"token": SECRET}}, "dicomweb_credentials"),
    ],
)
def test_what_is_wrong_is_named_without_the_secret(api: RunningApi, wrong: dict[str, object], field: str) -> None:
    answer = api.post("/remote-nodes", WEB | wrong, 422)

    assert set(fields(answer)) == {field}
    assert SECRET not in str(answer)
