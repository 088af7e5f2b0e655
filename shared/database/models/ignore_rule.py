"""Rules for equipment whose objects are refused."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, CreatedAt, Identifier, now


class IgnoreRule(Base):
    """Glob patterns on what an object says of its equipment; one that is null is not asked, all others must match."""

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
    """What people call it; the reason of a refusal names it."""
    manufacturer: Mapped[str | None] = mapped_column(String(64))
    model: Mapped[str | None] = mapped_column(String(64))
    station_name: Mapped[str | None] = mapped_column(String(64))
    software_versions: Mapped[str | None] = mapped_column(String(64))
    device_serial_number: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)
