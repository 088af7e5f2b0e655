from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.database.models import QrJob, QrJobState, QrSchedule, StoreNode
from tests.helpers.config_api.rest import RunningApi, fields

pytestmark = pytest.mark.integration

NIGHTLY = {
    "name": "CT of yesterday",
    "remote_node": "PACS",
    "store_node": "CT hall",
    "cron": "30  2 * * *",
    "time_zone": "Europe/Berlin",
    "options": {"modalities": ["CT"], "description_exclude": ["Imported"]},
}


@pytest.fixture(autouse=True)
def nodes(api: RunningApi) -> dict[str, Any]:
    api.add(StoreNode(name="CT hall", ae_title="DOSEWIRE", port=11112, enabled=False))
    return api.post("/remote-nodes", {"name": "PACS", "ae_title": "ORTHANC", "hostname": "pacs.example", "port": 104})


def row(api: RunningApi, schedule_id: int) -> QrSchedule:
    with api.context.sessions() as session:
        return session.get_one(QrSchedule, schedule_id)


def test_a_schedule_from_creation_to_deletion(api: RunningApi) -> None:
    created = api.post("/qr-schedules", NIGHTLY)
    path = f"/qr-schedules/{created['id']}"
    assert api.get(path) == created
    assert api.get("/qr-schedules")["items"] == [created]
    assert (created["cron"], created["days_ago"], created["catch_up_days"]) == ("30 2 * * *", 1, 14)
    assert created["options"]["description_exclude"] == ["imported"]
    assert (created["remote_node"]["name"], created["store_node"]["ae_title"]) == ("PACS", "DOSEWIRE")
    changed = api.patch(path, {"overlap_days": 2, "while_running": "wait", "store_node": 1})
    assert (changed["overlap_days"], changed["while_running"]) == (2, "wait")
    assert changed["options"] == created["options"]
    api.delete(path)
    assert "there is no schedule" in api.get(path, 404)["detail"]


def test_the_next_runs_are_shown_in_the_time_zone(api: RunningApi) -> None:
    created = api.post("/qr-schedules", NIGHTLY)
    runs = [datetime.fromisoformat(text) for text in created["next_runs"]]
    assert len(runs) == 5
    assert {(run.hour, run.minute) for run in runs} == {(2, 30)} or runs[0].month in (3, 10)  # the clocks change
    assert datetime.now(UTC) < runs[0] < datetime.now(UTC) + timedelta(days=2)
    assert row(api, created["id"]).next_run_at == runs[0]


def test_what_is_wrong_is_told_with_what_would_be_right(api: RunningApi) -> None:
    wrong = {"cron": "0 25 * * *", "time_zone": "Berlin", "overlap_days": -1, "while_running": "both", "often": 1}
    problems = fields(api.post("/qr-schedules", NIGHTLY | wrong, 422))
    assert set(problems) == {"cron", "time_zone", "overlap_days", "while_running", "often"}
    assert "wrong hour" in problems["cron"]
    assert "hours 0-23" in problems["cron"]
    assert "Europe/Berlin" in problems["time_zone"]
    times = {"modalities": ["CT"], "time_from": "08:00"}
    assert "one day" in fields(api.post("/qr-schedules", NIGHTLY | {"options": times}, 422))["options"]
    missing = fields(api.post("/qr-schedules", {"name": "Nothing"}, 422))
    assert set(missing) == {"remote_node", "store_node", "cron", "time_zone"}


def test_nodes_have_to_be_there(api: RunningApi) -> None:
    unknown = fields(api.post("/qr-schedules", NIGHTLY | {"remote_node": "RIS", "store_node": 7}, 422))
    assert set(unknown) == {"remote_node", "store_node"}
    path = f"/qr-schedules/{api.post('/qr-schedules', NIGHTLY)['id']}"
    assert set(fields(api.patch(path, {"store_node": "nowhere"}, 422))) == {"store_node"}
    assert api.get(path)["store_node"]["name"] == "CT hall"


