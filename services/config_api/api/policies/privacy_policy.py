"""The privacy policy: what of a patient's identity is stored."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import Response
from pydantic import ConfigDict, Field
from sqlalchemy.dialects.postgresql import insert

from services.config_api.actions.common.models import RequestModel
from services.config_api.api.common.base import ResponseModel, answer, blueprint
from services.config_api.web import problem
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem
from shared.database.models import Handling, PrivacyPolicy

HASHES = (Handling.HASH, Handling.SHA256)

api = blueprint("privacy_policy", tag="Privacy policy", description="What of a patient's identity is stored")

_HOW = "`drop`, `store`, `hash` (keyed: HMAC-SHA-256), or `sha256` (without key, as other systems do; can be guessed)"
_NO_DATE = "a hash is no date, and there are so few dates that it could be guessed; use drop or store"
_NO_KEY = (
    "there is no key to hash with; give DOSEWIRE_PRIVACY_HASH_KEY or DOSEWIRE_PRIVACY_HASH_KEY_FILE to config_api and"
    " to every importer, the same to all, and start them again"
)


class PrivacyPolicyInput(RequestModel):
    """The policy as it shall be; what is left out gets its default."""

    model_config = ConfigDict(
        strict=False,
        json_schema_extra={"examples": [{"patient_id": "hash", "patient_birth_date": "store"}]},
    )

    patient_name: Handling = Field(default=Handling.DROP, description=_HOW)
    patient_id: Handling = Field(default=Handling.DROP, description=_HOW)
    patient_birth_date: Handling = Field(default=Handling.DROP, description="`drop` or `store`")
    accession_number: Handling = Field(default=Handling.STORE, description=_HOW)


class PrivacyPolicyOutput(ResponseModel):
    """The policy as it stands. It acts on what is imported from now on; what is stored stays as it is."""

    patient_name: Handling
    patient_id: Handling
    patient_birth_date: Handling
    accession_number: Handling


@api.get("", responses={HTTPStatus.OK: PrivacyPolicyOutput})
def get_privacy_policy() -> Response:
    """Show what of a patient's identity is stored."""
    with context().transaction() as session:
        stored = session.get(PrivacyPolicy, 1)
        output = PrivacyPolicyOutput.model_validate(stored or PrivacyPolicyInput())
    return answer(output)


@api.put("", responses={HTTPStatus.OK: PrivacyPolicyOutput})
def change_privacy_policy(body: PrivacyPolicyInput) -> Response:
    """Decide what of a patient's identity is stored from now on; studies that are stored stay as they are."""
    found = list(_impossible(body, has_key=context().settings.privacy_hash_key is not None))
    if found:
        raise problem.invalid(*found)
    row = body.model_dump()
    statement = insert(PrivacyPolicy).values(id=1, **row)
    with context().transaction() as session:
        session.execute(statement.on_conflict_do_update(index_elements=[PrivacyPolicy.id], set_=row))
    return answer(PrivacyPolicyOutput.model_validate(body))


def _impossible(wanted: PrivacyPolicyInput, *, has_key: bool) -> Iterator[FieldProblem]:
    """Yield what cannot be done: a hash where a date stands, and a keyed hash without key."""
    if wanted.patient_birth_date in HASHES:
        yield FieldProblem(field="patient_birth_date", detail=_NO_DATE)
    if not has_key:
        for name, how in wanted.model_dump(exclude={"patient_birth_date"}).items():
            if how is Handling.HASH:
                yield FieldProblem(field=name, detail=_NO_KEY)
