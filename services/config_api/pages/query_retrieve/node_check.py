"""The pages that test a remote node: the form that begins a test, and its steps while it runs."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from pydantic import ValidationError

from services.config_api.actions.nodes.node_checks import NodeTestInput, begin_test, find_test, why
from services.config_api.actions.nodes.remote_nodes import find_remote_node
from services.config_api.pages.query_retrieve.nodes import find_nodes
from services.config_api.pages.query_retrieve.options_form import by_field, read_node, text
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem, ProblemError, field_problems, invalid
from shared.database.models import RemoteNode
from shared.database.models.node_check import OPEN_CHECK_STATES, CheckState, CheckStep, NodeCheck
from shared.jobs.checks import steps_of

STEPS = {
    CheckStep.TCP: "Connection",
    CheckStep.ASSOCIATION: "Association",
    CheckStep.ECHO: "C-ECHO",
    CheckStep.FIND: "C-FIND",
    CheckStep.MOVE: "C-MOVE to our store node",
    CheckStep.HTTP: "HTTP",
    CheckStep.QIDO: "QIDO-RS",
    CheckStep.WADO: "WADO-RS",
}
"""The labels of the steps."""

pages = Blueprint("qr_node", __name__, url_prefix="/qr/nodes")


@pages.get("/<int:id>/test")
def show(id: int) -> str:  # noqa: A002 (the name in the path)
    """Show the form that begins a test."""
    return _form(id)


@pages.post("/<int:id>/test")
def begin(id: int) -> Response:  # noqa: A002 (the name in the path)
    """Begin a test, and lead to its page."""
    problems: list[FieldProblem] = []
    typed = text(request.form, "store_node")
    store_node = read_node(typed, "store_node", problems) if typed else None
    uid = text(request.form, "study_instance_uid") or None
    try:
        if problems:
            raise invalid(*problems)
        wanted = NodeTestInput(store_node=store_node, study_instance_uid=uid)
        test = begin_test(context(), remote_node_id=id, wanted=wanted)
    except ValidationError as error:
        return Response(_form(id, problems=field_problems(error)), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ProblemError as error:
        if not error.problem.errors:
            raise
        return Response(_form(id, problems=error.problem.errors), status=error.problem.status)
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": url_for("qr_node.follow", id=test.id)})


@pages.get("/tests/<uuid:id>")
def follow(id: UUID) -> str:  # noqa: A002 (the name in the path)
    """Show how far a test is, and the form of another one like it."""
    test = find_test(context(), id)
    typed = {"store_node": str(test.store_node_id or ""), "study_instance_uid": test.study_instance_uid or ""}
    return _page(test.remote_node, typed=typed, test=test)


@pages.get("/tests/<uuid:id>/parts/steps")
def steps(id: UUID) -> str:  # noqa: A002 (the name in the path)
    """Show the steps of a test that are over."""
    return render_template("qr/parts/node_test.html", **_shown(find_test(context(), id)))


def _form(node_id: int, *, problems: Sequence[FieldProblem] = ()) -> str:
    with context().transaction() as session:
        node = find_remote_node(session, node_id)
    return _page(node, typed=request.form, problems=problems)


def _page(
    node: RemoteNode,
    *,
    typed: Mapping[str, str],
    problems: Sequence[FieldProblem] = (),
    test: NodeCheck | None = None,
) -> str:
    with context().transaction() as session:
        store_nodes = find_nodes(session).store
    return render_template(
        "qr/node_test.html",
        node=node,
        store_nodes=store_nodes,
        typed=typed,
        errors=by_field(problems),
        **({"test": None} if test is None else _shown(test)),
    )


def _shown(test: NodeCheck) -> dict[str, object]:
    return {
        "test": test,
        "heading": _heading(test),
        "is_open": test.state in OPEN_CHECK_STATES,
        "why": why(test),
        "steps": steps_of(test),
        "step_names": STEPS,
    }


def _heading(test: NodeCheck) -> str:
    match test.state:
        case CheckState.QUEUED:
            return "Waiting for a worker"
        case CheckState.RUNNING:
            return "Under way"
        case CheckState.DONE:
            return "Passed" if test.passed else "Not passed"
        case CheckState.FAILED:
            return "The test could not be made"
