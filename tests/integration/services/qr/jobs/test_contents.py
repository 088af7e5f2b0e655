"""The contents of studies in the database: decisions, objects that are known, objects that have arrived."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from services.qr.choice.found import Choice, Instance, Scope, Series, SeriesDecision
from services.qr.jobs.contents import Contents
from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from services.qr.remote.find import FoundStudy
from shared.database.engine import make_sessions
from shared.database.models import ObjectState, ReceivedObject
from shared.database.models.qr import QrStudy
from tests.helpers.qr.hospital import DAY
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

STUDY = "1.2.3"
NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture
def contents(engine: Engine) -> Contents:
    return Contents(sessions=make_sessions(engine))


@pytest.fixture
def study(qr_jobs: QrJobs, jobs: Jobs, studies: Studies) -> QrStudy:
    job_id = qr_jobs.create(
        remote_node_id=qr_jobs.remote_node(port=104),
        store_node_id=qr_jobs.store_node(port=11112),
        date_from=DAY,
        date_until=DAY,
    )
    jobs.begin_query(job_id, lease=100)
    studies.add(job_id, [FoundStudy(STUDY, "20260310", "CT\\SR", 9)])
    return qr_jobs.get(job_id).studies[0]


def receive(qr_jobs: QrJobs, uid: str, state: ObjectState, *, at: datetime = NOW, sop_class: str | None = None) -> None:
    with qr_jobs.sessions.begin() as session:
        session.add(
            ReceivedObject(
                trace_id=uuid4().hex,
                source="c_store",
                received_at=at,
                sop_instance_uid=uid,
                sop_class_uid=sop_class,
                study_instance_uid=STUDY,
                size_bytes=1,
                state=state,
            )
        )


def choice(*, sop_class: str | None = None) -> Choice:
    reports = Series(
        "1.2.3.9",
        modality="SR",
        series_number=501,
        instances=(Instance("1.2.3.9.1", sop_class), Instance("1.2.3.9.2", "1.2")),
        asked=Scope.ALL,
    )
    images = Series("1.2.3.1", modality="CT", series_number=1, instance_count=300)
    return Choice(
        (
            SeriesDecision(images, wanted=False, reason="not needed"),
            SeriesDecision(reports, wanted=True, reason="RDSR", sop_instance_uids=("1.2.3.9.1",)),
        ),
        (),
        "CT: kept RDSR series 501",
    )


def test_decisions_take_the_place_of_earlier_ones(contents: Contents, qr_jobs: QrJobs, study: QrStudy) -> None:
    assert contents.wanted(study.id) is None
    for _ in range(2):
        contents.write(study.id, choice())
    (wanted,) = contents.wanted(study.id) or []
    assert (wanted.label, wanted.whole, wanted.sop_instance_uids, wanted.done) == (
        "series 501", False, ("1.2.3.9.1",), False,
    )  # fmt: skip
    row = qr_jobs.get(study.job_id).studies[0]
    assert row.explanation == "CT: kept RDSR series 501"
    assert [(one.series_number, one.wanted, one.reason) for one in row.series] == [
        (1, False, "not needed"),
        (501, True, "RDSR"),
    ]
    assert [(one.wanted, one.reason) for one in row.series[1].instances] == [(True, "RDSR"), (False, "not needed")]
    contents.done(wanted.id, "1 object sent")
    assert [one.done for one in contents.wanted(study.id) or []] == [True]


def test_refused_and_failed_objects_are_known_too(contents: Contents, qr_jobs: QrJobs) -> None:
    for number, state in enumerate([ObjectState.IMPORTED, ObjectState.REFUSED, ObjectState.FAILED, ObjectState.QUEUED]):
        receive(qr_jobs, f"1.{number}", state, sop_class="1.9")
    assert contents.known(STUDY) == {"1.0", "1.1", "1.2", "1.3"}
    assert contents.known("1.2.4") == frozenset()
    assert contents.received_classes(STUDY)["1.1"] == "1.9"


def test_of_several_receptions_the_one_that_came_through_counts(contents: Contents, qr_jobs: QrJobs) -> None:
    receive(qr_jobs, "1.1", ObjectState.IMPORTED, at=NOW - timedelta(hours=1))
    receive(qr_jobs, "1.1", ObjectState.QUEUED)
    receive(qr_jobs, "1.2", ObjectState.FAILED, at=NOW - timedelta(hours=1))
    receive(qr_jobs, "1.2", ObjectState.IMPORTED)
    assert {uid: one.state for uid, one in contents.arrivals(STUDY, ["1.1", "1.2", "1.3"], since=None).items()} == {
        "1.1": ObjectState.IMPORTED,
        "1.2": ObjectState.IMPORTED,
    }
    assert set(contents.arrivals(STUDY, ["1.1"], since=NOW)) == {"1.1"}
    assert contents.arrivals(STUDY, ["1.1"], since=NOW + timedelta(hours=1)) == {}


def test_a_report_whose_class_was_learned_asks_for_a_new_decision(
    contents: Contents, qr_jobs: QrJobs, study: QrStudy
) -> None:
    contents.write(study.id, choice())
    assert not contents.is_to_be_decided_anew(study.id)
    receive(qr_jobs, "1.2.3.9.1", ObjectState.IMPORTED, sop_class="1.2.840.10008.5.1.4.1.1.88.67")
    assert contents.is_to_be_decided_anew(study.id)
    contents.write(study.id, choice(sop_class="1.2.840.10008.5.1.4.1.1.88.67"))
    assert not contents.is_to_be_decided_anew(study.id)
