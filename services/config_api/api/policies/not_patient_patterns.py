"""REST resource of not-a-patient patterns: IDs and names of phantoms, tests and quality assurance."""

from http import HTTPStatus

from flask import Response, url_for

from services.config_api.actions.policies import not_patient_patterns
from services.config_api.actions.policies.not_patient_patterns import NotPatientPatternInput, NotPatientPatternPatch
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
from services.config_api.web.current import context
from shared.database.models import PatternField

api = blueprint(
    "not_patient_patterns", tag="Not-a-patient patterns", description="IDs and names that stand for no patient"
)


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
    with context().transaction() as session:
        found = not_patient_patterns.list_not_patient_patterns(session)
        items = [NotPatientPatternOutput.model_validate(row) for row in found]
    return answer(NotPatientPatternList(items=items))


@api.post("", responses={HTTPStatus.CREATED: NotPatientPatternOutput} | problems(HTTPStatus.CONFLICT))
def create_not_patient_pattern(body: NotPatientPatternInput) -> Response:
    """Create a pattern; it acts on objects that are imported from now on."""
    with context().transaction() as session:
        output = NotPatientPatternOutput.model_validate(not_patient_patterns.add_not_patient_pattern(session, body))
    return created(output, url_for(".get_not_patient_pattern", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: NotPatientPatternOutput} | problems(HTTPStatus.NOT_FOUND))
def get_not_patient_pattern(path: IdPath) -> Response:
    """Show a pattern."""
    with context().transaction() as session:
        found = not_patient_patterns.find_not_patient_pattern(session, path.id)
        return answer(NotPatientPatternOutput.model_validate(found))


@api.patch(
    "/<int:id>",
    responses={HTTPStatus.OK: NotPatientPatternOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def change_not_patient_pattern(path: IdPath, body: NotPatientPatternPatch) -> Response:
    """Change a pattern; it acts on objects that are imported from now on."""
    with context().transaction() as session:
        changed = not_patient_patterns.change_not_patient_pattern(session, path.id, body)
        return answer(NotPatientPatternOutput.model_validate(changed))


@api.delete("/<int:id>", responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND))
def delete_not_patient_pattern(path: IdPath) -> Response:
    """Delete a pattern; studies that it has marked stay marked."""
    with context().transaction() as session:
        not_patient_patterns.delete_not_patient_pattern(session, path.id)
    return no_content()
