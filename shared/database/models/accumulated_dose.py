"""The dose that a report has accumulated, by plane (projection X-ray) or breast (mammography)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ForeignKey, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base


class AccumulatedDose(Base):
    """TID 10002 and TID 10005, as the report states it."""

    __tablename__ = "accumulated_dose"

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), primary_key=True)
    plane: Mapped[str] = mapped_column(String(16), primary_key=True)
    """`single`, `a`, `b`, `all`; of a mammography `left`, `right`, `both`."""
    total_dap_gy_m2: Mapped[float | None]
    total_rp_dose_gy: Mapped[float | None]
    total_time_s: Mapped[float | None]
    fluoro_dap_gy_m2: Mapped[float | None]
    fluoro_rp_dose_gy: Mapped[float | None]
    fluoro_time_s: Mapped[float | None]
    acquisition_dap_gy_m2: Mapped[float | None]
    acquisition_rp_dose_gy: Mapped[float | None]
    acquisition_time_s: Mapped[float | None]
    radiographic_frames: Mapped[int | None]
    irradiation_event_count: Mapped[int | None]
    detector_type: Mapped[str | None]
    detector_type_code: Mapped[str | None]
    reference_point: Mapped[str | None]
    reference_point_code: Mapped[str | None]
    distance_source_to_reference_point_mm: Mapped[float | None]
    dose_measurement_device: Mapped[str | None]
    calibration_factor: Mapped[float | None]
    calibration_date: Mapped[datetime | None]
    calibration_uncertainty_percent: Mapped[float | None]
    calibration_responsible_party: Mapped[str | None]
    calibration_protocol: Mapped[str | None]
    device_role: Mapped[str | None]
    device_name: Mapped[str | None]
    device_manufacturer: Mapped[str | None]
    device_model: Mapped[str | None]
    device_serial_number: Mapped[str | None]
    device_observer_uid: Mapped[str | None]
    agd_mgy: Mapped[float | None]
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Original values and units of fields that were converted, or could not be."""
    derived: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    """The names of fields that the report does not state, but that were computed from it."""
    further: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Fields without a column, or with a value that does not fit their column, as JSON."""
