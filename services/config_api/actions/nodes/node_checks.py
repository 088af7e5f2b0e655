"""C-ECHO and tests of nodes on behalf of a person; the qr service calls the nodes."""

from uuid import UUID

from pydantic import ConfigDict, Field

from services.config_api.actions.common.models import RequestModel, StudyInstanceUid
from services.config_api.actions.common.node_reference import NodeReference, find_node
from services.config_api.actions.nodes.remote_nodes import find_remote_node
from services.config_api.status.echo_status import NO_ANSWER_YET, EchoStatus, echo_of_qr, echo_of_store_scp
from services.config_api.web import problem
from services.config_api.web.context import Context
from shared.database.base import now
from shared.database.models import RemoteNode, StoreNode
from shared.database.models.node_check import NodeCheck
from shared.jobs.checks import InvalidCheck, create_check, is_waiting_long, read_check
from shared.jobs.echoes import echo_now, read_echoes

ECHO_PATIENCE = 10.0
"""Seconds to wait for the outcome of a C-ECHO, if the node does not answer."""
WAITS = "no qr worker has taken it yet; is the qr service running? It may be busy with other tests"


def send_echo(context: Context, node: RemoteNode | StoreNode) -> EchoStatus:
    """Have a C-ECHO sent to a node now, and wait some seconds for its outcome; `alive` is None where none came.

    A managed store node gets one from store_scp every few seconds: the last one counts.

    Raises:
        Unavailable: the database is away.
    """
    if isinstance(node, StoreNode) and node.managed:
        return echo_of_store_scp(node, now=now())
    amqp_url = context.settings.amqp_url.get_secret_value()
    with context.waiting(ECHO_PATIENCE) as patience:
        outcome = echo_now(sessions=context.sessions, amqp_url=amqp_url, node=node, patience=patience)
    return NO_ANSWER_YET if outcome is None else echo_of_qr(outcome)


def last_echo(context: Context, node: RemoteNode | StoreNode) -> EchoStatus:
    """Return the last C-ECHO of a node, however long ago; `alive` is None where there is none.

    Raises:
        Unavailable: the database is away.
    """
    if isinstance(node, StoreNode) and node.managed:
        return echo_of_store_scp(node, now=now())
    with context.transaction() as session:
        outcome = read_echoes(session, [node])[0]
    return NEVER_ASKED if outcome is None else echo_of_qr(outcome)


NEVER_ASKED = EchoStatus(alive=None, detail="no C-ECHO to the node is known")


class NodeTestInput(RequestModel):
    """The store node and the study with which a test is made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"store_node": "CT hall"}]})

    store_node: NodeReference | None = Field(
        default=None, description="Where it shall send one object; without it nothing is sent"
    )
    study_instance_uid: StudyInstanceUid | None = Field(
        default=None, description="The study of that object; without it one of the last days is taken"
    )


def begin_test(context: Context, *, remote_node_id: int, wanted: NodeTestInput) -> NodeCheck:
    """Have the qr service test a remote node; return the test as it begins.

    Raises:
        ProblemError: a node is not there, or the store node cannot receive.
        Unavailable: the database is away.
    """
    wrong: list[problem.FieldProblem] = []
    destination = None
    with context.transaction() as session:
        find_remote_node(session, remote_node_id)
        if wanted.store_node is not None:
            destination, wrong = find_node(session, StoreNode, "store_node", wanted.store_node)
    if wrong:
        raise problem.invalid(*wrong)
    if destination is not None and destination.managed and not destination.enabled:
        detail = "is switched off, so nothing could arrive; switch it on, or take another one"
        raise problem.invalid(problem.FieldProblem(field="store_node", detail=detail))
    try:
        test_id = create_check(
            sessions=context.sessions,
            amqp_url=context.settings.amqp_url.get_secret_value(),
            remote_node_id=remote_node_id,
            store_node_id=None if destination is None else destination.id,
            study_instance_uid=wanted.study_instance_uid,
        )
    except InvalidCheck as error:  # a node was deleted meanwhile
        raise problem.conflict(detail=str(error)) from None
    return find_test(context, test_id)


def find_test(context: Context, test_id: UUID) -> NodeCheck:
    """Return a test with its nodes.

    Raises:
        ProblemError: there is none of this id.
        Unavailable: the database is away.
    """
    test = read_check(sessions=context.sessions, check_id=test_id)
    if test is None:
        raise problem.not_found(f"there is no node test {test_id}", "tests are kept for seven days; begin another one")
    return test


def why(test: NodeCheck) -> str:
    """Return the reason why a test waits or could not be made, in words; empty if there is none."""
    return test.detail or (WAITS if is_waiting_long(test) else "")
