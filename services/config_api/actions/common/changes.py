"""Changes of rows: a partial change completed to a whole input, and locks for writers that check other rows first."""

from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import RequestModel
from services.config_api.web.problem import field_problems, invalid
from shared.database.base import Base

NODES_LOCK = 0x6E6F6465
"""The key of the advisory lock of writers of nodes: "node" in ASCII, an arbitrary number."""

RequestT = TypeVar("RequestT", bound=RequestModel)


def patched(row: Base, patch: RequestModel, *, into: type[RequestT], **instead: object) -> RequestT:
    """Return the whole input for a row: its values with those of the patch, checked as if they came at once.

    Args:
        row: the row as it stands.
        patch: the fields to change.
        into: the input that would create the row.
        instead: values of fields that the row does not have under the same name.

    Raises:
        ProblemError: the result breaks a rule of `into`; it names the fields.
    """
    current = {name: getattr(row, name) for name in into.model_fields} | instead
    try:
        return into.model_validate(current | patch.model_dump(exclude_unset=True))
    except ValidationError as error:
        raise invalid(*field_problems(error)) from None


def lock_table(session: Session, model: type[Base]) -> None:
    """Lock this table against other writers until the transaction ends, as its other rows are checked first."""
    session.execute(text(f"LOCK TABLE {model.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def lock_nodes(session: Session) -> None:
    """Lock nodes against other writers until the transaction ends, as the other nodes are checked first."""
    session.execute(select(func.pg_advisory_xact_lock(NODES_LOCK)))
