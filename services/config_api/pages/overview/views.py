"""The routes of the overview and its parts."""

from collections.abc import Sequence

from flask import Blueprint, render_template

from services.config_api.pages.common.part import PagePart, part
from services.config_api.pages.overview.rows import object_rows, rejected_rows, study_rows
from services.config_api.status.node_status import look_at_nodes
from services.config_api.web.current import context
from services.config_api.web.queue_depths import QueueDepth

ECHO_PATIENCE = 1.0
"""Seconds to wait for C-ECHO; the page asks again later for slower nodes."""

pages = Blueprint("pages", __name__)


@pages.get("/")
def overview() -> str:
    """Show all parts. The outcomes of C-ECHO follow in the part `nodes`, so that the page does not wait for them."""
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


def _queues() -> PagePart[Sequence[QueueDepth]]:
    return part(context().queues.measure)
