"""REST resource of query/retrieve jobs."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, url_for

from services.config_api.actions.query_retrieve.job_input import QrJobInput
from services.config_api.actions.query_retrieve.job_list import QrJobFilter, find_job, find_job_page
from services.config_api.actions.query_retrieve.job_studies import find_studies, find_whole_study
from services.config_api.actions.query_retrieve.jobs import JobAction, begin_job, take_action
from services.config_api.api.common.base import answer, blueprint, created, problems
from services.config_api.api.query_retrieve.job_models import (
    JobPath,
    QrJobDetail,
    QrJobOutput,
    QrJobPage,
    QrStudyDetail,
    QrStudyOutput,
    StudyOfJobPath,
)
from services.config_api.web.current import context

STUDIES_SHOWN = 1000

api = blueprint("qr_jobs", tag="Query/retrieve", description="Jobs that bring studies (C-FIND, C-MOVE)")


@api.get("", responses={HTTPStatus.OK: QrJobPage})
def list_qr_jobs(query: QrJobFilter) -> Response:
    """List jobs, newest first."""
    with context().transaction() as session:
        page = find_job_page(session, query)
    items = [QrJobOutput.of(summary) for summary in page.items]
    return answer(QrJobPage(items=items, next_cursor=page.next_cursor))


@api.post("", responses={HTTPStatus.CREATED: QrJobDetail})
def create_qr_job(body: QrJobInput) -> Response:
    """Begin a job for one study, or for the studies of a range of days."""
    job_id = begin_job(context(), body)
    return created(_detail(job_id), url_for(".get_qr_job", id=job_id))


@api.get("/<uuid:id>", responses={HTTPStatus.OK: QrJobDetail} | problems(HTTPStatus.NOT_FOUND))
def get_qr_job(path: JobPath) -> Response:
    """Show a job with its progress and its studies."""
    return answer(_detail(path.id))


@api.get(
    "/<uuid:id>/studies/<study_instance_uid>", responses={HTTPStatus.OK: QrStudyDetail} | problems(HTTPStatus.NOT_FOUND)
)
def get_study_of_qr_job(path: StudyOfJobPath) -> Response:
    """Show a study of a job, and the decision on each of its series and instances."""
    with context().transaction() as session:
        study = find_whole_study(session, path.id, path.study_instance_uid)
        return answer(QrStudyDetail.model_validate(study))


@api.post(
    "/<uuid:id>/cancel", responses={HTTPStatus.OK: QrJobDetail} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def cancel_qr_job(path: JobPath) -> Response:
    """Cancel a job; objects that have been retrieved stay."""
    take_action(context(), JobAction.CANCEL, path.id)
    return answer(_detail(path.id))


@api.post(
    "/<uuid:id>/retrieve", responses={HTTPStatus.OK: QrJobDetail} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def retrieve_qr_job(path: JobPath) -> Response:
    """Retrieve the studies that a job has chosen, after its review."""
    take_action(context(), JobAction.RETRIEVE, path.id)
    return answer(_detail(path.id))


@api.post(
    "/<uuid:id>/retry", responses={HTTPStatus.OK: QrJobDetail} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def retry_qr_job(path: JobPath) -> Response:
    """Try again the failed parts of a job that is over; objects that have come stay."""
    take_action(context(), JobAction.RETRY, path.id)
    return answer(_detail(path.id))


def _detail(job_id: UUID) -> QrJobDetail:
    with context().transaction() as session:
        summary = find_job(session, job_id)
        studies = [QrStudyOutput.model_validate(study) for study in find_studies(session, job_id, most=STUDIES_SHOWN)]
    return QrJobDetail.of(summary, studies=studies)
