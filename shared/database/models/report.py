"""The dose reports and images that make up a study, each with its description and its stated totals."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, CreatedAt


class Report(Base):
    """A dose report, or an image with dose in its header. Reports replaced by a cumulative report are not kept."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("study_id", "sop_instance_uid"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    trace_id: Mapped[str] = mapped_column(String(32))
    """The reception of the object."""
    object_kind: Mapped[str]
    is_image: Mapped[bool]
    """True: read from an image header; a dose report of the same exposures replaces it."""
    event_keys: Mapped[list[str]] = mapped_column(ARRAY(String))
    """The keys of its irradiation events in the study, in document order, also of events read from another report."""
    event_started_at: Mapped[list[datetime | None]] = mapped_column(ARRAY(DateTime))
    """The start of each of these events, as far as known."""
    exposure: Mapped[str | None] = mapped_column(String(64))
    """For an image, the digest of the technique of its exposure (see `services.importer.reading.recognition`)."""
    warnings: Mapped[list[str]] = mapped_column(ARRAY(String))
    findings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """Those of the warnings that raise a flag: objects with `flag` and `detail`."""
    not_patient: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The not-a-patient patterns that match it (`services.importer.policies.not_patient`); null: none."""
    further: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Fields without a column, or with a value that does not fit, by part of the document, as JSON."""
    created_at: Mapped[CreatedAt]

    # object.*
    sop_instance_uid: Mapped[str] = mapped_column(String(64))
    sop_class_uid: Mapped[str | None]
    sop_class: Mapped[str | None]
    series_instance_uid: Mapped[str | None]
    transfer_syntax_uid: Mapped[str | None]
    specific_character_set: Mapped[str | None]
    dicom_modality: Mapped[str | None]
    document_title_code: Mapped[str | None]
    document_title: Mapped[str | None]
    completion_flag: Mapped[str | None]
    template_id: Mapped[str | None]

    # sr.*, the root of the report
    procedure_reported: Mapped[str | None]
    procedure_reported_code: Mapped[str | None]
    has_intent: Mapped[str | None]
    has_intent_code: Mapped[str | None]
    associated_procedure: Mapped[str | None]
    observer_types: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    device_observer_uid: Mapped[str | None]
    device_observer_name: Mapped[str | None]
    device_observer_manufacturer: Mapped[str | None]
    device_observer_model: Mapped[str | None]
    device_observer_serial_number: Mapped[str | None]
    device_observer_location: Mapped[str | None]
    device_role: Mapped[str | None]
    start_of_irradiation: Mapped[datetime | None]
    end_of_irradiation: Mapped[datetime | None]
    scope_of_accumulation: Mapped[str | None]
    scope_of_accumulation_code: Mapped[str | None]
    source_of_dose_information: Mapped[str | None]
    acquisition_device_type: Mapped[str | None]
    acquisition_device_type_code: Mapped[str | None]
    xray_detector_data_available: Mapped[str | None]
    xray_source_data_available: Mapped[str | None]
    xray_mechanical_data_available: Mapped[str | None]
    comment: Mapped[str | None]
    language: Mapped[str | None]
    country: Mapped[str | None]
    patient_position_xml: Mapped[str | None]

    # The totals of ct.*, xray.*, mg.* and nm.*, as the report states them
    events_count: Mapped[int | None]
    administrations_count: Mapped[int | None]
    pet_series_count: Mapped[int | None]
    plane_count: Mapped[int | None]
    total_dap_gy_m2: Mapped[float | None]
    total_rp_dose_gy: Mapped[float | None]
    irradiation_event_count: Mapped[int | None]
    total_dlp_mgy_cm: Mapped[float | None]
    total_dlp_phantom: Mapped[str | None]
    total_dlp_phantom_code: Mapped[str | None]
    total_effective_dose_msv: Mapped[float | None]
    count_spiral: Mapped[int | None]
    count_sequenced: Mapped[int | None]
    count_stationary: Mapped[int | None]
    count_constant_angle: Mapped[int | None]
    count_other: Mapped[int | None]
