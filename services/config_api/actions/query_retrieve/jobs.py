"""Query/retrieve jobs: begun, cancelled, retrieved after a review, tried again."""

from enum import StrEnum
from uuid import UUID

from services.config_api.actions.common.node_reference import find_node
from services.config_api.actions.query_retrieve.job_input import QrJobInput
from services.config_api.actions.query_retrieve.job_list import find_job
from services.config_api.web import problem
from services.config_api.web.context import Context
from shared.database.models import RemoteNode, StoreNode
from shared.jobs.control import cancel_job, retrieve_job, retry_job
from shared.jobs.create import InvalidJob, NewJob, create_job


class JobAction(StrEnum):
    """An action on an existing job."""

    CANCEL = "cancel"
    RETRIEVE = "retrieve"
    RETRY = "retry"


def begin_job(context: Context, wanted: QrJobInput) -> UUID:
    """Begin a job; return its id.

    Raises:
        ProblemError: a node is not there, or the query is none.
        Unavailable: the database is away.
    """
    with context.transaction() as session:
        remote_node, wrong_remote = find_node(session, RemoteNode, "remote_node", wanted.remote_node)
        store_node, wrong_store = find_node(session, StoreNode, "store_node", wanted.store_node)
    if remote_node is None or store_node is None:
        raise problem.invalid(*wrong_remote, *wrong_store)
    try:
        return create_job(
            sessions=context.sessions,
            amqp_url=context.settings.amqp_url.get_secret_value(),
            job=NewJob(
                remote_node_id=remote_node.id,
                store_node_id=store_node.id,
                date_from=wanted.date_from,
                date_until=wanted.date_until,
                study_instance_uid=wanted.study_instance_uid,
                options=wanted.options,
            ),
        )
    except InvalidJob as error:  # a node was deleted meanwhile, or times without one day
        raise problem.conflict(detail=str(error)) from None


def take_action(context: Context, action: JobAction, job_id: UUID) -> None:
    """Carry out an order to a job.

    Raises:
        ProblemError: there is no such job, or the order does not fit its state.
        Unavailable: the database is away.
    """
    sessions, amqp_url = context.sessions, context.settings.amqp_url.get_secret_value()
    match action:
        case JobAction.CANCEL:
            done, otherwise = cancel_job(sessions=sessions, job_id=job_id), "the job is over already"
        case JobAction.RETRIEVE:
            done = retrieve_job(sessions=sessions, amqp_url=amqp_url, job_id=job_id)
            otherwise = "the job does not wait for a review"
        case JobAction.RETRY:
            done = retry_job(sessions=sessions, amqp_url=amqp_url, job_id=job_id)
            otherwise = "nothing of the job has failed"
    if not done:
        with context.transaction() as session:
            raise problem.conflict(detail=f"{otherwise}: it is {find_job(session, job_id).job.state}")
