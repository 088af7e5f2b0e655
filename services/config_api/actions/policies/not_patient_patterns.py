"""Not-a-patient patterns: patient IDs and names of phantoms, tests and quality assurance."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_table, patched
from services.config_api.actions.common.models import Pattern, RequestModel
from services.config_api.web import problem
from services.config_api.web.problem import FieldProblem
from shared.database.models import NotPatientPattern, PatternField


class NotPatientPatternInput(RequestModel):
    """A pattern, stored in lower case: it is compared without regard to case."""

    model_config = ConfigDict(
        strict=False, json_schema_extra={"examples": [{"field": "patient_name", "pattern": "*phantom*"}]}
    )

    field: PatternField = Field(description="`patient_id`, or `patient_name` in the form Family^Given")
    pattern: Annotated[Pattern, AfterValidator(str.lower)]


class NotPatientPatternPatch(RequestModel):
    """Changes of a pattern; fields that are left out stay as they are."""

    model_config = ConfigDict(strict=False, json_schema_extra={"examples": [{"pattern": "phantom*"}]})

    field: PatternField | None = None
    pattern: Pattern | None = None


def list_not_patient_patterns(session: Session) -> Sequence[NotPatientPattern]:
    """Return the patterns by field."""
    query = select(NotPatientPattern).order_by(NotPatientPattern.field, NotPatientPattern.pattern)
    return session.scalars(query).all()


def find_not_patient_pattern(session: Session, pattern_id: int) -> NotPatientPattern:
    """Return a pattern.

    Raises:
        ProblemError: there is none of this id.
    """
    pattern = session.get(NotPatientPattern, pattern_id)
    if pattern is None:
        raise problem.not_found(f"there is no pattern {pattern_id}", "GET /api/v1/not-patient-patterns lists them")
    return pattern


def add_not_patient_pattern(session: Session, wanted: NotPatientPatternInput) -> NotPatientPattern:
    """Create a pattern; it acts on objects that are imported from now on.

    Raises:
        ProblemError: it is there already.
    """
    _check_new(session, wanted, own_id=None)
    pattern = NotPatientPattern(**wanted.model_dump())
    session.add(pattern)
    session.flush()
    return pattern


def change_not_patient_pattern(session: Session, pattern_id: int, patch: NotPatientPatternPatch) -> NotPatientPattern:
    """Change the fields of a pattern that are in the patch.

    Raises:
        ProblemError: there is no such pattern, or the result breaks a rule of the input.
    """
    pattern = find_not_patient_pattern(session, pattern_id)
    wanted = patched(pattern, patch, into=NotPatientPatternInput)
    _check_new(session, wanted, own_id=pattern.id)
    pattern.field, pattern.pattern = wanted.field, wanted.pattern
    session.flush()
    return pattern


def delete_not_patient_pattern(session: Session, pattern_id: int) -> None:
    """Delete a pattern; studies that it has marked stay marked.

    Raises:
        ProblemError: there is no such pattern.
    """
    session.delete(find_not_patient_pattern(session, pattern_id))


def _check_new(session: Session, wanted: NotPatientPatternInput, *, own_id: int | None) -> None:
    lock_table(session, NotPatientPattern)
    same = (NotPatientPattern.field == wanted.field, NotPatientPattern.pattern == wanted.pattern)
    if any(id_ != own_id for id_ in session.scalars(select(NotPatientPattern.id).where(*same))):
        raise problem.conflict(FieldProblem(field="pattern", detail="is there already for this field"))
