"""The Flask application: guard, problems, REST interface, pages."""

from flask import Flask, Response, jsonify
from flask_openapi3.openapi import OpenAPI

from services.config_api import pages
from services.config_api.api import BLUEPRINTS
from services.config_api.api.common import openapi
from services.config_api.web import access, guard, problem, problem_responses
from services.config_api.web.context import EXTENSION, Context
from services.config_api.web.settings import ConfigApiSettings


def create_app(*, settings: ConfigApiSettings) -> Flask:
    """Return the application; the caller closes its context (`app.extensions[EXTENSION].close()`)."""
    app = OpenAPI(
        __name__,
        info=openapi.info(),
        validation_error_model=problem.Problem,
        validation_error_callback=problem_responses.answer_validation_error,
        doc_ui=False,  # its pages need the internet; /openapi.json is what tools read
    )
    app.extensions[EXTENSION] = Context(settings=settings)
    access.register(app)
    guard.register(app, allowed_hosts=settings.allowed_hosts)
    problem_responses.register(app)
    for blueprint in BLUEPRINTS:
        app.register_api(blueprint)
    pages.register(app, page_title=settings.page_title)
    description = openapi.describe(app)

    @app.get("/openapi.json", doc_ui=False, endpoint="openapi")
    def describe() -> Response:
        return jsonify(description)

    return app
