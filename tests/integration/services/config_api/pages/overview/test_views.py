from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from shared.database.models import ObjectState, StoreNode
from tests.helpers.config_api.rest import RunningApi, received_object, rejected_caller
from tests.helpers.importer.in_process import Workbench
from tools.dose_objects import Study, fluoroscopy_report

pytestmark = pytest.mark.integration

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def workbench(database_url: str, data_dir: Path) -> Iterator[Workbench]:
    bench = Workbench(database_url=database_url, data_dir=data_dir)
    yield bench
    bench.close()


def page(api: RunningApi, path: str, status: int = 200) -> str:
    answer = api.client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    return str(answer.text)


def test_an_empty_installation_says_what_to_do(api: RunningApi) -> None:
    overview = page(api, "/")
    assert "dosewire nodes add NAME AETITLE PORT" in overview
    assert "dosewire import FILE" in overview
    assert "No object yet." in overview


def test_the_overview_shows_doses_in_clinical_units(api: RunningApi, workbench: Workbench) -> None:
    workbench.send(fluoroscopy_report())
    (study,) = api.get("/studies")["items"]
    overview = page(api, "/")
    assert f">{study['total_dap_gy_m2'] * 1e4:.4g}<" in overview
    assert f">{study['total_rp_dose_gy'] * 1e3:.4g}<" in overview
    assert f'href="/studies/{study["id"]}"' in overview


def test_the_details_of_a_study(api: RunningApi, workbench: Workbench) -> None:
    workbench.send(fluoroscopy_report(biplane=True))
    (study,) = api.get("/studies")["items"]
    details = page(api, f"/studies/{study['id']}")
    for words in ("Irradiation events", "Plane A", "Plane B", study["study_instance_uid"], "Gy·cm²", "All values"):
        assert words in details
    assert "Muster" not in details


def test_what_a_device_says_is_text_and_nothing_else(api: RunningApi, workbench: Workbench) -> None:
    report = fluoroscopy_report(study=Study(description=HOSTILE))
    report.StationName = "<b>x</b>"
    report.Manufacturer = HOSTILE
    workbench.send(report)
    api.add(received_object(state=ObjectState.FAILED, reason=HOSTILE, station_name=HOSTILE[:64]))
    api.add(StoreNode(name="<i>CT</i>", ae_title="CT", port=104, enabled=False, state_detail=HOSTILE))
    (study,) = api.get("/studies")["items"]
    for path in ("/", "/parts/nodes", "/parts/studies", "/parts/objects", f"/studies/{study['id']}"):
        text = page(api, path)
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b>x</b>" not in text
        assert "<i>CT</i>" not in text
    assert "&lt;script&gt;alert(1)" in page(api, "/")


def test_a_study_that_is_not_there(api: RunningApi) -> None:
    assert "there is no study 99" in page(api, "/studies/99", 404)


@pytest.mark.parametrize(
    ("missing", "words"), [("database_url", "PostgreSQL is away"), ("amqp_url", "RabbitMQ at 127.0.0.1:1")]
)
def test_what_is_away_is_said_and_the_rest_goes_on(
    database_url: str, amqp_url: str, data_dir: Path, missing: str, words: str
) -> None:
    away = {"database_url": "postgresql+psycopg2://x@127.0.0.1:1/x", "amqp_url": "amqp://x:x@127.0.0.1:1/"}
    urls = {"database_url": database_url, "amqp_url": amqp_url} | {missing: away[missing]}
    running = RunningApi(data_dir=data_dir, **urls)
    overview = page(running, "/")
    running.close()
    assert words in overview
    assert ("No object yet." in overview) == (missing == "amqp_url")


def test_a_database_of_another_version(api: RunningApi) -> None:
    with api.context.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE study DROP COLUMN events_count")
    assert "another version than this service: migrate it" in page(api, "/")
    assert "migrate it" in api.get("/studies", 503)["detail"]


def test_a_database_without_the_tables_of_node_tests(api: RunningApi) -> None:
    with api.context.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE node_check")
    assert "migrate it" in api.get(f"/node-tests/{UUID(int=0)}", 503)["detail"]


def test_who_was_turned_away_is_shown_with_what_to_change(api: RunningApi) -> None:
    assert "No caller was rejected." in page(api, "/parts/rejected")
    node = StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=11112, allowed_calling_ae_titles=["CT1"], tls=True)
    api.add(node)
    api.add(rejected_caller(), rejected_caller(calling_ae_title="OLD", days_ago=8))
    for path in ("/", "/parts/rejected"):
        shown = page(api, path)
        assert "the calling AE title &#39;CT9&#39; is not one of those that may call" in shown
        assert "add &#39;CT9&#39; to the allowed calling AE titles" in shown
        assert "OLD" not in shown
    assert "CT1, TLS" in page(api, "/")


def test_what_a_rejected_caller_calls_itself_is_text(api: RunningApi) -> None:
    api.add(StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=11112))
    api.add(rejected_caller(calling_ae_title="<script>x", words=HOSTILE, advice=HOSTILE, peer_address="<b>"))
    shown = page(api, "/parts/rejected")
    assert "&lt;script&gt;x" in shown
    assert "<script>" not in shown
    assert "<img" not in shown
