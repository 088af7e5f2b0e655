"""Deletion policies: the disposition of files after the import, by kind of object."""

from collections.abc import Mapping

from pydantic import ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import RequestModel
from shared.database.models import DeletionPolicy, Disposition
from shared.dicom.dose_object_kind import DoseObjectKind

REFUSED = "refused"
"""Objects without dose, of whatever kind."""
KINDS = (*(kind.value for kind in DoseObjectKind), REFUSED)


class DeletionPolicyInput(RequestModel):
    """The disposition of a kind of object."""

    model_config = ConfigDict(strict=False, json_schema_extra={"examples": [{"disposition": "delete"}]})

    disposition: Disposition = Field(description="`keep` moves the file to dicom_in/, `delete` removes it")


def list_deletion_policies(session: Session) -> Mapping[str, Disposition]:
    """Return the disposition of every kind of object; a kind without a policy of its own is kept."""
    changed = {row.object_kind: row.disposition for row in session.scalars(select(DeletionPolicy))}
    return {kind: changed.get(kind, Disposition.KEEP) for kind in [*KINDS, *sorted(changed.keys() - set(KINDS))]}


def change_deletion_policy(session: Session, object_kind: str, wanted: DeletionPolicyInput) -> None:
    """Set the disposition of a kind of object from now on; files that are there already stay."""
    row = {"object_kind": object_kind, "disposition": wanted.disposition}
    statement = insert(DeletionPolicy).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=[DeletionPolicy.object_kind], set_=row))
