"""The document of a stored study: its dose as the reports state it, and what only the database knows."""

from typing import Any

from sqlalchemy.orm import Session

from services.config_api.web import problem
from shared.stored_study import read_studies
from shared.stored_study.patient_totals import DAYS, PatientTotals, patient_totals

JsonObject = dict[str, Any]


def find_study_document(session: Session, study_id: int) -> JsonObject:
    """Return the document of a study.

    Beside what `shared.stored_study` reads, it has under `outcome` every SOP instance that was imported for the study,
    and under `xray` of a fluoroscopy study the patient's totals over 14 days.

    Raises:
        ProblemError: there is no study of this id.
    """
    connection = session.connection()
    found = read_studies(connection, [study_id])
    if not found:
        raise problem.not_found(f"there is no study {study_id}", "GET /api/v1/studies lists those there are")
    document = found[0].document.to_json()
    document["outcome"]["processed_sop_instance_uids"] = list(found[0].processed_sop_instance_uids)
    totals = patient_totals(connection, study_id)
    if totals is not None:
        values = {
            f"patient_total_dap_over_{DAYS}_days_gy_m2": totals.total_dap_gy_m2,
            f"patient_total_rp_dose_over_{DAYS}_days_gy": totals.total_rp_dose_gy,
        }
        known = {name: value for name, value in values.items() if value is not None}
        part = document["xray"]
        part |= known | {"derived": [*part.get("derived", ()), *known]}
    return document


def find_patient_totals(session: Session, study_id: int, *, days: int) -> PatientTotals:
    """Return the sums over the fluoroscopy studies of a study's patient, from `days` days before it to its own day.

    Raises:
        ProblemError: there are none for this study.
    """
    totals = patient_totals(session.connection(), study_id, days=days)
    if totals is None:
        raise problem.not_found(
            f"there are no patient totals for study {study_id}",
            "a fluoroscopy study has them, if it has a date and a Patient ID that the privacy policy stores",
        )
    return totals
