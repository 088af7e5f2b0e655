"""Errors of the REST interface as problem details (RFC 9457), with every wrong field and what to do about it."""

from collections.abc import Iterable
from http import HTTPStatus

from flask import Flask, Response, render_template, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from shared.errors import Unavailable
from shared.logging import get_logger

MEDIA_TYPE = "application/problem+json"

log = get_logger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    field: str = Field(description="Dotted path of the field; `body` for the whole body", examples=["ae_title"])
    detail: str = Field(description="What is wrong and what would be right, in words")


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:dosewire:problem:invalid-request",
                    "title": "The request cannot be carried out as it stands",
                    "status": 422,
                    "detail": "ae_title: an AE title has 1 to 16 characters, letters A-Z and digits only",
                    "errors": [
                        {
                            "field": "ae_title",
                            "detail": "an AE title has 1 to 16 characters, letters A-Z and digits only",
                        }
                    ],
                }
            ]
        }
    )

    type: str = Field(description="Identifies the kind of problem, for programs")
    title: str
    status: int
    detail: str = Field(description="What happened and what to do, for people")
    errors: list[FieldProblem] = Field(default=[], description="Everything that is wrong, not only the first")


class ProblemError(Exception):
    """Ends a request with problem details."""

    def __init__(
        self, *, status: HTTPStatus, kind: str, title: str, detail: str = "", errors: Iterable[FieldProblem] = ()
    ) -> None:
        found = list(errors)
        self.problem = Problem(
            type=f"urn:dosewire:problem:{kind}",
            title=title,
            status=status,
            detail=detail or "; ".join(f"{error.field}: {error.detail}" for error in found),
            errors=found,
        )
        super().__init__(self.problem.detail)


def not_found(what: str, fix: str) -> ProblemError:
    """Return the problem of something that is not there."""
    return ProblemError(status=HTTPStatus.NOT_FOUND, kind="not-found", title="There is no such thing",
                        detail=f"{what}; {fix}")  # fmt: skip


def conflict(*errors: FieldProblem, detail: str = "") -> ProblemError:
    """Return the problem of a request that contradicts what is there."""
    return ProblemError(
        status=HTTPStatus.CONFLICT, kind="conflict", title="The request contradicts what is there", detail=detail,
        errors=errors,
    )  # fmt: skip


def invalid(*errors: FieldProblem) -> ProblemError:
    """Return the problem of a request whose fields are wrong."""
    return ProblemError(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        kind="invalid-request",
        title="The request cannot be carried out as it stands",
        errors=errors,
    )


def field_problems(error: ValidationError) -> list[FieldProblem]:
    """Put pydantic's findings into words; what the client sent is not repeated."""
    return [
        FieldProblem(field=".".join(map(str, detail["loc"])) or "body", detail=_words(detail["type"], detail["msg"]))
        for detail in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _words(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "is required; add it"
        case "extra_forbidden":
            return "is not a field of this request; remove it or check its spelling"
        case "model_type" | "model_attributes_type":
            return "must be a JSON object"
        case _:
            return message.removeprefix("Value error, ").removeprefix("Input ")


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
