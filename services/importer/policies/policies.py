"""The policies that apply to a batch, as they stand in the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from services.importer.policies.ignore import Rule
from services.importer.policies.not_patient import NotPatientPatterns
from services.importer.policies.privacy import DEFAULTS
from shared.database.models import (
    DeletionPolicy,
    Disposition,
    Handling,
    IgnoreRule,
    NotPatientPattern,
    ObjectState,
    PatternField,
    PrivacyPolicy,
)
from shared.stored_study.layout import table_of

REFUSED = "refused"
"""The key of the deletion policy for objects without dose."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies as they stood when the transaction began."""

    privacy: Mapping[str, Handling] = field(default_factory=lambda: dict(DEFAULTS))
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)
    not_patient: NotPatientPatterns = field(default_factory=NotPatientPatterns)
    ignore_rules: tuple[Rule, ...] = ()

    def disposition(self, state: ObjectState, object_kind: str | None) -> Disposition:
        """Return the disposition of the file of an object after its import. A file that no policy names is kept."""
        key = REFUSED if state is ObjectState.REFUSED else object_kind or ""
        return self.dispositions.get(key, Disposition.KEEP)


def load_policies(connection: Connection) -> Policies:
    """Read the policies."""
    deletion = connection.execute(select(DeletionPolicy.object_kind, DeletionPolicy.disposition)).all()
    return Policies(
        privacy=load_privacy_policy(connection),
        dispositions={row.object_kind: row.disposition for row in deletion},
        not_patient=_not_patient(connection),
        ignore_rules=_ignore_rules(connection),
    )


def load_privacy_policy(connection: Connection) -> dict[str, Handling]:
    """Read what of a patient's identity is stored."""
    chosen = connection.execute(select(table_of(PrivacyPolicy))).mappings().one_or_none()
    return {name: chosen[name] for name in DEFAULTS} if chosen else dict(DEFAULTS)


def _not_patient(connection: Connection) -> NotPatientPatterns:
    rows = connection.execute(select(NotPatientPattern.field, NotPatientPattern.pattern)).all()
    return NotPatientPatterns(
        ids=[row.pattern for row in rows if row.field is PatternField.PATIENT_ID],
        names=[row.pattern for row in rows if row.field is PatternField.PATIENT_NAME],
    )


def _ignore_rules(connection: Connection) -> tuple[Rule, ...]:
    rows = connection.execute(select(table_of(IgnoreRule)).order_by(IgnoreRule.id)).mappings()
    return tuple(
        Rule(row["name"], {name: row[name] for name in IgnoreRule.FIELDS if row[name] is not None}) for row in rows
    )
