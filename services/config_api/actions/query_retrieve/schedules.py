"""Schedules of query/retrieve jobs: created, changed, deleted, listed with their next runs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from services.config_api.actions.common.changes import lock_nodes, patched
from services.config_api.actions.common.node_reference import find_node
from services.config_api.actions.query_retrieve.schedule_input import QrScheduleInput, QrSchedulePatch
from services.config_api.web import problem
from services.config_api.web.problem import FieldProblem
from shared.database.base import now
from shared.database.models import QrSchedule, RemoteNode, StoreNode
from shared.jobs.cron import runs_after
from shared.jobs.options import JobOptions

RUNS_SHOWN = 5
AS_IT_IS = ("name", "enabled", "cron", "time_zone", "days_ago", "overlap_days", "catch_up_days", "while_running")
"""Fields of the input that are columns of the same name and value."""
_NODES = (selectinload(QrSchedule.remote_node), selectinload(QrSchedule.store_node))


@dataclass(frozen=True, slots=True)
class ScheduleSummary:
    """A schedule with its nodes, its options as values, and its next runs in its time zone."""

    schedule: QrSchedule
    options: JobOptions
    next_runs: Sequence[datetime]
    """Empty while it is switched off."""
    is_overdue: bool
    """True: its next run is overdue, as the job before still runs, or no worker has begun it yet."""


def list_schedules(session: Session) -> Sequence[ScheduleSummary]:
    """Return the schedules by name."""
    moment = now()
    schedules = session.scalars(select(QrSchedule).options(*_NODES).order_by(QrSchedule.name))
    return [_summary(schedule, moment) for schedule in schedules]


def find_schedule(session: Session, schedule_id: int) -> ScheduleSummary:
    """Return a schedule.

    Raises:
        ProblemError: there is none of this id.
    """
    return _summary(_find(session, schedule_id), now())


def find_schedule_names(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    """Return the names of schedules by their ids."""
    rows = session.execute(select(QrSchedule.id, QrSchedule.name).where(QrSchedule.id.in_(ids)))
    return {row.id: row.name for row in rows}


def add_schedule(session: Session, wanted: QrScheduleInput) -> ScheduleSummary:
    """Create a schedule.

    Raises:
        ProblemError: a node is not there, or the name is taken.
    """
    schedule = QrSchedule(next_run_at=_next_run(wanted))
    _write(session, schedule, wanted)
    session.add(schedule)
    session.flush()
    return _summary(schedule, now())


def change_schedule(session: Session, schedule_id: int, patch: QrSchedulePatch) -> ScheduleSummary:
    """Change the fields of a schedule that are in the patch.

    Raises:
        ProblemError: there is no such schedule, or the result breaks a rule.
    """
    schedule = _find(session, schedule_id, locked=True)
    wanted = patched(
        schedule,
        patch,
        into=QrScheduleInput,
        remote_node=schedule.remote_node_id,
        store_node=schedule.store_node_id,
    )
    # Runs missed while it was off, or by the old rules, are not due; their days are caught up with all the same.
    if (wanted.cron, wanted.time_zone) != (schedule.cron, schedule.time_zone) or not schedule.enabled:
        schedule.next_run_at = _next_run(wanted)
    _write(session, schedule, wanted)
    session.flush()
    return _summary(schedule, now())


def delete_schedule(session: Session, schedule_id: int) -> None:
    """Delete a schedule; the jobs that it has begun stay.

    Raises:
        ProblemError: there is no such schedule.
    """
    session.delete(_find(session, schedule_id, locked=True))


def refuse_if_scheduled(session: Session, condition: ColumnElement[bool]) -> None:
    """Keep a node that schedules refer to.

    Raises:
        ProblemError: schedules meet the condition; it names them.
    """
    names = session.scalars(select(QrSchedule.name).where(condition).order_by(QrSchedule.name)).all()
    if names:
        listed = ", ".join(repr(name) for name in names)
        raise problem.conflict(detail=f"query/retrieve schedules use this node: {listed}; change or delete them first")


def _summary(schedule: QrSchedule, moment: datetime) -> ScheduleSummary:
    zone = ZoneInfo(schedule.time_zone)
    runs = islice(runs_after(schedule.cron, schedule.time_zone, moment), RUNS_SHOWN) if schedule.enabled else ()
    return ScheduleSummary(
        schedule,
        JobOptions.model_validate(schedule.options),
        [run.astimezone(zone) for run in runs],
        is_overdue=schedule.enabled and schedule.next_run_at <= moment,
    )


def _next_run(wanted: QrScheduleInput) -> datetime:
    return next(runs_after(wanted.cron, wanted.time_zone, now()))


def _write(session: Session, schedule: QrSchedule, wanted: QrScheduleInput) -> None:
    """Give a schedule the values of an input.

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


def _find(session: Session, schedule_id: int, *, locked: bool = False) -> QrSchedule:
    """Return a schedule with its nodes, on request locked until the transaction ends."""
    schedule = session.get(QrSchedule, schedule_id, with_for_update=locked or None, options=_NODES)
    if schedule is None:
        raise problem.not_found(f"there is no schedule {schedule_id}", "GET /api/v1/qr-schedules lists those there are")
    return schedule


def _check_name(session: Session, name: str, *, own_id: int | None) -> None:
    lock_nodes(session)  # not the table: the qr service, which writes it too, would wait for us, and we for it
    if any(id_ != own_id for id_ in session.scalars(select(QrSchedule.id).where(QrSchedule.name == name))):
        raise problem.conflict(FieldProblem(field="name", detail="is the name of another schedule; choose another one"))
