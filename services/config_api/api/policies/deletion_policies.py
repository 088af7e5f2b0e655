"""REST resource of deletion policies: the disposition of files after the import."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import AfterValidator, Field

from services.config_api.actions.common.models import QueryModel
from services.config_api.actions.policies import deletion_policies
from services.config_api.actions.policies.deletion_policies import KINDS, DeletionPolicyInput
from services.config_api.api.common.base import ResponseModel, answer, blueprint
from services.config_api.web.current import context
from shared.database.models import Disposition

api = blueprint("deletion_policies", tag="Deletion policies", description="Which files are kept after the import")


class DeletionPolicyOutput(ResponseModel):
    """The disposition of the files of a kind of object."""

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
    """List the disposition of the files of each kind of object; a kind without a policy of its own is kept."""
    with context().transaction() as session:
        found = deletion_policies.list_deletion_policies(session)
    items = [DeletionPolicyOutput(object_kind=kind, disposition=one) for kind, one in found.items()]
    return answer(DeletionPolicyList(items=items))


@api.put("/<object_kind>", responses={HTTPStatus.OK: DeletionPolicyOutput})
def change_deletion_policy(path: KindPath, body: DeletionPolicyInput) -> Response:
    """Set the disposition of the files of a kind of object from now on; files that are there already stay."""
    with context().transaction() as session:
        deletion_policies.change_deletion_policy(session, path.object_kind, body)
    return answer(DeletionPolicyOutput(object_kind=path.object_kind, disposition=body.disposition))
