"""Reading the nuclear medicine part of stored reports."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection

from shared.database.models import Administration, OrganDose, PatientCharacteristics, PetSeries
from shared.dose_document.document import NuclearDose
from shared.dose_document.values import Values, containers_of
from shared.stored_study import layout
from shared.stored_study.query import rows_of, values_of


def read_nuclear(connection: Connection, report_ids: Sequence[int]) -> dict[int, NuclearDose]:
    """Return administrations with organ doses, patient characteristics and PET series by report, without totals."""
    doses: dict[int, NuclearDose] = defaultdict(NuclearDose)
    administrations: dict[tuple[int, int], Values] = {}
    for row in rows_of(connection, layout.table_of(Administration), report_ids):
        administration = values_of(layout.ADMINISTRATION, row)
        administrations[row["report_id"], row["position"]] = administration
        doses[row["report_id"]].administrations.append(administration)
    for row in rows_of(connection, layout.table_of(OrganDose), report_ids):
        of = administrations[row["report_id"], row["position"]]
        of["organ_doses"] = [*containers_of(of, "organ_doses"), values_of(layout.ORGAN_DOSE, row)]
    for row in rows_of(connection, layout.table_of(PatientCharacteristics), report_ids):
        doses[row["report_id"]].patient = values_of(layout.PATIENT, row)
    for row in rows_of(connection, layout.table_of(PetSeries), report_ids):
        doses[row["report_id"]].pet_series.append(values_of(layout.PET_SERIES, row))
    return doses
