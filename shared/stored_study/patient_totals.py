"""The totals of a patient over the fluoroscopy studies in the days up to a study, as skin dose adds up.

Studies belong to one patient if the stored Patient ID, plain or hashed, is the same. Without a stored Patient ID there
are no totals. Nothing of this is stored: a study that comes late counts at once.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from shared.database.models import Study, StudyPart

FLUOROSCOPY: Final = "RF"
"""The class of the studies that are added up, also if it comes from the user modality."""
DAYS: Final = 14
"""The default number of days, used in the document of a study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseOfStudy:
    """One of the studies that make up a total. Units: Gy·m², Gy."""

    study_id: int
    study_date: date
    total_dap_gy_m2: float | None
    total_rp_dose_gy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTotals:
    """The fluoroscopy studies of a patient from `date_from` to `date_until`, both included, the earliest first."""

    date_from: date
    date_until: date
    studies: tuple[DoseOfStudy, ...]

    @property
    def total_dap_gy_m2(self) -> float | None:
        """Dose area product; None where no study states it."""
        return _sum([study.total_dap_gy_m2 for study in self.studies])

    @property
    def total_rp_dose_gy(self) -> float | None:
        """Dose at the reference point; None where no study states it."""
        return _sum([study.total_rp_dose_gy for study in self.studies])


def patient_totals(connection: Connection, study_id: int, *, days: int = DAYS) -> PatientTotals | None:
    """Return the totals of the patient of a fluoroscopy study in the `days` days before it, and on its day.

    None: there is no such study, it is no fluoroscopy, or its Patient ID or its date is not stored.
    """
    of = connection.execute(
        select(Study.patient_id, Study.study_date).where(
            Study.id == study_id,
            Study.part == StudyPart.XRAY,
            Study.modality == FLUOROSCOPY,
            Study.patient_id.is_not(None),
            Study.study_date.is_not(None),
        )
    ).one_or_none()
    if of is None:
        return None
    first = date.fromordinal(max(of.study_date.toordinal() - days, 1))
    rows = connection.execute(
        select(Study.id, Study.study_date, Study.total_dap_gy_m2, Study.total_rp_dose_gy)
        .where(
            Study.patient_id == of.patient_id,
            Study.part == StudyPart.XRAY,
            Study.modality == FLUOROSCOPY,
            Study.study_date.between(first, of.study_date),
        )
        .order_by(Study.study_date, Study.study_time, Study.id)
    )
    return PatientTotals(
        date_from=first,
        date_until=of.study_date,
        studies=tuple(
            DoseOfStudy(
                study_id=row.id,
                study_date=row.study_date,
                total_dap_gy_m2=row.total_dap_gy_m2,
                total_rp_dose_gy=row.total_rp_dose_gy,
            )
            for row in rows
        ),
    )


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None
