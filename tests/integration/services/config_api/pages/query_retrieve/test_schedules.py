"""The pages of schedules."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from shared.database.models import QrSchedule, RemoteNode, StoreNode
from tests.helpers.config_api.pages import page, send, send_wrong, words_of
from tests.helpers.config_api.rest import RunningApi
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.integration

FILLED_IN: dict[str, object] = {
    "name": "CT of yesterday", "enabled": "on", "remote_node": "1", "store_node": "1", "cron": "30 2 * * *",
    "time_zone": "Europe/Berlin", "days_ago": "1", "overlap_days": "2", "catch_up_days": "14",
    "while_running": "skip", "modalities": "CT",
}  # fmt: skip
LIST = "/qr#schedules"


@pytest.fixture(autouse=True)
def _nodes(api: RunningApi) -> None:
    api.add(
        RemoteNode(id=1, name="PACS", ae_title="ORTHANC", ip_address=LOOPBACK, port=free_port()),
        StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=11112, enabled=False),
    )


def test_a_schedule_from_its_form_to_its_end(api: RunningApi) -> None:
    assert send(api, "/qr/schedules/new", FILLED_IN) == LIST
    [schedule] = api.get("/qr-schedules")["items"]
    assert (schedule["cron"], schedule["overlap_days"], schedule["options"]["modalities"]) == ("30 2 * * *", 2, ["CT"])
    shown = words_of(page(api, "/qr"))
    assert "CT of yesterday 30 2 * * * Europe/Berlin" in shown
    assert "has not run yet" in shown

    path = f"/qr/schedules/{schedule['id']}"
    html = page(api, path)
    assert 'value="CT of yesterday"' in html
    assert "Next:" in words_of(html)
    like = page(api, f"/qr/new?schedule={schedule['id']}")
    assert '<option value="1" selected>' in like
    assert re.search(r'value="CT" checked', like)
    send(api, path, FILLED_IN | {"name": "CT and NM", "modalities": ["CT", "NM"], "while_running": "wait"})
    changed = api.get(f"/qr-schedules/{schedule['id']}")
    assert (changed["name"], changed["options"]["modalities"], changed["while_running"]) == (
        "CT and NM", ["CT", "NM"], "wait",
    )  # fmt: skip

    assert send(api, f"{path}/disable") == LIST
    assert api.get(f"/qr-schedules/{schedule['id']}")["enabled"] is False
    assert "switched off" in words_of(page(api, "/qr/parts/schedules"))
    assert "Switch on" in words_of(page(api, "/qr/parts/schedules"))
    send(api, f"{path}/enable")
    assert api.get(f"/qr-schedules/{schedule['id']}")["enabled"] is True

    send(api, f"{path}/delete")
    assert api.get("/qr-schedules")["items"] == []
    page(api, path, 404)
    send_wrong(api, f"{path}/enable", status=404)


def test_what_is_wrong_is_said_at_its_field_and_everything_typed_is_kept(api: RunningApi) -> None:
    html = send_wrong(api, "/qr/schedules/new", FILLED_IN | {"cron": "at <b>night</b>", "overlap_days": "two"})
    assert re.search(r'<input id="cron"[^>]*value="at &lt;b&gt;night&lt;/b&gt;"[^>]*aria-invalid="true"', html)
    assert 'id="overlap_days-wrong"' in html
    assert 'value="Europe/Berlin"' in html
    assert api.get("/qr-schedules")["items"] == []


def test_a_name_that_is_taken(api: RunningApi) -> None:
    send(api, "/qr/schedules/new", FILLED_IN)
    html = send_wrong(api, "/qr/schedules/new", FILLED_IN, status=409)
    assert 'id="name-wrong"' in html
    assert "is the name of another schedule" in words_of(html)


def test_when_it_is_due_and_what_came_of_it(api: RunningApi) -> None:
    now = datetime.now(UTC)
    nodes = {"remote_node_id": 1, "store_node_id": 1, "cron": "0 2 * * *", "time_zone": "UTC"}
    api.add(
        QrSchedule(name="Next", next_run_at=datetime(2030, 1, 1, 2, tzinfo=UTC), **nodes),
        QrSchedule(
            name="Waiting", next_run_at=now - timedelta(hours=1), last_run_at=now, last_outcome="left out <i>once</i>",
            **nodes,
        ),
    )  # fmt: skip
    html = page(api, "/qr/parts/schedules")
    assert '<time datetime="2030-01-01T02:00:00Z"' in html
    assert "due since" in words_of(html)
    assert "left out &lt;i&gt;once&lt;/i&gt;" in html
