"""Not-a-patient patterns: IDs and names of phantoms, tests and quality assurance."""

from http import HTTPStatus
from typing import Annotated

from flask import Response, url_for
from pydantic import AfterValidator, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_table, patched
from services.config_api.actions.common.models import Pattern, RequestModel
from services.config_api.api.common.base import (
    IdPath,
    Moment,
    ResponseModel,
    answer,
    blueprint,
    created,
    no_content,
    problems,
)
from services.config_api.web import problem
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem
from shared.database.models import NotPatientPattern, PatternField

api = blueprint(
    "not_patient_patterns", tag="Not-a-patient patterns", description="IDs and names that stand for no patient"
)


class NotPatientPatternInput(RequestModel):
    """A pattern, stored in lower case: it is compared without regard to case."""

    model_config = ConfigDict(
        strict=False, json_schema_extra={"examples": [{"field": "patient_name", "pattern": "*phantom*"}]}
    )

    field: PatternField = Field(description="`patient_id`, or `patient_name` in the form Family^Given")
    pattern: Annotated[Pattern, AfterValidator(str.lower)]


class NotPatientPatternPatch(RequestModel):
    """What to change of a pattern; what is left out stays as it is."""

    model_config = ConfigDict(strict=False, json_schema_extra={"examples": [{"pattern": "phantom*"}]})

    field: PatternField | None = None
    pattern: Pattern | None = None


class NotPatientPatternOutput(ResponseModel):
    """A pattern."""

    id: int
    field: PatternField
    pattern: str
    created_at: Moment


class NotPatientPatternList(ResponseModel):
    """All patterns, by field."""

    items: list[NotPatientPatternOutput]


@api.get("", responses={HTTPStatus.OK: NotPatientPatternList})
def list_not_patient_patterns() -> Response:
    """List the patterns."""
    query = select(NotPatientPattern).order_by(NotPatientPattern.field, NotPatientPattern.pattern)
    with context().transaction() as session:
        items = [NotPatientPatternOutput.model_validate(row) for row in session.scalars(query)]
    return answer(NotPatientPatternList(items=items))


@api.post("", responses={HTTPStatus.CREATED: NotPatientPatternOutput} | problems(HTTPStatus.CONFLICT))
def create_not_patient_pattern(body: NotPatientPatternInput) -> Response:
    """Create a pattern; it acts on what is imported from now on."""
    with context().transaction() as session:
        pattern = NotPatientPattern(**body.model_dump())
        _check_new(session, pattern.field, pattern.pattern, own_id=None)
        session.add(pattern)
        session.flush()
        output = NotPatientPatternOutput.model_validate(pattern)
    return created(output, url_for(".get_not_patient_pattern", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: NotPatientPatternOutput} | problems(HTTPStatus.NOT_FOUND))
def get_not_patient_pattern(path: IdPath) -> Response:
    """Show a pattern."""
    with context().transaction() as session:
        return answer(NotPatientPatternOutput.model_validate(_find(session, path.id)))


@api.patch(
    "/<int:id>",
    responses={HTTPStatus.OK: NotPatientPatternOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def change_not_patient_pattern(path: IdPath, body: NotPatientPatternPatch) -> Response:
    """Change a pattern; it acts on what is imported from now on."""
    with context().transaction() as session:
        pattern = _find(session, path.id)
        wanted = patched(pattern, body, into=NotPatientPatternInput)
        _check_new(session, wanted.field, wanted.pattern, own_id=pattern.id)
        pattern.field, pattern.pattern = wanted.field, wanted.pattern
        session.flush()
        return answer(NotPatientPatternOutput.model_validate(pattern))


@api.delete("/<int:id>", responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND))
def delete_not_patient_pattern(path: IdPath) -> Response:
    """Delete a pattern; studies that it has marked stay marked."""
    with context().transaction() as session:
        session.delete(_find(session, path.id))
    return no_content()


def _find(session: Session, pattern_id: int) -> NotPatientPattern:
    pattern = session.get(NotPatientPattern, pattern_id)
    if pattern is None:
        raise problem.not_found(f"there is no pattern {pattern_id}", "GET /api/v1/not-patient-patterns lists them")
    return pattern


def _check_new(session: Session, field: PatternField, pattern: str, *, own_id: int | None) -> None:
    lock_table(session, NotPatientPattern)
    query = select(NotPatientPattern.id).where(NotPatientPattern.field == field, NotPatientPattern.pattern == pattern)
    if any(id_ != own_id for id_ in session.scalars(query)):
        raise problem.conflict(FieldProblem(field="pattern", detail="is there already for this field"))
