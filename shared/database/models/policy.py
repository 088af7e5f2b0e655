"""Policies: rules for objects and their files, set by administrators.

deletion     a file whose object has been dealt with is kept or deleted
privacy      the parts of a patient's identity that are stored, from the next import on
ignore       equipment whose objects are refused
not patient  names and IDs that stand for no patient: phantoms, quality assurance, tests
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, DateTime, String, UniqueConstraint
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from shared.database.base import Base, CreatedAt, Identifier, now
from shared.database.types import text_enum


class Disposition(StrEnum):
    """The fate of a file after its import."""

    KEEP = "keep"
    """Moved to `dicom_in/`."""
    DELETE = "delete"


class DeletionPolicy(Base):
    """The disposition of a kind of object, or of `refused` ones. The files of a kind without a row are kept."""

    __tablename__ = "deletion_policy"

    object_kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    disposition: Mapped[Disposition] = mapped_column(text_enum(Disposition), default=Disposition.KEEP)


class Handling(StrEnum):
    """The way in which a value of a patient's identity is stored."""

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
    patient_name: Mapped[Handling] = _handling("patient_name", Handling.DROP)
    patient_id: Mapped[Handling] = _handling("patient_id", Handling.DROP)
    patient_birth_date: Mapped[Handling] = _handling("patient_birth_date", Handling.DROP)
    accession_number: Mapped[Handling] = _handling("accession_number", Handling.STORE)


class IgnoreRule(Base):
    """Glob patterns on an object's equipment attributes; null is not compared, all others must match."""

    __tablename__ = "ignore_rule"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "manufacturer",
        "model",
        "station_name",
        "software_versions",
        "device_serial_number",
    )
    __table_args__ = (CheckConstraint("num_nonnulls(" + ", ".join(FIELDS) + ") > 0", name="says_something"),)

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    """The name that users give it; the reason of a refusal names it."""
    manufacturer: Mapped[str | None] = mapped_column(String(64))
    model: Mapped[str | None] = mapped_column(String(64))
    station_name: Mapped[str | None] = mapped_column(String(64))
    software_versions: Mapped[str | None] = mapped_column(String(64))
    device_serial_number: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)


class PatternField(StrEnum):
    """The attribute that a pattern is compared with."""

    PATIENT_ID = "patient_id"
    PATIENT_NAME = "patient_name"


class NotPatientPattern(Base):
    """A glob pattern in lower case. The migration inserts common ones; all can be changed and deleted."""

    __tablename__ = "not_patient_pattern"
    __table_args__ = (UniqueConstraint("field", "pattern"), CheckConstraint("pattern <> ''", name="pattern"))

    id: Mapped[Identifier]
    field: Mapped[PatternField] = mapped_column(text_enum(PatternField))
    pattern: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[CreatedAt]
