"""Equipment: one row for each distinct identity that dose objects have named."""

from enum import StrEnum
from typing import ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, CreatedAt, Identifier
from shared.database.types import text_enum


class UserModality(StrEnum):
    """The modality that a user gives to projection equipment whose objects do not tell it."""

    DX = "dx"
    """All its studies are radiography."""
    RF = "rf"
    """All its studies are fluoroscopy."""
    DUAL = "dual"
    """It does both: the content of each study decides, as for equipment without a user modality."""


class Equipment(Base):
    """A device that produced radiation, as its objects identify it. A software upgrade makes a new row, on purpose.

    Every part of the identity may be missing, so uniqueness is that of `identity_hash`: SHA-256 over all of them.
    """

    __tablename__ = "equipment"
    IDENTITY: ClassVar[tuple[str, ...]] = (
        "manufacturer",
        "institution",
        "station_name",
        "department",
        "model",
        "device_serial_number",
        "software_versions",
        "gantry_id",
        "device_observer_uid",
    )

    id: Mapped[Identifier]
    identity_hash: Mapped[str] = mapped_column(String(64), unique=True)
    manufacturer: Mapped[str | None]
    institution: Mapped[str | None]
    station_name: Mapped[str | None]
    department: Mapped[str | None]
    model: Mapped[str | None]
    device_serial_number: Mapped[str | None]
    software_versions: Mapped[str | None]
    gantry_id: Mapped[str | None]
    device_observer_uid: Mapped[str | None]
    display_name: Mapped[str] = mapped_column(String(200), default="Blank")
    """The display name, which users can change."""
    user_modality: Mapped[UserModality | None] = mapped_column(text_enum(UserModality))
    created_at: Mapped[CreatedAt]
