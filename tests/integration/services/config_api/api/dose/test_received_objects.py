from datetime import UTC, datetime, timedelta

import pytest

from shared.database.models import ObjectState
from tests.helpers.config_api.rest import RunningApi, received_object, trace_ids

pytestmark = pytest.mark.integration

BEGIN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_the_newest_come_first(api: RunningApi) -> None:
    rows = [received_object(received_at=BEGIN + timedelta(minutes=minute)) for minute in (2, 0, 1)]
    api.add(*rows)
    page = api.get("/received-objects")
    assert trace_ids(page["items"]) == [rows[0].trace_id, rows[2].trace_id, rows[1].trace_id]
    assert page["next_cursor"] is None


def test_pages_show_each_object_once_though_new_ones_arrive(api: RunningApi) -> None:
    # Many of one moment: the moment alone would not do as a key.
    rows = [received_object(received_at=BEGIN + timedelta(seconds=number // 5)) for number in range(23)]
    api.add(*rows)
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/received-objects?limit=4{cursor}")
        seen += trace_ids(page["items"])
        api.add(received_object(received_at=BEGIN + timedelta(hours=1)))
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 23
    assert set(seen) == {row.trace_id for row in rows}


def test_filters(api: RunningApi) -> None:
    refused = received_object(state=ObjectState.REFUSED, reason="no dose", calling_ae_title="CT2", received_at=BEGIN)
    failed = received_object(state=ObjectState.FAILED, study_instance_uid="1.2.3", received_at=BEGIN)
    late = received_object(sop_instance_uid="1.2.4", study_instance_uid="1.2.3", received_at=BEGIN + timedelta(hours=1))
    api.add(refused, failed, late)

    def found(query: str) -> set[str]:
        return set(trace_ids(api.get(f"/received-objects?{query}")["items"]))

    assert found("state=refused") == {refused.trace_id}
    assert found("state=refused&state=failed") == {refused.trace_id, failed.trace_id}
    assert found("calling_ae_title=CT2") == {refused.trace_id}
    assert found("calling_ae_title=UNKNOWN") == set()
    assert found("study_instance_uid=1.2.3") == {failed.trace_id, late.trace_id}
    assert found("study_instance_uid=1.2.3&state=failed") == {failed.trace_id}
    assert found("sop_instance_uid=1.2.4") == {late.trace_id}
    assert found("since=2026-11-21T10:00:00%2B01:00") == {late.trace_id}
    assert found("since=2026-11-21T08:00:00Z") == {refused.trace_id, failed.trace_id, late.trace_id}


def test_one_object_with_its_reason(api: RunningApi) -> None:
    row = received_object(state=ObjectState.REFUSED, reason="structured report without document title", duration_ms=7)
    api.add(row)
    shown = api.get(f"/received-objects/{row.trace_id}")
    assert shown["state"] == "refused"
    assert shown["reason"] == "structured report without document title"
    assert shown["duration_ms"] == 7
    assert "no object was received" in api.get(f"/received-objects/{'0' * 32}", 404)["detail"]
