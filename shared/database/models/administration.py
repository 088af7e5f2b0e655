"""Nuclear medicine: administrations of radiopharmaceuticals (TID 10022 to 10024), and PET series."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base


class _OfReport:
    """The common columns of rows that belong to a report: the key, and fields without a column."""

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), primary_key=True)
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Original values and units of fields that were converted, or could not be."""
    derived: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    """The names of fields that the object does not state, but that were computed from it."""
    further: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Fields without a column, or with a value that does not fit their column, as JSON."""


class Administration(_OfReport, Base):
    """The administration of a radiopharmaceutical."""

    __tablename__ = "administration"

    position: Mapped[int] = mapped_column(primary_key=True)
    """Place in its report, from 0."""
    radiopharmaceutical: Mapped[str | None]
    radiopharmaceutical_code: Mapped[str | None]
    radiopharmaceutical_text: Mapped[str | None]
    radionuclide: Mapped[str | None]
    radionuclide_code: Mapped[str | None]
    half_life_s: Mapped[float | None]
    specific_activity: Mapped[float | None]
    event_uid: Mapped[str | None]
    extravasation_symptoms: Mapped[str | None]
    extravasation_activity_percent: Mapped[float | None]
    started_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    activity_mbq: Mapped[float | None]
    effective_dose_msv: Mapped[float | None]
    effective_dose_reference_authority: Mapped[str | None]
    volume_cm3: Mapped[float | None]
    pre_administration_activity_mbq: Mapped[float | None]
    post_administration_activity_mbq: Mapped[float | None]
    activity_measurement_device: Mapped[str | None]
    pre_administration_measurement_device: Mapped[str | None]
    post_administration_measurement_device: Mapped[str | None]
    route: Mapped[str | None]
    route_code: Mapped[str | None]
    site: Mapped[str | None]
    site_code: Mapped[str | None]
    laterality: Mapped[str | None]
    organ_doses_count: Mapped[int | None]
    brand_name: Mapped[str | None]
    drug_product_identifier: Mapped[str | None]
    dispense_unit_identifier: Mapped[str | None]
    lot_identifier: Mapped[str | None]
    reagent_vial_identifier: Mapped[str | None]
    radionuclide_vial_identifier: Mapped[str | None]
    prescription_identifier: Mapped[str | None]
    billing_codes: Mapped[str | None]
    comment: Mapped[str | None]
    person_name: Mapped[str | None]
    person_role: Mapped[str | None]


class OrganDose(Base):
    """The dose to an organ by one administration."""

    __tablename__ = "organ_dose"
    __table_args__ = (
        ForeignKeyConstraint(
            ["report_id", "position"], ["administration.report_id", "administration.position"], ondelete="CASCADE"
        ),
    )

    report_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    organ_position: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str | None]
    site_code: Mapped[str | None]
    laterality: Mapped[str | None]
    mass_g: Mapped[float | None]
    dose_mgy: Mapped[float | None]
    measurement_method: Mapped[str | None]
    reference_authority: Mapped[str | None]
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    derived: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    further: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class PatientCharacteristics(_OfReport, Base):
    """The patient characteristics of a radiopharmaceutical dose report. They do not identify the patient."""

    __tablename__ = "patient_characteristics"

    age_years: Mapped[float | None]
    sex: Mapped[str | None]
    sex_code: Mapped[str | None]
    height_m: Mapped[float | None]
    weight_kg: Mapped[float | None]
    body_surface_area_m2: Mapped[float | None]
    body_surface_area_formula: Mapped[str | None]
    body_mass_index_kg_m2: Mapped[float | None]
    equation: Mapped[str | None]
    glucose_mmol_l: Mapped[float | None]
    fasting_duration_h: Mapped[float | None]
    hydration_volume_ml: Mapped[float | None]
    recent_physical_activity: Mapped[str | None]
    patient_state: Mapped[str | None]
    serum_creatinine_umol_l: Mapped[float | None]
    glomerular_filtration_rate_ml_min_1_73m2: Mapped[float | None]
    measurement_method: Mapped[str | None]


class PetSeries(_OfReport, Base):
    """A series of PET images, as its first image describes it."""

    __tablename__ = "pet_series"

    position: Mapped[int] = mapped_column(primary_key=True)
    series_instance_uid: Mapped[str | None]
    started_at: Mapped[datetime | None]
    number_of_slices: Mapped[int | None]
    reconstruction_method: Mapped[str | None]
    coincidence_window_width_ns: Mapped[float | None]
    energy_window_lower_kev: Mapped[float | None]
    energy_window_upper_kev: Mapped[float | None]
    corrections: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    corrections_count: Mapped[int | None]
    series_type: Mapped[list[str] | None] = mapped_column(ARRAY(String))
