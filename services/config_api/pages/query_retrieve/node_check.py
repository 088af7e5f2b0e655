"""The page that tests a remote node: the five steps of a job, each explained."""

from http import HTTPStatus

from flask import Blueprint, Response, render_template, request
from pydantic import ValidationError

from services.config_api.actions.nodes.remote_nodes import find_remote_node
from services.config_api.api.nodes.node_checks import RemoteNodeTestInput, RemoteNodeTestOutput, take_test
from services.config_api.node_test.outcome import Step
from services.config_api.pages.query_retrieve.nodes import find_nodes
from services.config_api.pages.query_retrieve.options_form import by_field, read_node, text
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem, ProblemError, field_problems

STEPS = {
    Step.TCP: "Connection",
    Step.ASSOCIATION: "Association",
    Step.ECHO: "C-ECHO",
    Step.FIND: "C-FIND",
    Step.MOVE: "C-MOVE to our store node",
    Step.HTTP: "HTTP",
    Step.QIDO: "QIDO-RS",
    Step.WADO: "WADO-RS",
}
"""The steps in words for people."""

pages = Blueprint("qr_node", __name__, url_prefix="/qr/nodes")


@pages.get("/<int:id>/test")
def show(id: int) -> str:  # noqa: A002 (the name in the path)
    """Show what can be tested."""
    return _page(id)


@pages.post("/<int:id>/test")
def take(id: int) -> Response:  # noqa: A002 (the name in the path)
    """Take the test, which can take a minute, and show how it went."""
    problems: list[FieldProblem] = []
    typed = text(request.form, "store_node")
    store_node = read_node(typed, "store_node", problems) if typed else None
    uid = text(request.form, "study_instance_uid") or None
    try:
        wanted = RemoteNodeTestInput(store_node=store_node, study_instance_uid=uid)
        outcome = take_test(id, wanted)
    except ValidationError as error:
        return Response(_page(id, problems=field_problems(error)), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ProblemError as error:
        if not error.problem.errors:
            raise
        return Response(_page(id, problems=error.problem.errors), status=error.problem.status)
    return Response(_page(id, outcome=outcome))


def _page(
    node_id: int, *, problems: list[FieldProblem] | None = None, outcome: RemoteNodeTestOutput | None = None
) -> str:
    with context().transaction() as session:
        node = find_remote_node(session, node_id)
        store_nodes = find_nodes(session).store
    return render_template(
        "qr/node_test.html",
        node=node,
        store_nodes=store_nodes,
        typed=request.form,
        errors=by_field(problems or ()),
        outcome=outcome,
        steps=STEPS,
    )
