"""The privacy policy: what of a patient's identity is stored. It acts on what is imported from then on."""

from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from shared.database.base import Base
from shared.database.types import text_enum


class Handling(StrEnum):
    """What becomes of a value."""

    DROP = "drop"
    STORE = "store"
    HASH = "hash"
    """Stored as a keyed hash (HMAC-SHA-256): comparable, and not to be guessed without the key."""
    SHA256 = "sha256"
    """Stored as SHA-256 without key, as other systems do: comparable with theirs, but IDs can be guessed."""


def _handling(of: str, default: Handling) -> MappedColumn[Handling]:
    return mapped_column(text_enum(Handling, name=f"{of}_handling"), default=default)


class PrivacyPolicy(Base):
    """At most one row; without it the defaults stand: no name, no ID, no birth date."""

    __tablename__ = "privacy_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("patient_birth_date NOT IN ('hash', 'sha256')", name="birth_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    patient_name: Mapped[Handling] = mapped_column(
        text_enum(Handling, name="patient_name_handling"), default=Handling.DROP
    )
    patient_id: Mapped[Handling] = _handling("patient_id", Handling.DROP)
    patient_birth_date: Mapped[Handling] = mapped_column(
        text_enum(Handling, name="patient_birth_date_handling"), default=Handling.DROP
    )
    accession_number: Mapped[Handling] = mapped_column(
        text_enum(Handling, name="accession_number_handling"), default=Handling.STORE
    )
