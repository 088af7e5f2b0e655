"""The privacy policy: the handling of a patient's name, ID, birth date and accession number at import."""

from collections.abc import Iterator

from pydantic import ConfigDict, Field
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import RequestModel
from services.config_api.web import problem
from services.config_api.web.problem import FieldProblem
from shared.database.models import Handling, PrivacyPolicy

HASHES = (Handling.HASH, Handling.SHA256)

_HOW = "`drop`, `store`, `hash` (keyed: HMAC-SHA-256), or `sha256` (without key, as other systems do; can be guessed)"
_NO_DATE = "a hash is no date, and there are so few dates that it could be guessed; use drop or store"
_NO_KEY = (
    "there is no key to hash with; give DOSEWIRE_PRIVACY_HASH_KEY or DOSEWIRE_PRIVACY_HASH_KEY_FILE to config_api and"
    " to every importer, the same to all, and start them again"
)


class PrivacyPolicyInput(RequestModel):
    """The wanted policy; fields that are left out get their defaults."""

    model_config = ConfigDict(
        strict=False,
        json_schema_extra={"examples": [{"patient_id": "hash", "patient_birth_date": "store"}]},
    )

    patient_name: Handling = Field(default=Handling.DROP, description=_HOW)
    patient_id: Handling = Field(default=Handling.DROP, description=_HOW)
    patient_birth_date: Handling = Field(default=Handling.DROP, description="`drop` or `store`")
    accession_number: Handling = Field(default=Handling.STORE, description=_HOW)


def find_privacy_policy(session: Session) -> PrivacyPolicyInput | PrivacyPolicy:
    """Return the present policy, which is the default until somebody changes it."""
    return session.get(PrivacyPolicy, 1) or PrivacyPolicyInput()


def change_privacy_policy(session: Session, wanted: PrivacyPolicyInput, *, has_key: bool) -> None:
    """Set the policy for objects that are imported from now on; stored studies stay as they are.

    Args:
        session: the database.
        wanted: the whole policy.
        has_key: there is a key for keyed hashes.

    Raises:
        ProblemError: it asks for a hash that is not possible.
    """
    found = list(_impossible(wanted, has_key=has_key))
    if found:
        raise problem.invalid(*found)
    row = wanted.model_dump()
    statement = insert(PrivacyPolicy).values(id=1, **row)
    session.execute(statement.on_conflict_do_update(index_elements=[PrivacyPolicy.id], set_=row))


def _impossible(wanted: PrivacyPolicyInput, *, has_key: bool) -> Iterator[FieldProblem]:
    """Yield the fields that cannot be hashed so: a date, and any field by a keyed hash without a key."""
    if wanted.patient_birth_date in HASHES:
        yield FieldProblem(field="patient_birth_date", detail=_NO_DATE)
    if not has_key:
        for name, how in wanted.model_dump(exclude={"patient_birth_date"}).items():
            if how is Handling.HASH:
                yield FieldProblem(field=name, detail=_NO_KEY)
