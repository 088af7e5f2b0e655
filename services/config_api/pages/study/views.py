"""The route of the page of a stored study."""

from flask import Blueprint, render_template

from services.config_api.actions.dose.study_document import find_study_document
from services.config_api.pages.study import document
from services.config_api.web.current import context

pages = Blueprint("stored_study", __name__)


@pages.get("/studies/<int:id>")
def show(id: int) -> str:  # noqa: A002 (the name in the path)
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
