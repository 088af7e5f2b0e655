"""The base of all models: naming of constraints, and the column types that are used everywhere."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


Identifier = Annotated[int, mapped_column(primary_key=True)]
Timestamp = Annotated[datetime, mapped_column(DateTime(timezone=True))]
"""A moment by our clock, in UTC. Times in DICOM objects are local times of the device, and have another type."""
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), default=now)]


class Base(DeclarativeBase):
    """Base of all models. Every constraint has a name, so that a migration can find it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSONB, list[Any]: JSONB}  # noqa: RUF012 (SQLAlchemy's protocol)
