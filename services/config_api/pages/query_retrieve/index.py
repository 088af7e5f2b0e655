"""The page of query/retrieve: jobs, schedules and nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from services.config_api.actions.query_retrieve.schedules import ScheduleSummary, list_schedules
from services.config_api.pages.common.part import part
from services.config_api.pages.query_retrieve.job_rows import JobHistory, job_history
from services.config_api.status.node_status import look_at_nodes
from services.config_api.web import problem
from services.config_api.web.current import context
from shared.database.models import QrJobState
from shared.database.models.qr import OPEN_JOB_STATES

SHOWN: dict[str, tuple[str, frozenset[QrJobState]]] = {
    "": ("all", frozenset()),
    "working": ("at work", OPEN_JOB_STATES),
    "review": ("to review", frozenset({QrJobState.REVIEW})),
    "failed": ("failed, in part or whole", frozenset({QrJobState.FAILED, QrJobState.PARTIAL})),
}
"""The filters of the job history: value in the address, label, states."""

pages = Blueprint("qr", __name__, url_prefix="/qr")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter and the cursor in the address of the page."""

    show: str
    schedule: int | None
    cursor: str | None


@pages.get("")
def index() -> str:
    """Show jobs, schedules and nodes; the nodes' C-ECHO follows at once."""
    asked = _asked()
    return render_template(
        "qr/index.html",
        asked=asked,
        jobs=part(lambda: _jobs(asked)),
        schedules=part(_schedules),
        nodes=part(lambda: look_at_nodes(context(), echo=False)),
        filters=SHOWN,
    )


@pages.get("/parts/jobs")
def jobs() -> str:
    """Show a page of the history."""
    asked = _asked()
    return render_template("qr/parts/jobs.html", asked=asked, jobs=part(lambda: _jobs(asked)))


@pages.get("/parts/schedules")
def schedules() -> str:
    """Show the schedules."""
    return render_template("qr/parts/schedules.html", schedules=part(_schedules))


def _asked() -> Asked:
    """Read the address.

    Raises:
        ProblemError: there is no such list.
    """
    show = request.args.get("show", "")
    if show not in SHOWN:
        raise problem.not_found("there is no such list of jobs", f"{url_for('qr.index')} shows all of them")
    return Asked(show, request.args.get("schedule", type=int), request.args.get("cursor"))


def _jobs(asked: Asked) -> JobHistory:
    _, states = SHOWN[asked.show]
    with context().transaction() as session:
        return job_history(session, states=sorted(states), schedule_id=asked.schedule, cursor=asked.cursor)


def _schedules() -> Sequence[ScheduleSummary]:
    with context().transaction() as session:
        return list_schedules(session)
