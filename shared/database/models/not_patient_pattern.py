"""Patterns of names and IDs that stand for no patient: phantoms, quality assurance, tests."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, CreatedAt, Identifier
from shared.database.types import text_enum


class PatternField(StrEnum):
    """What a pattern is compared with."""

    PATIENT_ID = "patient_id"
    PATIENT_NAME = "patient_name"


class NotPatientPattern(Base):
    """A glob pattern in lower case. The migration puts common ones in; all of them can be changed and deleted."""

    __tablename__ = "not_patient_pattern"
    __table_args__ = (UniqueConstraint("field", "pattern"), CheckConstraint("pattern <> ''", name="pattern"))

    id: Mapped[Identifier]
    field: Mapped[PatternField] = mapped_column(text_enum(PatternField))
    pattern: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[CreatedAt]
