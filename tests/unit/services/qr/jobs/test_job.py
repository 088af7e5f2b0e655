from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from services.qr.jobs.job import JobInHand
from services.qr.remote.find import StudyQuery
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.models.qr import QrJob, QrJobState

DAY = date(2026, 3, 10)


def row(*, qr_settings: dict[str, Any] | None = None, options: dict[str, Any] | None = None) -> QrJob:
    return QrJob(
        id=uuid4(),
        state=QrJobState.QUEUED,
        created_at=datetime(2026, 3, 11, tzinfo=UTC),
        attempts=0,
        date_from=DAY,
        date_until=DAY,
        options=options or {},
        remote_node=RemoteNode(name="PACS", qr_settings=qr_settings or {}),
        store_node=StoreNode(name="Main"),
    )


def test_options_settings_and_query_are_read_once() -> None:
    job = JobInHand.of(row(options={"time_from": "08:00:00", "review": True}, qr_settings={"pause_seconds": 2}))
    assert job.query == StudyQuery(date_from=DAY, date_until=DAY, study_instance_uid=None, time_from=time(8))
    assert job.options.review
    assert job.settings.pause_seconds == 2


@pytest.mark.parametrize(
    ("qr_settings", "is_passed_on"),
    [({}, False), ({"retrieve_by": "get"}, True), ({"dicomweb": {"url": "http://pacs"}}, True)],
)
def test_what_the_remote_node_does_not_send_itself_is_passed_on(
    *, qr_settings: dict[str, Any], is_passed_on: bool
) -> None:
    assert JobInHand.of(row(qr_settings=qr_settings)).is_passed_on is is_passed_on


def test_settings_that_are_not_known_are_an_error() -> None:
    with pytest.raises(ValidationError):
        JobInHand.of(row(qr_settings={"colour": "blue"}))
