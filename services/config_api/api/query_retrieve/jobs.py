"""Query/retrieve jobs: begin, watch, cancel."""

from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

from flask import Response, url_for
from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session, selectinload

from services.config_api.actions.nodes.node_reference import find_node
from services.config_api.api.common.base import answer, blueprint, created, problems
from services.config_api.api.query_retrieve.job_models import (
    JobPath,
    Progress,
    QrJobDetail,
    QrJobInput,
    QrJobOutput,
    QrJobPage,
    QrJobQuery,
    QrStudyDetail,
    QrStudyOutput,
    StudyOfJobPath,
)
from services.config_api.web import paging as keyset
from services.config_api.web import problem
from services.config_api.web.current import context
from shared.database.models import QrJob, QrSeries, QrStudy, QrStudyState, RemoteNode, StoreNode
from shared.database.models.qr import OPEN_STUDY_STATES
from shared.jobs.jobs import InvalidJob, cancel_job, create_job, retrieve_job, retry_job

STUDIES_SHOWN = 1000


class Action(StrEnum):
    """What a person can do with a job that there is."""

    CANCEL = "cancel"
    RETRIEVE = "retrieve"
    RETRY = "retry"


api = blueprint("qr_jobs", tag="Query/retrieve", description="Jobs that bring studies (C-FIND, C-MOVE)")


@api.get("", responses={HTTPStatus.OK: QrJobPage})
def list_qr_jobs(query: QrJobQuery) -> Response:
    """List jobs, newest first."""
    with context().transaction() as session:
        return answer(find_job_page(session, query))


@api.post("", responses={HTTPStatus.CREATED: QrJobDetail})
def create_qr_job(body: QrJobInput) -> Response:
    """Begin a job for one study, or for the studies of a range of days."""
    job_id = begin_job(body)
    return created(_detail(job_id), url_for(".get_qr_job", id=job_id))


@api.get("/<uuid:id>", responses={HTTPStatus.OK: QrJobDetail} | problems(HTTPStatus.NOT_FOUND))
def get_qr_job(path: JobPath) -> Response:
    """Show a job with its progress and its studies."""
    return answer(_detail(path.id))


@api.get(
    "/<uuid:id>/studies/<study_instance_uid>", responses={HTTPStatus.OK: QrStudyDetail} | problems(HTTPStatus.NOT_FOUND)
)
def get_study_of_qr_job(path: StudyOfJobPath) -> Response:
    """Show what was seen of a study, and what was decided of each series and instance."""
    with context().transaction() as session:
        study = session.scalar(
            select(QrStudy)
            .where(QrStudy.job_id == path.id, QrStudy.study_instance_uid == path.study_instance_uid)
            .options(selectinload(QrStudy.series).selectinload(QrSeries.instances))
        )
        if study is None:
            raise problem.not_found(
                f"job {path.id} has not found this study", f"GET /api/v1/qr-jobs/{path.id} lists them"
            )
        return answer(QrStudyDetail.model_validate(study))


