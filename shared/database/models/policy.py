"""Policies: what becomes of a file after its import."""

from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base
from shared.database.types import text_enum


class Disposition(StrEnum):
    """What becomes of a file whose object has been dealt with."""

    KEEP = "keep"
    """Moved to `dicom_in/`."""
    DELETE = "delete"


class DeletionPolicy(Base):
    """The disposition of a kind of object, or of `refused` ones. A kind without a row is kept."""

    __tablename__ = "deletion_policy"

    object_kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    disposition: Mapped[Disposition] = mapped_column(text_enum(Disposition), default=Disposition.KEEP)
