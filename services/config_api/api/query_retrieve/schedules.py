"""REST resource of schedules: query/retrieve jobs that begin at set times."""

from http import HTTPStatus

from flask import Response, url_for

from services.config_api.actions.query_retrieve.schedule_input import QrScheduleInput, QrSchedulePatch
from services.config_api.actions.query_retrieve.schedules import (
    add_schedule,
    change_schedule,
    delete_schedule,
    find_schedule,
    list_schedules,
)
from services.config_api.api.common.base import IdPath, answer, blueprint, created, no_content, problems
from services.config_api.api.query_retrieve.schedule_models import QrScheduleList, QrScheduleOutput
from services.config_api.web.current import context

api = blueprint("qr_schedules", tag="Query/retrieve", description="Jobs that bring studies (C-FIND, C-MOVE)")


@api.get("", responses={HTTPStatus.OK: QrScheduleList})
def list_qr_schedules() -> Response:
    """List the schedules, with their next runs."""
    with context().transaction() as session:
        items = [QrScheduleOutput.of(summary) for summary in list_schedules(session)]
    return answer(QrScheduleList(items=items))


@api.post("", responses={HTTPStatus.CREATED: QrScheduleOutput} | problems(HTTPStatus.CONFLICT))
def create_qr_schedule(body: QrScheduleInput) -> Response:
    """Create a schedule; its first run is the next one that its cron expression names."""
    with context().transaction() as session:
        output = QrScheduleOutput.of(add_schedule(session, body))
    return created(output, url_for(".get_qr_schedule", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: QrScheduleOutput} | problems(HTTPStatus.NOT_FOUND))
def get_qr_schedule(path: IdPath) -> Response:
    """Show a schedule with the outcome of its last run and its next runs."""
    with context().transaction() as session:
        return answer(QrScheduleOutput.of(find_schedule(session, path.id)))


@api.patch(
    "/<int:id>", responses={HTTPStatus.OK: QrScheduleOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def change_qr_schedule(path: IdPath, body: QrSchedulePatch) -> Response:
    """Change a schedule; jobs that it has begun go on as they are."""
    with context().transaction() as session:
        return answer(QrScheduleOutput.of(change_schedule(session, path.id, body)))


@api.delete("/<int:id>", responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND))
def delete_qr_schedule(path: IdPath) -> Response:
    """Delete a schedule; the jobs that it has begun stay."""
    with context().transaction() as session:
        delete_schedule(session, path.id)
    return no_content()
