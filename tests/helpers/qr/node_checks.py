"""Node tests and echoes for tests: asked for as the product asks for them, watched in the database."""

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from shared.database.models.node_check import OPEN_CHECK_STATES, NodeCheck, NodeEcho
from shared.jobs.checks import create_check, read_check, steps_of
from tools.measure.qr_jobs import QrJobs


def begin_check(
    jobs: QrJobs, *, remote_node_id: int, store_node_id: int | None = None, study: str | None = None
) -> UUID:
    """Ask for a node test; return its id."""
    return create_check(
        sessions=jobs.sessions,
        amqp_url=jobs.amqp_url,
        remote_node_id=remote_node_id,
        store_node_id=store_node_id,
        study_instance_uid=study,
    )


def get_check(jobs: QrJobs, check_id: UUID) -> NodeCheck:
    """Return a node test."""
    check = read_check(sessions=jobs.sessions, check_id=check_id)
    assert check is not None
    return check


def wait_check(
    jobs: QrJobs,
    check_id: UUID,
    condition: Callable[[NodeCheck], bool] = lambda check: check.state not in OPEN_CHECK_STATES,
    *,
    timeout_s: float = 60,
) -> NodeCheck:
    """Wait until a node test is over, or as it should be; return it."""
    deadline = time.monotonic() + timeout_s
    while not condition(check := get_check(jobs, check_id)):
        assert time.monotonic() < deadline, f"{check.state} {check.detail} {check.steps}"
        time.sleep(0.05)
    return check


def verdicts_of(check: NodeCheck) -> dict[str, str]:
    """Return the verdicts on the steps that are over."""
    return {one.step.value: one.verdict.value for one in steps_of(check)}


def echo_rows(jobs: QrJobs) -> list[NodeEcho]:
    """Return all echoes."""
    with jobs.sessions() as session:
        return list(session.scalars(select(NodeEcho).order_by(NodeEcho.id)))
