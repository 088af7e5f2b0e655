"""The web pages: the overview, the page of a stored study, and the pages of query/retrieve."""

from flask import Flask

from services.config_api.pages.common import formatting
from services.config_api.pages.overview import views as overview
from services.config_api.pages.query_retrieve import index, jobs, node_check, schedules, words
from services.config_api.pages.study import views as study
from shared.database.base import now


def register(app: Flask, *, page_title: str) -> None:
    """Add the pages to the application, with the filters and names of their templates."""
    app.add_template_filter(formatting.dose)
    app.add_template_filter(formatting.iso)
    app.add_template_filter(formatting.state_class)
    app.jinja_env.globals.update(page_title=page_title, now=now, words=words)
    for module in (overview, study, index, jobs, schedules, node_check):
        app.register_blueprint(module.pages)
