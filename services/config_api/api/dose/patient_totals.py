"""Patient totals: models of the sums over all fluoroscopy studies of a patient in some days."""

from datetime import date

from pydantic import Field

from services.config_api.actions.common.models import QueryModel
from services.config_api.api.common.base import ResponseModel
from shared.stored_study.patient_totals import DAYS


class PatientTotalsQuery(QueryModel):
    """The number of days before the study that are included."""

    days: int = Field(default=DAYS, ge=0, le=3650, description="Days before the study's own")


class DoseOfStudyOutput(ResponseModel):
    """A study that is part of the totals."""

    study_id: int
    study_date: date
    total_dap_gy_m2: float | None
    total_rp_dose_gy: float | None


class PatientTotalsOutput(ResponseModel):
    """The fluoroscopy studies with the same stored Patient ID, from a first day to the study's own; sums."""

    date_from: date
    date_until: date = Field(description="The day of the study; that whole day counts")
    total_dap_gy_m2: float | None = Field(description="Null where no study states it")
    total_rp_dose_gy: float | None = Field(description="Dose at the reference point; null where no study states it")
    studies: list[DoseOfStudyOutput]
