"""REST resource of tests of remote nodes: one is created, the qr service carries it out, its steps are read."""

from http import HTTPStatus
from typing import Self
from uuid import UUID

from flask import Response, url_for
from pydantic import Field

from services.config_api.actions.common.models import QueryModel
from services.config_api.actions.nodes.node_checks import NodeTestInput, begin_test, find_test, why
from services.config_api.api.common.base import IdPath, Moment, ResponseModel, accepted, answer, blueprint, problems
from services.config_api.api.nodes.remote_nodes import api as remote_nodes
from services.config_api.api.query_retrieve.job_models import NodeOutput
from services.config_api.web.current import context
from shared.database.models.node_check import CheckState, CheckStep, CheckVerdict, NodeCheck
from shared.jobs.checks import steps_of

api = blueprint("node_tests", tag="Remote nodes", description="PACS and modalities to query (C-FIND, C-MOVE, C-ECHO)")


class StepOutput(ResponseModel):
    """A finished step."""

    step: CheckStep
    verdict: CheckVerdict
    detail: str = Field(description="What happened, and what to do, in words")
    duration_ms: int


class NodeTestOutput(ResponseModel):
    """A test of a remote node, with the steps so far."""

    id: UUID
    remote_node: NodeOutput
    store_node: NodeOutput | None = Field(description="Where the remote node shall send one object")
    study_instance_uid: str | None
    state: CheckState = Field(description="`failed` where the test itself could not be made; `detail` says why")
    detail: str = Field(description="What holds it up, in words; else empty")
    passed: bool | None = Field(
        description="No step has failed, and the object that was asked for has come, if any was; null until it is done"
    )
    steps: list[StepOutput] = Field(description="Those that are over, in their order")
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None

    @classmethod
    def of(cls, test: NodeCheck) -> Self:
        """Return the response for a test."""
        said_in_other_words = {"detail": why(test), "steps": list(map(StepOutput.model_validate, steps_of(test)))}
        names = cls.model_fields.keys() - said_in_other_words.keys()
        return cls.model_validate({name: getattr(test, name) for name in names} | said_in_other_words)


class NodeTestPath(QueryModel):
    """The id of a test in a path."""

    id: UUID


@remote_nodes.post(
    "/<int:id>/tests",
    responses={HTTPStatus.ACCEPTED: NodeTestOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def create_node_test(path: IdPath, body: NodeTestInput) -> Response:
    """Begin a test of a remote node: what a job does with it, step by step; it can take a minute.

    `Location` names the test, which says of each step how it went. At most four tests of a node run at the same time.
    """
    test = begin_test(context(), remote_node_id=path.id, wanted=body)
    return accepted(NodeTestOutput.of(test), url_for("node_tests.get_node_test", id=test.id))


@api.get("/<uuid:id>", responses={HTTPStatus.OK: NodeTestOutput} | problems(HTTPStatus.NOT_FOUND))
def get_node_test(path: NodeTestPath) -> Response:
    """Show a test of a remote node with the steps that are over."""
    return answer(NodeTestOutput.of(find_test(context(), path.id)))
