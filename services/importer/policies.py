"""The policies that apply to a batch: what of the patient is stored, and what becomes of the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from services.importer.privacy import DEFAULTS
from services.importer.record import Outcome
from shared.database.models import DeletionPolicy, Disposition, Handling, ObjectState, PrivacyPolicy
from shared.stored_study.layout import table_of

REFUSED = "refused"
"""The key of the deletion policy for objects without dose."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies as they stood when the transaction began."""

    privacy: Mapping[str, Handling] = field(default_factory=lambda: dict(DEFAULTS))
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)

    def disposition(self, outcome: Outcome) -> Disposition:
        """Return what becomes of the file of an object that is done with; nothing said: it is kept."""
        key = REFUSED if outcome.state is ObjectState.REFUSED else outcome.object_kind or ""
        return self.dispositions.get(key, Disposition.KEEP)


def load_policies(connection: Connection) -> Policies:
    """Read the policies."""
    deletion = connection.execute(select(DeletionPolicy.object_kind, DeletionPolicy.disposition)).all()
    privacy = connection.execute(select(table_of(PrivacyPolicy))).mappings().one_or_none()
    chosen = {name: privacy[name] for name in DEFAULTS} if privacy else dict(DEFAULTS)
    return Policies(privacy=chosen, dispositions={row.object_kind: row.disposition for row in deletion})
