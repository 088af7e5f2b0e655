"""Asking for node tests, and reading them."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, update

from shared.broker.publisher import Publisher
from shared.broker.topology import CHECK
from shared.database.base import now
from shared.database.engine import make_engine
from shared.database.models import CheckState, CheckStep, CheckVerdict, NodeCheck, RemoteNode, StoreNode
from shared.jobs.checks import (
    MOST_UNDER_WAY,
    NOT_TAKEN,
    InvalidCheck,
    StepOutcome,
    create_check,
    give_up_untaken,
    is_waiting_long,
    read_check,
    steps_of,
)
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

STUDY = "1.2.826.0.1.3680043.8.498.7"


@pytest.fixture
def qr_jobs(database_url: str, amqp_url: str) -> Iterator[QrJobs]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield QrJobs(engine=engine, amqp_url=amqp_url)
    engine.dispose()


def _read(qr_jobs: QrJobs, check_id: UUID) -> NodeCheck:
    check = read_check(sessions=qr_jobs.sessions, check_id=check_id)
    assert check is not None
    return check


def _age(qr_jobs: QrJobs, check_id: UUID, age: timedelta) -> None:
    with qr_jobs.sessions.begin() as session:
        session.execute(update(NodeCheck).where(NodeCheck.id == check_id).values(created_at=now() - age))


def test_a_test_is_written_down_and_published(qr_jobs: QrJobs) -> None:
    remote, store = qr_jobs.remote_node(port=104), qr_jobs.store_node(port=11112)
    check_id = create_check(
        sessions=qr_jobs.sessions,
        amqp_url=qr_jobs.amqp_url,
        remote_node_id=remote,
        store_node_id=store,
        study_instance_uid=STUDY,
    )

    check = _read(qr_jobs, check_id)
    assert (check.state, check.detail, check.passed) == (CheckState.QUEUED, "", None)
    assert (check.remote_node.id, check.study_instance_uid, steps_of(check)) == (remote, STUDY, [])
    assert check.store_node is not None
    assert check.store_node.id == store
    assert not is_waiting_long(check)
    with Publisher(amqp_url=qr_jobs.amqp_url, name="test") as publisher:
        assert publisher.depth(CHECK.work) == 1


def test_a_broker_that_is_away_does_not_lose_the_test(qr_jobs: QrJobs, free_port: int) -> None:
    away = f"amqp://guest:guest@127.0.0.1:{free_port}/"
    remote = qr_jobs.remote_node(port=104)
    check_id = create_check(sessions=qr_jobs.sessions, amqp_url=away, remote_node_id=remote)
    assert _read(qr_jobs, check_id).state is CheckState.QUEUED


def test_a_test_of_nothing_is_refused(qr_jobs: QrJobs) -> None:
    remote, sessions, amqp_url = qr_jobs.remote_node(port=104), qr_jobs.sessions, qr_jobs.amqp_url
    with pytest.raises(InvalidCheck, match="there is no remote node 99"):
        create_check(sessions=sessions, amqp_url=amqp_url, remote_node_id=99)
    with pytest.raises(InvalidCheck, match="there is no store node 99"):
        create_check(sessions=sessions, amqp_url=amqp_url, remote_node_id=remote, store_node_id=99)
    with pytest.raises(InvalidCheck, match="not a Study Instance UID"):
        create_check(sessions=sessions, amqp_url=amqp_url, remote_node_id=remote, study_instance_uid="1.2.*")
    assert read_check(sessions=sessions, check_id=uuid4()) is None


def test_one_node_has_few_tests_under_way(qr_jobs: QrJobs) -> None:
    remote, other = qr_jobs.remote_node(port=104), qr_jobs.remote_node(port=105)
    sessions, amqp_url = qr_jobs.sessions, qr_jobs.amqp_url
    for _ in range(MOST_UNDER_WAY):
        check_id = create_check(sessions=sessions, amqp_url=amqp_url, remote_node_id=remote)
    with pytest.raises(InvalidCheck, match=f"{MOST_UNDER_WAY} tests of this node are under way"):
        create_check(sessions=sessions, amqp_url=amqp_url, remote_node_id=remote)
    create_check(sessions=sessions, amqp_url=amqp_url, remote_node_id=other)
    with sessions.begin() as session:
        session.execute(update(NodeCheck).where(NodeCheck.id == check_id).values(state=CheckState.DONE))
    create_check(sessions=sessions, amqp_url=amqp_url, remote_node_id=remote)


def test_the_steps_are_read_as_they_were_written(qr_jobs: QrJobs) -> None:
    outcome = StepOutcome(step=CheckStep.TCP, verdict=CheckVerdict.PASSED, detail="accepts a connection", duration_ms=3)
    check_id = create_check(
        sessions=qr_jobs.sessions, amqp_url=qr_jobs.amqp_url, remote_node_id=qr_jobs.remote_node(port=104)
    )
    with qr_jobs.sessions.begin() as session:
        session.execute(
            update(NodeCheck).where(NodeCheck.id == check_id).values(steps=[outcome.model_dump(mode="json")])
        )
    assert steps_of(_read(qr_jobs, check_id)) == [outcome]


def test_a_test_that_nobody_takes_fails_in_time(qr_jobs: QrJobs) -> None:
    remote = qr_jobs.remote_node(port=104)
    first, second = (
        create_check(sessions=qr_jobs.sessions, amqp_url=qr_jobs.amqp_url, remote_node_id=remote) for _ in range(2)
    )
    _age(qr_jobs, first, timedelta(seconds=61))
    check = _read(qr_jobs, first)
    assert (check.state, is_waiting_long(check)) == (CheckState.QUEUED, True)

    for check_id in (first, second):
        _age(qr_jobs, check_id, timedelta(minutes=5, seconds=1))
    check = _read(qr_jobs, first)
    assert (check.state, check.detail, is_waiting_long(check)) == (CheckState.FAILED, NOT_TAKEN, False)
    assert check.finished_at is not None
    with qr_jobs.sessions.begin() as session:
        give_up_untaken(session)
    with qr_jobs.sessions() as session:
        other = session.get(NodeCheck, second)
        assert other is not None
        assert other.state is CheckState.FAILED


def test_a_test_outlives_its_store_node_and_goes_with_its_remote_node(qr_jobs: QrJobs) -> None:
    remote, store = qr_jobs.remote_node(port=104), qr_jobs.store_node(port=11112)
    check_id = create_check(
        sessions=qr_jobs.sessions, amqp_url=qr_jobs.amqp_url, remote_node_id=remote, store_node_id=store
    )
    with qr_jobs.sessions.begin() as session:
        session.execute(delete(StoreNode).where(StoreNode.id == store))
    assert _read(qr_jobs, check_id).store_node is None
    with qr_jobs.sessions.begin() as session:
        session.execute(delete(RemoteNode).where(RemoteNode.id == remote))
    assert read_check(sessions=qr_jobs.sessions, check_id=check_id) is None