@api.post(
    "/<uuid:id>/cancel", responses={HTTPStatus.OK: QrJobDetail} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def cancel_qr_job(path: JobPath) -> Response:
    """Cancel a job; what has been retrieved stays."""
    take_action(Action.CANCEL, path.id)
    return answer(_detail(path.id))


@api.post(
    "/<uuid:id>/retrieve", responses={HTTPStatus.OK: QrJobDetail} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def retrieve_qr_job(path: JobPath) -> Response:
    """Retrieve what a job has chosen, after its review."""
    take_action(Action.RETRIEVE, path.id)
    return answer(_detail(path.id))


@api.post(
    "/<uuid:id>/retry", responses={HTTPStatus.OK: QrJobDetail} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def retry_qr_job(path: JobPath) -> Response:
    """Try again what failed of a job that is over; what has come stays."""
    take_action(Action.RETRY, path.id)
    return answer(_detail(path.id))


def find_job_page(session: Session, query: QrJobQuery) -> QrJobPage:
    """Return a page of jobs, newest first."""
    statement = select(QrJob).order_by(QrJob.created_at.desc(), QrJob.id.desc()).limit(query.limit + 1)
    if query.state:
        statement = statement.where(QrJob.state.in_(query.state))
    if query.schedule_id is not None:
        statement = statement.where(QrJob.schedule_id == query.schedule_id)
    if query.cursor is not None:
        statement = statement.where(tuple_(QrJob.created_at, QrJob.id) < keyset.decode(query.cursor, UUID))
    rows = session.scalars(statement).all()
    shown = rows[: query.limit]
    progress = find_progress(session, [job.id for job in shown])
    items = [QrJobOutput.of(job, progress[job.id]) for job in shown]
    more = keyset.encode(shown[-1].created_at, shown[-1].id) if len(rows) > query.limit else None
    return QrJobPage(items=items, next_cursor=more)


def begin_job(body: QrJobInput) -> UUID:
    """Begin a job; return its id.

    Raises:
        ProblemError: a node is not there, or the query is none.
        Unavailable: the database is away.
    """
    with context().transaction() as session:
        remote_node, wrong_remote = find_node(session, RemoteNode, "remote_node", body.remote_node)
        store_node, wrong_store = find_node(session, StoreNode, "store_node", body.store_node)
    if remote_node is None or store_node is None:
        raise problem.invalid(*wrong_remote, *wrong_store)
    try:
        return create_job(
            sessions=context().sessions,
            amqp_url=context().settings.amqp_url.get_secret_value(),
            remote_node_id=remote_node.id,
            store_node_id=store_node.id,
            date_from=body.date_from,
            date_until=body.date_until,
            study_instance_uid=body.study_instance_uid,
            options=body.options,
        )
    except InvalidJob as error:  # a node was deleted meanwhile, or times without one day
        raise problem.conflict(detail=str(error)) from None


def take_action(action: Action, job_id: UUID) -> None:
    """Do with a job what a person asks for.

    Raises:
        ProblemError: there is no such job, or it is in a state in which that makes no sense.
        Unavailable: the database is away.
    """
    sessions, amqp_url = context().sessions, context().settings.amqp_url.get_secret_value()
    match action:
        case Action.CANCEL:
            done, otherwise = cancel_job(sessions=sessions, job_id=job_id), "the job is over already"
        case Action.RETRIEVE:
            done = retrieve_job(sessions=sessions, amqp_url=amqp_url, job_id=job_id)
            otherwise = "the job does not wait for a review"
        case Action.RETRY:
            done = retry_job(sessions=sessions, amqp_url=amqp_url, job_id=job_id)
            otherwise = "nothing of the job has failed"
    if not done:
        with context().transaction() as session:
            raise problem.conflict(detail=f"{otherwise}: it is {find_job(session, job_id).state}")


def find_job(session: Session, job_id: UUID) -> QrJob:
    """Return a job.

    Raises:
        ProblemError: there is none of this id.
    """
    job = session.get(QrJob, job_id)
    if job is None:
        raise problem.not_found(f"there is no query/retrieve job {job_id}", "GET /api/v1/qr-jobs lists them")
    return job


def _detail(job_id: UUID) -> QrJobDetail:
    with context().transaction() as session:
        job = find_job(session, job_id)
        studies = session.scalars(
            select(QrStudy).where(QrStudy.job_id == job_id).order_by(QrStudy.id).limit(STUDIES_SHOWN)
        )
        shown = [QrStudyOutput.model_validate(study) for study in studies]
        return QrJobDetail.of(job, find_progress(session, [job_id])[job_id], studies=shown)


def find_progress(session: Session, job_ids: Sequence[UUID]) -> dict[UUID, Progress]:
    """Return how far each job is, with one query for all of them."""

    def count(state: QrStudyState) -> ColumnElement[int]:
        return func.count().filter(QrStudy.state == state)

    rows = session.execute(
        select(
            QrStudy.job_id,
            func.count().label("studies"),
            func.count().filter(QrStudy.state.in_(OPEN_STUDY_STATES)).label("open"),
            count(QrStudyState.RETRIEVED).label("retrieved"),
            count(QrStudyState.FAILED).label("failed"),
            count(QrStudyState.CANCELLED).label("cancelled"),
            count(QrStudyState.SKIPPED).label("skipped"),
            func.coalesce(func.sum(QrStudy.completed), 0).label("objects_completed"),
            func.coalesce(func.sum(QrStudy.failed), 0).label("objects_failed"),
        )
        .where(QrStudy.job_id.in_(job_ids))
        .group_by(QrStudy.job_id)
    ).mappings()
    nothing = Progress(**dict.fromkeys(Progress.model_fields, 0))
    return dict.fromkeys(job_ids, nothing) | {row["job_id"]: Progress.model_validate(dict(row)) for row in rows}
