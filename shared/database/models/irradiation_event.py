"""Irradiation events: common columns, and those of CT (TID 10013) and projection or mammography (TID 10003)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Float, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base


class IrradiationEvent(Base):
    """One exposure. Unique in its study, also if several reports contain it; `report_id` is the one it is read from."""

    __tablename__ = "irradiation_event"
    __table_args__ = (
        UniqueConstraint("study_id", "event_key"),
        Index("ix_irradiation_event_started_at", "started_at"),
    )

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    """Place among the events of its report, from 0."""
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    event_key: Mapped[str] = mapped_column(String(80))
    """Its Irradiation Event UID, or a key made from its content if the UID is missing or repeated in the report."""
    irradiation_event_uid: Mapped[str | None]
    started_at: Mapped[datetime | None]
    """Local time of the device."""
    ended_at: Mapped[datetime | None]
    acquisition_protocol: Mapped[str | None]
    region: Mapped[str | None]
    region_code: Mapped[str | None]
    is_repeated: Mapped[bool | None]
    """A repetition of an exposure that was not good enough."""
    reason_for_repeating: Mapped[str | None]
    is_rejected: Mapped[bool | None]
    """Not good enough itself."""
    reason_for_rejecting: Mapped[str | None]
    comment: Mapped[str | None]
    person_name: Mapped[str | None]
    person_role: Mapped[str | None]
    device_role: Mapped[str | None]
    device_name: Mapped[str | None]
    device_manufacturer: Mapped[str | None]
    device_model: Mapped[str | None]
    device_serial_number: Mapped[str | None]
    device_observer_uid: Mapped[str | None]
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Original values and units of fields that were converted, or could not be."""
    derived: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    """The names of fields that the report does not state, but that were computed from it."""
    further: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Fields without a column, or with a value that does not fit their column, as JSON."""


class _OfEvent:
    """The key of a row that belongs to an irradiation event."""

    report_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)


def _event() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["report_id", "position"],
        ["irradiation_event.report_id", "irradiation_event.position"],
        ondelete="CASCADE",
    )


class CtIrradiation(_OfEvent, Base):
    """The additional columns of a CT acquisition."""

    __tablename__ = "ct_irradiation"
    __table_args__ = (_event(),)

    event_label: Mapped[str | None]
    acquisition_type: Mapped[str | None]
    acquisition_type_code: Mapped[str | None]
    reconstruction_algorithm: Mapped[str | None]
    procedure_context: Mapped[str | None]
    exposure_time_s: Mapped[float | None]
    scanning_length_mm: Mapped[float | None]
    length_of_reconstructable_volume_mm: Mapped[float | None]
    exposed_range_mm: Mapped[float | None]
    top_z_of_reconstructable_volume_mm: Mapped[float | None]
    bottom_z_of_reconstructable_volume_mm: Mapped[float | None]
    top_z_of_scanning_length_mm: Mapped[float | None]
    bottom_z_of_scanning_length_mm: Mapped[float | None]
    single_collimation_mm: Mapped[float | None]
    collimation_mm: Mapped[float | None]
    pitch: Mapped[float | None]
    xray_source_count: Mapped[int | None]
    kvp: Mapped[float | None]
    max_tube_current_ma: Mapped[float | None]
    tube_current_ma: Mapped[float | None]
    exposure_time_per_rotation_s: Mapped[float | None]
    ctdivol_mgy: Mapped[float | None]
    phantom_type: Mapped[str | None]
    phantom_type_code: Mapped[str | None]
    ctdi_free_air_mgy: Mapped[float | None]
    dlp_mgy_cm: Mapped[float | None]
    effective_dose_msv: Mapped[float | None]
    size_specific_dose_estimate_mgy: Mapped[float | None]
    water_equivalent_diameter_mm: Mapped[float | None]
    modulation_type: Mapped[str | None]
    dose_check: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """TID 10015, alert and notification: nested, and rarely there."""


class CtXRaySource(_OfEvent, Base):
    """An X-ray source of a CT acquisition; dual source systems have two."""

    __tablename__ = "ct_xray_source"
    __table_args__ = (_event(),)

    source_position: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str | None]
    kvp: Mapped[float | None]
    max_tube_current_ma: Mapped[float | None]
    tube_current_ma: Mapped[float | None]
    exposure_time_per_rotation_s: Mapped[float | None]
    filter_aluminum_equivalent_mm: Mapped[float | None]
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    derived: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    further: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class XRayIrradiation(_OfEvent, Base):
    """The additional columns of a projection X-ray or mammography exposure.

    For values that a device states once per pulse, `_values` has all in document order, `_mean` the mean of those not
    zero.
    """

    __tablename__ = "xray_irradiation"
    __table_args__ = (_event(),)

    event_label: Mapped[str | None]
    plane: Mapped[str | None]
    plane_code: Mapped[str | None]
    event_type: Mapped[str | None]
    event_type_code: Mapped[str | None]
    anatomical_structure: Mapped[str | None]
    anatomical_structure_code: Mapped[str | None]
    laterality: Mapped[str | None]
    laterality_code: Mapped[str | None]
    projection_eponymous_name: Mapped[str | None]
    image_view: Mapped[str | None]
    image_view_code: Mapped[str | None]
    image_view_modifiers: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    reference_point: Mapped[str | None]
    reference_point_code: Mapped[str | None]
    # TID 10003A
    dap_gy_m2: Mapped[float | None]
    rp_dose_gy: Mapped[float | None]
    entrance_exposure_mgy: Mapped[float | None]
    half_value_layer_mm_al: Mapped[float | None]
    exposure_index: Mapped[float | None]
    target_exposure_index: Mapped[float | None]
    deviation_index: Mapped[float | None]
    patient_equivalent_thickness_mm: Mapped[float | None]
    # TID 10003B
    fluoro_mode: Mapped[str | None]
    fluoro_mode_code: Mapped[str | None]
    pulse_rate_per_s: Mapped[float | None]
    number_of_pulses: Mapped[int | None]
    irradiation_duration_s: Mapped[float | None]
    kvp: Mapped[float | None]
    kvp_values: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    kvp_mean: Mapped[float | None]
    tube_current_ma: Mapped[float | None]
    tube_current_ma_values: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    tube_current_ma_mean: Mapped[float | None]
    avg_tube_current_ma: Mapped[float | None]
    exposure_time_ms: Mapped[float | None]
    exposure_time_ms_values: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    exposure_time_ms_mean: Mapped[float | None]
    pulse_width_ms: Mapped[float | None]
    pulse_width_ms_values: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    pulse_width_ms_mean: Mapped[float | None]
    exposure_uas: Mapped[float | None]
    exposure_uas_values: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    exposure_uas_mean: Mapped[float | None]
    focal_spot_mm: Mapped[float | None]
    anode: Mapped[str | None]
    anode_code: Mapped[str | None]
    grid: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    grid_code: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    collimated_field_area_m2: Mapped[float | None]
    collimated_field_height_mm: Mapped[float | None]
    collimated_field_width_mm: Mapped[float | None]
    # TID 10003C
    mechanical_configuration: Mapped[str | None]
    mechanical_configuration_code: Mapped[str | None]
    positioner_primary_angle_deg: Mapped[float | None]
    positioner_secondary_angle_deg: Mapped[float | None]
    positioner_primary_end_angle_deg: Mapped[float | None]
    positioner_secondary_end_angle_deg: Mapped[float | None]
    column_angulation_deg: Mapped[float | None]
    distance_source_to_isocenter_mm: Mapped[float | None]
    distance_source_to_reference_point_mm: Mapped[float | None]
    distance_source_to_detector_mm: Mapped[float | None]
    distance_source_to_table_plane_mm: Mapped[float | None]
    distance_source_to_entrance_mm: Mapped[float | None]
    patient_table_relationship: Mapped[str | None]
    patient_table_relationship_code: Mapped[str | None]
    patient_orientation: Mapped[str | None]
    patient_orientation_code: Mapped[str | None]
    patient_orientation_modifier: Mapped[str | None]
    patient_orientation_modifier_code: Mapped[str | None]
    table_head_tilt_deg: Mapped[float | None]
    table_horizontal_rotation_deg: Mapped[float | None]
    table_cradle_tilt_deg: Mapped[float | None]
    table_longitudinal_mm: Mapped[float | None]
    table_lateral_mm: Mapped[float | None]
    table_height_mm: Mapped[float | None]
    table_longitudinal_end_mm: Mapped[float | None]
    table_lateral_end_mm: Mapped[float | None]
    table_height_end_mm: Mapped[float | None]
    # Image headers, and what vendors add
    relative_xray_exposure: Mapped[float | None]
    relative_xray_exposure_unit: Mapped[str | None]
    sensitivity: Mapped[float | None]
    grid_focal_distance_mm: Mapped[float | None]
    exposure_control_mode: Mapped[str | None]
    exposure_control_description: Mapped[str | None]
    image_intensifier_diameter_mm: Mapped[float | None]
    number_of_frames_private: Mapped[int | None]
    shutter_left_mm: Mapped[float | None]
    shutter_right_mm: Mapped[float | None]
    shutter_top_mm: Mapped[float | None]
    shutter_bottom_mm: Mapped[float | None]
    # Mammography
    agd_mgy: Mapped[float | None]
    view: Mapped[str | None]
    view_code: Mapped[str | None]
    view_modifiers: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    compression_thickness_mm: Mapped[float | None]
    compression_force_n: Mapped[float | None]
    compression_pressure_kpa: Mapped[float | None]
    compression_contact_area_mm2: Mapped[float | None]
    breast_composition: Mapped[str | None]
    breast_composition_code: Mapped[str | None]
    percent_fibroglandular: Mapped[float | None]
    magnification_factor: Mapped[float | None]
    radiological_thickness_mm: Mapped[float | None]
    presentation_intent: Mapped[str | None]


class XRayFilter(_OfEvent, Base):
    """An X-ray filter of an exposure."""

    __tablename__ = "xray_filter"
    __table_args__ = (_event(),)

    filter_position: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str | None]
    type_code: Mapped[str | None]
    material: Mapped[str | None]
    material_code: Mapped[str | None]
    thickness_min_mm: Mapped[float | None]
    thickness_max_mm: Mapped[float | None]
    thickness_mean_mm: Mapped[float | None]
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    derived: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    further: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
