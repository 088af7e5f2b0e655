"""Testing a remote node in the five steps of a job: connection, association, C-ECHO, C-FIND, C-MOVE to a store node."""

from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from flask import Response
from pydantic import ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import RequestModel, StudyInstanceUid
from services.config_api.actions.nodes.node_reference import NodeReference, find_node
from services.config_api.actions.nodes.remote_nodes import find_remote_node
from services.config_api.api.common.base import IdPath, ResponseModel, answer, problems
from services.config_api.api.nodes.remote_nodes import api
from services.config_api.node_test.outcome import Outcome, Plan, Step, Verdict
from services.config_api.node_test.run import Arrived, run_test
from services.config_api.node_test.web import WebPlan, run_web_test
from services.config_api.targets import target_of_remote_node
from services.config_api.web import problem
from services.config_api.web.context import Context
from services.config_api.web.current import context
from shared.database.base import now
from shared.database.models import ReceivedObject, RemoteNode, StoreNode
from shared.dicom.destination import Destination
from shared.dicomweb.settings import DicomwebCredentials
from shared.jobs.node_settings import NodeSettings, RetrieveBy

ANSWER_SECONDS = 20.0
ARRIVAL_SECONDS = 10.0
A_DAY = timedelta(days=1)
"""East of Greenwich it may be tomorrow already."""
CLOCKS_DIFFER = timedelta(minutes=2)
"""At most, between this service and store_scp: an object that was received so long before the test counts."""


class RemoteNodeTestInput(RequestModel):
    """What to try with."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"store_node": "CT hall"}]})

    store_node: NodeReference | None = Field(
        default=None, description="Where it shall send one object; without it nothing is sent"
    )
    study_instance_uid: StudyInstanceUid | None = Field(
        default=None, description="The study of that object; without it one of the last days is taken"
    )


class StepOutput(ResponseModel):
    """How a step went."""

    step: Step
    verdict: Verdict
    detail: str = Field(description="What happened, and what to do, in words")
    duration_ms: int


class RemoteNodeTestOutput(ResponseModel):
    """How a test went."""

    passed: bool = Field(description="No step has failed, and the object that was asked for has come, if any was")
    steps: list[StepOutput]


@api.post("/<int:id>/test", responses={HTTPStatus.OK: RemoteNodeTestOutput} | problems(HTTPStatus.NOT_FOUND))
def test_remote_node(path: IdPath, body: RemoteNodeTestInput) -> Response:
    """Try what a job does with a remote node, step by step, and explain what fails; this can take a minute."""
    return answer(take_test(path.id, body))


def take_test(node_id: int, body: RemoteNodeTestInput) -> RemoteNodeTestOutput:
    """Take the steps, which can take a minute; return how they went.

    Raises:
        ProblemError: a node is not there, or the store node cannot receive.
        Unavailable: the database is away.
    """
    begun = now()
    with context().transaction() as session:
        node = find_remote_node(session, node_id)
        store_node = _store_node(session, body)
    web_plan = _web_plan(node, body, context())
    if web_plan is not None:
        outcomes = run_web_test(web_plan, today=now().date() + A_DAY)
        return RemoteNodeTestOutput(passed=_passed(outcomes), steps=list(map(StepOutput.model_validate, outcomes)))
    plan = _plan(node, store_node, body, context())
    arrived = (
        _arrivals(context(), since=begun - CLOCKS_DIFFER) if store_node is not None and store_node.managed else None
    )
    outcomes = run_test(plan, today=now().date() + A_DAY, arrived=arrived)
    return RemoteNodeTestOutput(passed=_passed(outcomes), steps=list(map(StepOutput.model_validate, outcomes)))


def _store_node(session: Session, body: RemoteNodeTestInput) -> StoreNode | None:
    if body.store_node is None:
        return None
    store_node, wrong = find_node(session, StoreNode, "store_node", body.store_node)
    if store_node is None:
        raise problem.invalid(*wrong)
    if store_node.managed and not store_node.enabled:
        detail = "is switched off, so nothing could arrive; switch it on, or take another one"
        raise problem.invalid(problem.FieldProblem(field="store_node", detail=detail))
    return store_node


def _plan(node: RemoteNode, store_node: StoreNode | None, body: RemoteNodeTestInput, context: Context) -> Plan:
    echo_timeout = context.settings.echo_timeout
    settings = NodeSettings.model_validate(node.qr_settings)
    return Plan(
        target=target_of_remote_node(node),
        max_pdu_bytes=settings.max_pdu_bytes,
        destination=None
        if store_node is None
        else Destination(store_node.name, store_node.ae_title, store_node.host, store_node.port),
        study_instance_uid=body.study_instance_uid,
        connect=min(settings.connect_seconds or echo_timeout, ANSWER_SECONDS),
        acse=min(settings.acse_seconds or echo_timeout, ANSWER_SECONDS),
        answers=ANSWER_SECONDS,
        arrival=ARRIVAL_SECONDS,
        by_get=settings.retrieve_by is RetrieveBy.GET,
        tls=context.tls,
    )


def _web_plan(node: RemoteNode, body: RemoteNodeTestInput, context: Context) -> WebPlan | None:
    """Return what to test of a node's web services; None: jobs reach it by DIMSE."""
    settings = NodeSettings.model_validate(node.qr_settings)
    if settings.dicomweb is None:
        return None
    server, stored = settings.web_server_identity, node.dicomweb_credentials
    return WebPlan(
        services=settings.dicomweb,
        authorization=None if stored is None else DicomwebCredentials.model_validate(stored).authorization,
        handshake=None if server is None else partial(context.tls.with_alpn(None).handshake, server),
        study_instance_uid=body.study_instance_uid,
        connect=min(settings.connect_seconds or context.settings.echo_timeout, ANSWER_SECONDS),
        answers=ANSWER_SECONDS,
    )


def _arrivals(context: Context, *, since: datetime) -> Arrived:
    def arrived(sop_instance_uid: str) -> str | None:
        statement = (
            select(ReceivedObject.state)
            .where(ReceivedObject.sop_instance_uid == sop_instance_uid, ReceivedObject.received_at >= since)
            .order_by(ReceivedObject.received_at.desc())
            .limit(1)
        )
        with context.transaction() as session:
            return session.scalar(statement)

    return arrived


def _passed(outcomes: list[Outcome]) -> bool:
    return not any(outcome.verdict in (Verdict.FAILED, Verdict.UNCLEAR) for outcome in outcomes)
