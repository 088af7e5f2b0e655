"""Deletion policies: what becomes of a file whose object has been dealt with."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import AfterValidator, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.config_api.actions.common.models import QueryModel, RequestModel
from services.config_api.api.common.base import ResponseModel, answer, blueprint
from services.config_api.web.current import context
from shared.database.models import DeletionPolicy, Disposition
from shared.dicom.dose_object_kind import DoseObjectKind

REFUSED = "refused"
"""Objects without dose, whatever they are."""

KINDS = (*(kind.value for kind in DoseObjectKind), REFUSED)

api = blueprint("deletion_policies", tag="Deletion policies", description="Which files are kept after the import")


class DeletionPolicyInput(RequestModel):
    """The disposition of a kind of object."""

    model_config = ConfigDict(strict=False, json_schema_extra={"examples": [{"disposition": "delete"}]})

    disposition: Disposition = Field(description="`keep` moves the file to dicom_in/, `delete` removes it")


class DeletionPolicyOutput(ResponseModel):
    """What becomes of the files of a kind of object."""

    object_kind: str
    disposition: Disposition


class DeletionPolicyList(ResponseModel):
    """The disposition of every kind of object."""

    items: list[DeletionPolicyOutput]


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    return kind


class KindPath(QueryModel):
    """The kind of object in a path."""

    object_kind: Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(KINDS)})]


@api.get("", responses={HTTPStatus.OK: DeletionPolicyList})
def list_deletion_policies() -> Response:
    """List what becomes of the files of each kind of object; what nobody changed is kept."""
    with context().transaction() as session:
        changed = {row.object_kind: row.disposition for row in session.scalars(select(DeletionPolicy))}
    items = [
        DeletionPolicyOutput(object_kind=kind, disposition=changed.get(kind, Disposition.KEEP))
        for kind in [*KINDS, *sorted(changed.keys() - set(KINDS))]
    ]
    return answer(DeletionPolicyList(items=items))


@api.put("/<object_kind>", responses={HTTPStatus.OK: DeletionPolicyOutput})
def change_deletion_policy(path: KindPath, body: DeletionPolicyInput) -> Response:
    """Decide what becomes of the files of a kind of object from now on; files that are there already stay."""
    row = {"object_kind": path.object_kind, "disposition": body.disposition}
    statement = insert(DeletionPolicy).values(row)
    with context().transaction() as session:
        session.execute(statement.on_conflict_do_update(index_elements=[DeletionPolicy.object_kind], set_=row))
    return answer(DeletionPolicyOutput.model_validate(row))
