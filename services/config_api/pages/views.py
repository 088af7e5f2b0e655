"""The routes of the overview, its parts, and the page of a study."""

from collections.abc import Sequence

from flask import Blueprint, Flask, render_template

from services.config_api.actions.dose.study_document import find_study_document
from services.config_api.pages import document, formatting
from services.config_api.pages.parts import PagePart, object_rows, part, rejected_rows, study_rows
from services.config_api.pages.query_retrieve import index, jobs, schedules, words
from services.config_api.pages.query_retrieve import node_check as node_test
from services.config_api.status.node_status import look_at_nodes
from services.config_api.web.current import context
from services.config_api.web.queue_depths import QueueDepth
from shared.database.base import now

ECHO_PATIENCE = 1.0
"""Seconds to wait for C-ECHO: the page comes back for those that take longer."""

pages = Blueprint("pages", __name__)


def register(app: Flask, *, page_title: str) -> None:
    """Add the page to the application."""
    app.add_template_filter(formatting.dose)
    app.add_template_filter(formatting.iso)
    app.add_template_filter(formatting.state_class)
    app.jinja_env.globals.update(page_title=page_title, now=now, words=words)
    app.register_blueprint(pages)
    for blueprint in (index.pages, jobs.pages, schedules.pages, node_test.pages):
        app.register_blueprint(blueprint)


@pages.get("/")
def overview() -> str:
    """Show all parts; the C-ECHO of nodes follows at once in the part `nodes`, so that nobody waits for a dead node."""
    return render_template(
        "overview.html",
        nodes=part(lambda: look_at_nodes(context(), echo=False)),
        queues=_queues(),
        rejected=part(lambda: rejected_rows(context())),
        studies=part(lambda: study_rows(context())),
        objects=part(lambda: object_rows(context())),
    )


@pages.get("/parts/nodes")
def nodes() -> str:
    """Show the nodes, and have those asked by C-ECHO whose last one is not fresh any more."""
    seen = part(lambda: look_at_nodes(context(), echo=True, patience=ECHO_PATIENCE))
    return render_template("parts/nodes.html", nodes=seen)


@pages.get("/parts/queues")
def queues() -> str:
    """Show the depths of the queues."""
    return render_template("parts/queues.html", queues=_queues())


@pages.get("/parts/rejected")
def rejected() -> str:
    """Show the callers that store nodes have rejected."""
    return render_template("parts/rejected.html", rejected=part(lambda: rejected_rows(context())))


@pages.get("/parts/studies")
def studies() -> str:
    """Show the studies that were stored last."""
    return render_template("parts/studies.html", studies=part(lambda: study_rows(context())))


@pages.get("/parts/objects")
def objects() -> str:
    """Show the objects that were received last."""
    return render_template("parts/objects.html", objects=part(lambda: object_rows(context())))


@pages.get("/studies/<int:id>")
def study(id: int) -> str:  # noqa: A002 (the name in the path)
    """Show the document of a study."""
    with context().transaction() as session:
        stored = find_study_document(session, id)
    return render_template(
        "study.html",
        id=id,
        study=stored["study"],
        totals=document.totals(stored),
        sections=document.sections(stored),
        warnings=stored["outcome"].get("warnings"),
        flags=stored["outcome"].get("flags"),
        not_patient=stored["outcome"].get("not_patient"),
    )


def _queues() -> PagePart[Sequence[QueueDepth]]:
    return part(context().queues.measure)
