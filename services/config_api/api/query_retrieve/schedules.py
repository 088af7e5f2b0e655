"""Schedules: query/retrieve jobs that begin by themselves."""

from datetime import datetime
from http import HTTPStatus

from flask import Response, url_for
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_nodes, patched
from services.config_api.actions.nodes.node_reference import find_node
from services.config_api.api.common.base import IdPath, answer, blueprint, created, no_content, problems
from services.config_api.api.query_retrieve.schedule_models import (
    QrScheduleInput,
    QrScheduleList,
    QrScheduleOutput,
    QrSchedulePatch,
)
from services.config_api.web import problem
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem
from shared.database.base import now
from shared.database.models import QrSchedule, RemoteNode, StoreNode
from shared.jobs.cron import runs_after

AS_IT_IS = ("name", "enabled", "cron", "time_zone", "days_ago", "overlap_days", "catch_up_days", "while_running")

api = blueprint("qr_schedules", tag="Query/retrieve", description="Jobs that bring studies (C-FIND, C-MOVE)")


@api.get("", responses={HTTPStatus.OK: QrScheduleList})
def list_qr_schedules() -> Response:
    """List the schedules, with their next runs."""
    with context().transaction() as session:
        schedules = session.scalars(select(QrSchedule).order_by(QrSchedule.name))
        items = [QrScheduleOutput.of(schedule, moment=now()) for schedule in schedules]
    return answer(QrScheduleList(items=items))


@api.post("", responses={HTTPStatus.CREATED: QrScheduleOutput} | problems(HTTPStatus.CONFLICT))
def create_qr_schedule(body: QrScheduleInput) -> Response:
    """Create a schedule; its first run is the first after now."""
    output = add_schedule(body)
    return created(output, url_for(".get_qr_schedule", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: QrScheduleOutput} | problems(HTTPStatus.NOT_FOUND))
def get_qr_schedule(path: IdPath) -> Response:
    """Show a schedule, what came of its last run, and its next ones."""
    with context().transaction() as session:
        return answer(QrScheduleOutput.of(find_schedule(session, path.id), moment=now()))


@api.patch(
    "/<int:id>", responses={HTTPStatus.OK: QrScheduleOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def change_qr_schedule(path: IdPath, body: QrSchedulePatch) -> Response:
    """Change a schedule; jobs that it has begun go on as they are."""
    return answer(change_schedule(path.id, body))


@api.delete("/<int:id>", responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND))
def delete_qr_schedule(path: IdPath) -> Response:
    """Delete a schedule; the jobs that it has begun stay."""
    delete_schedule(path.id)
    return no_content()


def add_schedule(wanted: QrScheduleInput) -> QrScheduleOutput:
    """Write down a schedule.

    Raises:
        ProblemError: a node is not there, or the name is taken.
        Unavailable: the database is away.
    """
    with context().transaction() as session:
        schedule = QrSchedule(next_run_at=_next_run(wanted))
        _write(session, schedule, wanted)
        session.add(schedule)
        session.flush()
        return QrScheduleOutput.of(schedule, moment=now())


def change_schedule(schedule_id: int, patch: QrSchedulePatch) -> QrScheduleOutput:
    """Change of a schedule what the patch names.

    Raises:
        ProblemError: there is no such schedule, or the result breaks a rule.
        Unavailable: the database is away.
    """
    with context().transaction() as session:
        schedule = find_schedule(session, schedule_id, locked=True)
        wanted = patched(
            schedule,
            patch,
            into=QrScheduleInput,
            remote_node=schedule.remote_node_id,
            store_node=schedule.store_node_id,
        )
        # What was missed while it was off, or by other rules, is not due; its days are caught up with all the same.
        if (wanted.cron, wanted.time_zone) != (schedule.cron, schedule.time_zone) or not schedule.enabled:
            schedule.next_run_at = _next_run(wanted)
        _write(session, schedule, wanted)
        session.flush()
        return QrScheduleOutput.of(schedule, moment=now())


def delete_schedule(schedule_id: int) -> None:
    """Delete a schedule; the jobs that it has begun stay.

    Raises:
        ProblemError: there is no such schedule.
        Unavailable: the database is away.
    """
    with context().transaction() as session:
        session.delete(find_schedule(session, schedule_id, locked=True))


def refuse_if_scheduled(session: Session, condition: ColumnElement[bool]) -> None:
    """Keep what a schedule refers to.

    Raises:
        ProblemError: schedules meet the condition; it names them.
    """
    names = session.scalars(select(QrSchedule.name).where(condition).order_by(QrSchedule.name)).all()
    if names:
        listed = ", ".join(repr(name) for name in names)
        raise problem.conflict(detail=f"query/retrieve schedules use this node: {listed}; change or delete them first")


def _next_run(wanted: QrScheduleInput) -> datetime:
    return next(runs_after(wanted.cron, wanted.time_zone, now()))


def _write(session: Session, schedule: QrSchedule, wanted: QrScheduleInput) -> None:
    """Make a schedule what a request wants.

    Raises:
        ProblemError: a node is not there, or the name is taken.
    """
    remote_node, wrong_remote = find_node(session, RemoteNode, "remote_node", wanted.remote_node)
    store_node, wrong_store = find_node(session, StoreNode, "store_node", wanted.store_node)
    if remote_node is None or store_node is None:
        raise problem.invalid(*wrong_remote, *wrong_store)
    _check_name(session, wanted.name, own_id=schedule.id)
    if schedule.remote_node_id != remote_node.id:
        schedule.covered_until = None  # that was another archive
    for name in AS_IT_IS:
        setattr(schedule, name, getattr(wanted, name))
    schedule.remote_node, schedule.store_node = remote_node, store_node
    schedule.options = wanted.options.model_dump(mode="json")


def find_schedule(session: Session, schedule_id: int, *, locked: bool = False) -> QrSchedule:
    """Return a schedule, on request locked until the transaction ends.

    Raises:
        ProblemError: there is none of this id.
    """
    schedule = session.get(QrSchedule, schedule_id, with_for_update=locked or None)
    if schedule is None:
        raise problem.not_found(f"there is no schedule {schedule_id}", "GET /api/v1/qr-schedules lists those there are")
    return schedule


def _check_name(session: Session, name: str, *, own_id: int | None) -> None:
    lock_nodes(session)  # not the table: the qr service, which writes it too, would wait for us, and we for it
    if any(id_ != own_id for id_ in session.scalars(select(QrSchedule.id).where(QrSchedule.name == name))):
        raise problem.conflict(FieldProblem(field="name", detail="is the name of another schedule; choose another one"))
