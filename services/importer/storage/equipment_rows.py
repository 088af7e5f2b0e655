"""The rows of equipment: found, or added. After a software upgrade a row keeps the name and modality given by users."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.importer.reading.equipment import SAME_EQUIPMENT, EquipmentIdentity, display_name
from shared.database.models import Equipment, UserModality
from shared.stored_study.layout import table_of

_TABLE = table_of(Equipment)
_ADD = upsert(_TABLE).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class KnownEquipment:
    """A row of equipment: its id, and the modality that users gave it."""

    id: int
    user_modality: UserModality | None = None


EquipmentByIdentity = Mapping[str, KnownEquipment]
"""The ids of equipment, by the hash of its identity."""


def ensure_equipment(connection: Connection, identities: Iterable[EquipmentIdentity]) -> dict[str, KnownEquipment]:
    """Return equipment by the hash of its identity; what is new is added, in one order for all.

    The rows stay as they are until the transaction ends: a change of a user modality at the same time waits, and then
    finds the studies of this transaction too.
    """
    wanted = {identity.hash: identity for identity in identities}
    known = _find(connection, wanted)
    missing = [wanted[one] for one in sorted(wanted.keys() - known.keys())]
    if missing:
        for identity in missing:
            row = {**identity.columns, "identity_hash": identity.hash}
            connection.execute(_ADD, row | _inherited(connection, identity.columns))
        known = _find(connection, wanted)
    return known


def _find(connection: Connection, identities: Iterable[str]) -> dict[str, KnownEquipment]:
    query = select(_TABLE.c.identity_hash, _TABLE.c.id, _TABLE.c.user_modality)
    found = connection.execute(query.where(_TABLE.c.identity_hash.in_(list(identities))).with_for_update(read=True))
    return {row.identity_hash: KnownEquipment(row.id, row.user_modality) for row in found}


def _inherited(connection: Connection, row: Mapping[str, str | None]) -> dict[str, object]:
    """Return display name and user modality of the last equipment that differs by its software alone."""
    same = [_TABLE.c[name].is_not_distinct_from(row[name]) for name in SAME_EQUIPMENT]
    query = select(_TABLE.c.display_name, _TABLE.c.user_modality).where(*same).order_by(_TABLE.c.id.desc()).limit(1)
    last = connection.execute(query).mappings().one_or_none()
    return dict(last) if last else {"display_name": display_name(row), "user_modality": None}