def test_a_null_is_no_change(api: RunningApi) -> None:
    path = f"/qr-schedules/{api.post('/qr-schedules', NIGHTLY)['id']}"
    assert set(fields(api.patch(path, {"cron": None, "overlap_days": None}, 422))) == {"cron", "overlap_days"}


def test_names_are_taken_once(api: RunningApi) -> None:
    api.post("/qr-schedules", NIGHTLY)
    assert set(fields(api.post("/qr-schedules", NIGHTLY, 409))) == {"name"}
    other = api.post("/qr-schedules", NIGHTLY | {"name": "Another"})
    assert set(fields(api.patch(f"/qr-schedules/{other['id']}", {"name": "CT of yesterday"}, 409))) == {"name"}


def test_a_schedule_that_is_switched_on_again_is_not_due_at_once(api: RunningApi) -> None:
    created = api.post("/qr-schedules", NIGHTLY)
    path = f"/qr-schedules/{created['id']}"
    assert api.patch(path, {"enabled": False})["next_runs"] == []
    with api.context.transaction() as session:
        session.get_one(QrSchedule, created["id"]).next_run_at = datetime(2026, 1, 1, tzinfo=UTC)
    switched_on = api.patch(path, {"enabled": True})
    assert row(api, created["id"]).next_run_at == datetime.fromisoformat(switched_on["next_runs"][0])


def test_a_change_of_other_things_leaves_a_run_that_is_due(api: RunningApi) -> None:
    created = api.post("/qr-schedules", NIGHTLY)
    due = datetime(2026, 1, 1, tzinfo=UTC)
    with api.context.transaction() as session:
        session.get_one(QrSchedule, created["id"]).next_run_at = due
    api.patch(f"/qr-schedules/{created['id']}", {"overlap_days": 2})
    assert row(api, created["id"]).next_run_at == due
    api.patch(f"/qr-schedules/{created['id']}", {"cron": "0 3 * * *"})
    assert row(api, created["id"]).next_run_at > datetime.now(UTC)


def test_another_archive_has_nothing_covered(api: RunningApi) -> None:
    created = api.post("/qr-schedules", NIGHTLY)
    api.post("/remote-nodes", {"name": "Other", "ae_title": "OTHER", "hostname": "other.example", "port": 104})
    with api.context.transaction() as session:
        session.get_one(QrSchedule, created["id"]).covered_until = date(2026, 3, 1)
    path = f"/qr-schedules/{created['id']}"
    assert api.patch(path, {"days_ago": 2})["covered_until"] == "2026-03-01"
    assert api.patch(path, {"remote_node": "Other"})["covered_until"] is None


def test_nodes_of_a_schedule_stay(api: RunningApi, nodes: dict[str, Any]) -> None:
    created = api.post("/qr-schedules", NIGHTLY)
    for path in (f"/remote-nodes/{nodes['id']}", "/store-nodes/1"):
        assert "'CT of yesterday'" in api.delete(path, 409)["detail"]
    api.delete(f"/qr-schedules/{created['id']}")
    for path in (f"/remote-nodes/{nodes['id']}", "/store-nodes/1"):
        api.delete(path)


def test_jobs_name_their_schedule_and_outlive_it(api: RunningApi) -> None:
    created = api.post("/qr-schedules", NIGHTLY)
    day = date(2026, 3, 9)
    job = {"remote_node_id": 1, "store_node_id": 1, "date_from": day, "date_until": day, "state": QrJobState.COMPLETE}
    api.add(QrJob(**job, schedule_id=created["id"]), QrJob(**job))
    [shown] = api.get(f"/qr-jobs?schedule_id={created['id']}")["items"]
    assert shown["schedule_id"] == created["id"]
    api.delete(f"/qr-schedules/{created['id']}")
    assert [one["schedule_id"] for one in api.get("/qr-jobs")["items"]] == [None, None]
