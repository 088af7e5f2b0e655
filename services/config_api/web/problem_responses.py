"""The responses for errors: problem details for programs, a page for people."""

from http import HTTPStatus

from flask import Flask, Response, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import ProgrammingError
from werkzeug.exceptions import HTTPException

from services.config_api.web.context import other_version
from services.config_api.web.problem import Problem, ProblemError, field_problems, invalid
from shared.errors import Unavailable
from shared.logging import get_logger

MEDIA_TYPE = "application/problem+json"

log = get_logger(__name__)


def answer(problem: Problem) -> Response:
    """Return the response for a problem: a page for a person who opened one, else problem details."""
    if _for_a_person():
        return Response(render_template("problem.html", problem=problem), status=problem.status)
    return Response(problem.model_dump_json(exclude_defaults=True), status=problem.status, mimetype=MEDIA_TYPE)


def answer_validation_error(error: ValidationError) -> Response:
    """Return the response for a request that does not have the required shape (flask-openapi3's callback)."""
    return answer(invalid(*field_problems(error)).problem)


def is_rest(path: str) -> bool:
    """Tell whether a path belongs to the REST interface; the others are the page's."""
    return path.startswith("/api/")


def _for_a_person() -> bool:
    if is_rest(request.path):
        return False
    return request.accept_mimetypes["text/html"] > request.accept_mimetypes[MEDIA_TYPE]


def register(app: Flask) -> None:
    """Answer every error of the application with problem details."""
    app.register_error_handler(ProblemError, _on_problem)
    app.register_error_handler(Unavailable, _on_unavailable)
    app.register_error_handler(ProgrammingError, _on_programming_error)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, _on_unexpected)


def _on_problem(error: ProblemError) -> Response:
    return answer(error.problem)


def _on_unavailable(error: Unavailable) -> Response:
    problem = ProblemError(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        kind="unavailable",
        title="A service that this one depends on is away",
        detail=f"{error}; try again in a moment, `dosewire status` shows what is down",
    ).problem
    response = answer(problem)
    response.headers["Retry-After"] = "5"
    return response


def _on_programming_error(error: ProgrammingError) -> Response:
    """Answer for what uses sessions of its own, not `Context.transaction`."""
    unavailable = other_version(error)
    return _on_unexpected(error) if unavailable is None else _on_unavailable(unavailable)


def _on_http_exception(error: HTTPException) -> Response:
    if isinstance(error.response, Response):  # what `abort` was given is complete
        return error.response
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    problem = ProblemError(
        status=status,
        kind=status.name.lower().replace("_", "-"),
        title=status.phrase,
        detail=error.description or status.description,
    ).problem
    response = answer(problem)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "location", "retry-after"}:
            response.headers[name] = value
    return response


def _on_unexpected(error: Exception) -> Response:
    log.error("request failed", error=type(error).__name__, exc_info=error)
    return answer(
        ProblemError(
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            kind="internal-error",
            title="This is an error of Dosewire",
            detail="the log of config_api says more; please report it",
        ).problem
    )
