"""A study's dose: one row for each Study Instance UID and part (CT, projection, mammography, nuclear medicine)."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, CreatedAt, now
from shared.database.types import text_enum


class StudyPart(StrEnum):
    """A part of a study's dose; its value is the key of that part in the JSON of a study.

    A PET-CT has two rows of one Study Instance UID. DX and RF are one part: a cumulative report may turn a study from
    DX into RF, and it must remain the same study.
    """

    CT = "ct"
    XRAY = "xray"
    MG = "mg"
    NM = "nm"


class Study(Base):
    """A study as its leading report describes it (see `services.importer.storage.merge`), and its totals for lists.

    Patient data is here only as far as the privacy policy lets it.
    """

    __tablename__ = "study"
    __table_args__ = (
        UniqueConstraint("study_instance_uid", "part"),
        Index("ix_study_study_date", "study_date"),
        Index("ix_study_accession_number", "accession_number"),
        Index("ix_study_patient_id", "patient_id"),
        Index("ix_study_flags", "flags", postgresql_using="gin", postgresql_ops={"flags": "jsonb_path_ops"}),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    study_instance_uid: Mapped[str] = mapped_column(String(64))
    part: Mapped[StudyPart] = mapped_column(text_enum(StudyPart))
    modality: Mapped[str | None] = mapped_column(String(16))
    """CT, DX, RF, MG or NM: the class of the study; between DX and RF the equipment's user modality decides."""
    modality_by_content: Mapped[str | None] = mapped_column(String(16))
    """The class of the study by the content of its reports alone."""
    equipment_id: Mapped[int] = mapped_column(ForeignKey("equipment.id"), index=True)

    study_date: Mapped[date | None]
    study_time: Mapped[time | None]
    study_id: Mapped[str | None]
    accession_number: Mapped[str | None]
    study_description: Mapped[str | None]
    study_description_object: Mapped[str | None]
    requested_procedure: Mapped[str | None]
    procedure: Mapped[str | None]
    protocol_name: Mapped[str | None]
    series_description: Mapped[str | None]
    patient_name: Mapped[str | None]
    patient_id: Mapped[str | None]
    patient_birth_date: Mapped[date | None]
    patient_age: Mapped[str | None]
    patient_age_years: Mapped[float | None]
    patient_sex: Mapped[str | None]
    patient_size_m: Mapped[float | None]
    patient_weight_kg: Mapped[float | None]
    referring_physician: Mapped[str | None]
    performing_physician: Mapped[str | None]
    reading_physician: Mapped[str | None]
    operator_name: Mapped[str | None]
    institution_address: Mapped[str | None]
    derived: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    further: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Fields without a column, or with a value that does not fit their column, as JSON."""
    not_patient: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The not-a-patient patterns that match any of its reports (`importer/policies/not_patient.py`); null: none."""
    flags: Mapped[list[Any]] = mapped_column(default=list)
    """Its plausibility flags: objects with `flag` and `detail`, as in the JSON of the study."""

    events_count: Mapped[int] = mapped_column(default=0)
    total_dlp_mgy_cm: Mapped[float | None]
    total_dap_gy_m2: Mapped[float | None]
    total_rp_dose_gy: Mapped[float | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)


class ProcessedObject(Base):
    """A SOP instance that was imported for the study, even if it added nothing: it makes the import idempotent."""

    __tablename__ = "processed_object"

    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    sop_instance_uid: Mapped[str] = mapped_column(String(64), primary_key=True)
