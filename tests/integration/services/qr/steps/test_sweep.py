"""Messages that got lost come back; messages that wait are left alone."""

from datetime import date
from uuid import UUID

import pytest

from services.qr.jobs.due import DueSteps
from services.qr.steps.sweep import Sweep
from shared.broker.connection import connect, open_channel
from shared.broker.topology import QR
from shared.errors import Unavailable
from shared.health import Health
from shared.messages import QrStep, parse
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 10)


def make_sweep(due_steps: DueSteps, amqp_url: str, *, grace: float = 0.0) -> Sweep:
    return Sweep(steps=due_steps, amqp_url=amqp_url, every=60, grace=grace, health=Health())


def take_all(amqp_url: str) -> list[QrStep]:
    """Empty the queue; return what it held."""
    connection = connect(amqp_url=amqp_url, name="test")
    channel = open_channel(connection)
    steps = []
    while (got := channel.basic_get(QR.work, auto_ack=True))[0] is not None:
        steps.append(parse(QrStep, got[2]))
    connection.close()
    return steps


@pytest.fixture
def job_id(qr_jobs: QrJobs) -> UUID:
    return qr_jobs.create(
        remote_node_id=qr_jobs.remote_node(port=104),
        store_node_id=qr_jobs.store_node(port=11112, host=None),
        date_from=DAY,
        date_until=DAY,
    )


def test_a_lost_message_is_published_again_once(due_steps: DueSteps, amqp_url: str, job_id: UUID) -> None:
    assert take_all(amqp_url) == [QrStep(job_id=job_id)]
    assert make_sweep(due_steps, amqp_url).once() == 1
    assert make_sweep(due_steps, amqp_url, grace=60).once() == 0
    assert take_all(amqp_url) == [QrStep(job_id=job_id)]


def test_messages_that_wait_are_left_alone(due_steps: DueSteps, amqp_url: str, job_id: UUID) -> None:
    assert make_sweep(due_steps, amqp_url).once() == 0
    assert take_all(amqp_url) == [QrStep(job_id=job_id)]


def test_without_a_broker_it_says_so(due_steps: DueSteps, free_port: int, job_id: UUID) -> None:
    with pytest.raises(Unavailable, match="RabbitMQ"):
        make_sweep(due_steps, f"amqp://guest:guest@127.0.0.1:{free_port}/").once()
