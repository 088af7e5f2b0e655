"""The pages of a job: the form that begins it, its progress, its studies, and its buttons."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for

from services.config_api.actions.query_retrieve.job_list import find_job
from services.config_api.actions.query_retrieve.job_studies import (
    count_study_states,
    find_study_detail,
    find_study_page,
)
from services.config_api.actions.query_retrieve.jobs import JobAction, begin_job, take_action
from services.config_api.actions.query_retrieve.schedules import find_schedule
from services.config_api.pages.query_retrieve.job_form import JobForm
from services.config_api.pages.query_retrieve.job_rows import job_row
from services.config_api.pages.query_retrieve.nodes import NodeChoices, find_nodes
from services.config_api.pages.query_retrieve.options_form import InvalidForm, by_field
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem, ProblemError
from shared.database.models import QrStudyState

pages = Blueprint("qr_job", __name__, url_prefix="/qr")


@pages.get("/new")
def new() -> str:
    """Show the form, filled in like the job `like` or the schedule `schedule` where the address names one by its id."""
    like, schedule = request.args.get("like", type=UUID), request.args.get("schedule", type=int)
    form = JobForm()
    with context().transaction() as session:
        nodes = find_nodes(session)
        if like is not None:
            job = find_job(session, like)
            form = JobForm.like(job.job, job.options)
        elif schedule is not None:
            found = find_schedule(session, schedule)
            form = JobForm.like_schedule(found.schedule, found.options)
    return _form(form, nodes)


@pages.post("/new")
def begin() -> Response:
    """Begin the job that the form asks for, or show the form with its wrong fields."""
    form = JobForm.of(request.form)
    try:
        job_id = begin_job(context(), form.read())
    except InvalidForm as error:
        return _form_again(form, HTTPStatus.UNPROCESSABLE_ENTITY, error.problems)
    except ProblemError as error:
        problems = error.problem.errors or [FieldProblem(field="", detail=error.problem.detail)]
        return _form_again(form, HTTPStatus(error.problem.status), problems)
    return _to_job(job_id)


@pages.get("/<uuid:id>")
def show(id: UUID) -> str:  # noqa: A002 (the name in the path)
    """Show a job: its progress, and a page of its studies."""
    return _page(id, refusal="")


@pages.get("/<uuid:id>/parts/progress")
def progress(id: UUID) -> str:  # noqa: A002 (the name in the path)
    """Show the progress of a job."""
    with context().transaction() as session:
        return render_template("qr/parts/progress.html", row=job_row(session, id))


@pages.get("/<uuid:id>/parts/studies")
def studies(id: UUID) -> str:  # noqa: A002 (the name in the path)
    """Show a page of the studies of a job."""
    return render_template("qr/parts/studies.html", **_studies(id))


@pages.post("/<uuid:id>/<any(cancel, retrieve, retry):action>")
def act(id: UUID, action: str) -> Response:  # noqa: A002 (the name in the path)
    """Cancel a job, retrieve it after its review, or try again its failed parts."""
    try:
        take_action(context(), JobAction(action), id)
    except ProblemError as error:
        if error.problem.status != HTTPStatus.CONFLICT:
            raise
        return Response(_page(id, refusal=error.problem.detail), status=HTTPStatus.CONFLICT)
    return _to_job(id)


@pages.get("/<uuid:id>/<any(cancel, retrieve, retry):action>")
def acted(id: UUID, action: str) -> Response:  # noqa: A002, ARG001 (the names in the path)
    """Redirect a reload of the page of a refusal to the job."""
    return _to_job(id)


@pages.get("/<uuid:id>/studies/<study_instance_uid>")
def study(id: UUID, study_instance_uid: str) -> str:  # noqa: A002 (the name in the path)
    """Show a study: the decision on each series and instance, and why."""
    return render_template("qr/study.html", **_study(id, study_instance_uid))


@pages.get("/<uuid:id>/parts/studies/<study_instance_uid>")
def study_part(id: UUID, study_instance_uid: str) -> str:  # noqa: A002 (the name in the path)
    """Show the part of that page that refreshes itself."""
    return render_template("qr/parts/study.html", **_study(id, study_instance_uid))


def _to_job(job_id: UUID) -> Response:
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": url_for("qr_job.show", id=job_id)})


def _page(job_id: UUID, *, refusal: str) -> str:
    with context().transaction() as session:
        row = job_row(session, job_id)
    return render_template("qr/job.html", row=row, refusal=refusal, **_studies(job_id))


def _studies(job_id: UUID) -> dict[str, object]:
    state = request.args.get("state", type=QrStudyState)
    after = request.args.get("after", default=0, type=int)
    with context().transaction() as session:
        return {
            "job_id": job_id,
            "states": count_study_states(session, job_id),
            "state": state,
            "after": after,
            "studies": find_study_page(session, job_id, state=state, after=after),
        }


def _study(job_id: UUID, study_instance_uid: str) -> dict[str, object]:
    with context().transaction() as session:
        return {
            "row": job_row(session, job_id),
            "detail": find_study_detail(session, job_id, study_instance_uid),
        }


def _form(form: JobForm, nodes: NodeChoices, problems: Sequence[FieldProblem] = ()) -> str:
    return render_template("qr/new.html", form=form, nodes=nodes, errors=by_field(problems))


def _form_again(form: JobForm, status: HTTPStatus, problems: Sequence[FieldProblem]) -> Response:
    with context().transaction() as session:
        nodes = find_nodes(session)
    return Response(_form(form, nodes, problems), status=status)
