"""Errors of requests as problem details (RFC 9457): every wrong field, its fault, and what to do."""

from collections.abc import Iterable
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import DosewireError


class FieldProblem(BaseModel):
    """A wrong field of a request."""

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


class ProblemError(DosewireError):
    """A request that cannot be carried out; `problem` has the reason and what to do."""

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
