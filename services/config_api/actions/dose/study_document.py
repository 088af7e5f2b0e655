"""A stored study as the interface and the page show it: its document, and what only the database knows."""

from typing import Any

from sqlalchemy import Connection

from shared.stored_study import read_studies
from shared.stored_study.patient_totals import DAYS, patient_totals

JsonObject = dict[str, Any]


def study_document(connection: Connection, study_id: int) -> JsonObject | None:
    """Return the document of a study; None where there is none of this id.

    Beside what `shared.stored_study` reads, it has under `outcome` every SOP instance that the study has seen, and
    under `xray` of a fluoroscopy study the patient's totals over 14 days.
    """
    found = read_studies(connection, [study_id])
    if not found:
        return None
    document = found[0].document
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
