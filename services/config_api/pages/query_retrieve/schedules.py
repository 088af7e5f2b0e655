"""The pages of a schedule: creating, changing, switching on and off, deleting."""

from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from zoneinfo import available_timezones

from flask import Blueprint, Response, render_template, request, url_for

from services.config_api.actions.query_retrieve.schedule_input import QrScheduleInput, QrSchedulePatch
from services.config_api.actions.query_retrieve.schedules import (
    ScheduleSummary,
    add_schedule,
    change_schedule,
    delete_schedule,
    find_schedule,
)
from services.config_api.pages.query_retrieve.nodes import find_nodes
from services.config_api.pages.query_retrieve.options_form import InvalidForm, by_field
from services.config_api.pages.query_retrieve.schedule_form import ScheduleForm
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem, ProblemError

pages = Blueprint("qr_schedule", __name__, url_prefix="/qr/schedules")


@pages.get("/new")
def new() -> str:
    """Show the form of a new schedule."""
    return _form(ScheduleForm(), None)


@pages.post("/new")
def create() -> Response:
    """Create the schedule that the form asks for, or show the form with its wrong fields."""
    return _write(None)


@pages.get("/<int:id>")
def show(id: int) -> str:  # noqa: A002 (the name in the path)
    """Show a schedule in its form."""
    schedule = _find(id)
    return _form(ScheduleForm.of_schedule(schedule), schedule)


@pages.post("/<int:id>")
def change(id: int) -> Response:  # noqa: A002 (the name in the path)
    """Change a schedule as the form asks for, or show the form with its wrong fields."""
    return _write(_find(id))


@pages.post("/<int:id>/<any(enable, disable):action>")
def switch(id: int, action: str) -> Response:  # noqa: A002 (the name in the path)
    """Switch a schedule on or off."""
    with context().transaction() as session:
        change_schedule(session, id, QrSchedulePatch(enabled=action == "enable"))
    return _to_list()


@pages.post("/<int:id>/delete")
def delete(id: int) -> Response:  # noqa: A002 (the name in the path)
    """Delete a schedule; its jobs stay."""
    with context().transaction() as session:
        delete_schedule(session, id)
    return _to_list()


def _find(schedule_id: int) -> ScheduleSummary:
    with context().transaction() as session:
        return find_schedule(session, schedule_id)


def _write(schedule: ScheduleSummary | None) -> Response:
    form = ScheduleForm.of(request.form)
    try:
        _carry_out(form.read(), schedule)
    except InvalidForm as error:
        return Response(_form(form, schedule, error.problems), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ProblemError as error:
        problems = error.problem.errors or [FieldProblem(field="", detail=error.problem.detail)]
        return Response(_form(form, schedule, problems), status=error.problem.status)
    return _to_list()


def _carry_out(wanted: QrScheduleInput, schedule: ScheduleSummary | None) -> None:
    with context().transaction() as session:
        if schedule is None:
            add_schedule(session, wanted)
        else:
            change_schedule(session, schedule.schedule.id, QrSchedulePatch.model_validate(dict(wanted)))


def _to_list() -> Response:
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": url_for("qr.index", _anchor="schedules")})


def _form(form: ScheduleForm, schedule: ScheduleSummary | None, problems: Sequence[FieldProblem] = ()) -> str:
    with context().transaction() as session:
        nodes = find_nodes(session)
    return render_template(
        "qr/schedule.html",
        form=form,
        schedule=schedule.schedule if schedule else None,
        next_runs=schedule.next_runs if schedule else (),
        nodes=nodes,
        zones=_zones(),
        errors=by_field(problems),
    )


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
