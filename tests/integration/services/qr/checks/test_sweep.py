"""Node tests whose message got lost come back; old ones go."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from services.qr.checks.store import NOT_FINISHED, NodeChecks
from services.qr.checks.sweep import CheckSweep
from shared.broker.connection import connect, open_channel
from shared.broker.topology import CHECK
from shared.database.base import now
from shared.database.models import CheckState, NodeCheck
from shared.errors import Unavailable
from shared.health import Health
from shared.jobs.checks import NOT_TAKEN, read_check
from shared.messages import CheckNode, parse
from tests.helpers.qr.node_checks import begin_check, get_check
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration


def make_sweep(node_checks: NodeChecks, amqp_url: str) -> CheckSweep:
    return CheckSweep(checks=node_checks, amqp_url=amqp_url, health=Health())


def take_all(amqp_url: str) -> list[CheckNode]:
    """Empty the queue; return what it held."""
    connection = connect(amqp_url=amqp_url, name="test")
    channel = open_channel(connection)
    messages = []
    while (got := channel.basic_get(CHECK.work, auto_ack=True))[0] is not None:
        messages.append(parse(CheckNode, got[2]))
    connection.close()
    return messages


@pytest.fixture
def check_id(qr_jobs: QrJobs) -> UUID:
    return begin_check(qr_jobs, remote_node_id=qr_jobs.remote_node(port=104))


def set_check(qr_jobs: QrJobs, **values: object) -> None:
    with qr_jobs.sessions.begin() as session:
        session.execute(update(NodeCheck).values(**values))


def test_a_lost_message_is_published_again(
    node_checks: NodeChecks, qr_jobs: QrJobs, amqp_url: str, check_id: UUID
) -> None:
    assert take_all(amqp_url) == [CheckNode(check_id=check_id)]
    assert make_sweep(node_checks, amqp_url).once() == 0, "it may still come"
    set_check(qr_jobs, created_at=now() - timedelta(seconds=11))
    assert make_sweep(node_checks, amqp_url).once() == 1
    assert make_sweep(node_checks, amqp_url).once() == 0, "it waits in the queue"
    assert take_all(amqp_url) == [CheckNode(check_id=check_id)]


def test_a_test_whose_worker_and_message_are_gone_comes_back_and_is_given_up_in_the_end(
    node_checks: NodeChecks, qr_jobs: QrJobs, amqp_url: str, check_id: UUID
) -> None:
    take_all(amqp_url)
    set_check(qr_jobs, state=CheckState.RUNNING, started_at=now() - timedelta(minutes=6))
    assert make_sweep(node_checks, amqp_url).once() == 1
    take_all(amqp_url)
    set_check(qr_jobs, created_at=now() - timedelta(minutes=16))
    assert make_sweep(node_checks, amqp_url).once() == 0
    check = get_check(qr_jobs, check_id)
    assert (check.state, check.detail) == (CheckState.FAILED, NOT_FINISHED)


def test_a_test_that_nobody_takes_fails(
    node_checks: NodeChecks, qr_jobs: QrJobs, amqp_url: str, check_id: UUID
) -> None:
    set_check(qr_jobs, created_at=now() - timedelta(minutes=6))
    assert make_sweep(node_checks, amqp_url).once() == 0
    check = get_check(qr_jobs, check_id)
    assert (check.state, check.detail) == (CheckState.FAILED, NOT_TAKEN)


def test_old_tests_are_deleted(node_checks: NodeChecks, qr_jobs: QrJobs, amqp_url: str, check_id: UUID) -> None:
    set_check(qr_jobs, state=CheckState.DONE, created_at=now() - timedelta(days=6))
    make_sweep(node_checks, amqp_url).once()
    assert get_check(qr_jobs, check_id).state is CheckState.DONE
    set_check(qr_jobs, created_at=now() - timedelta(days=8))
    make_sweep(node_checks, amqp_url).once()
    assert read_check(sessions=qr_jobs.sessions, check_id=check_id) is None


def test_without_a_broker_it_says_so(node_checks: NodeChecks, qr_jobs: QrJobs, free_port: int, check_id: UUID) -> None:
    set_check(qr_jobs, created_at=now() - timedelta(seconds=11))
    with pytest.raises(Unavailable, match="RabbitMQ"):
        make_sweep(node_checks, f"amqp://guest:guest@127.0.0.1:{free_port}/").once()
