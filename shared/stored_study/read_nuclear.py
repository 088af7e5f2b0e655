"""Reading the nuclear medicine part of stored reports."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from shared.database.models import Administration, OrganDose, PatientCharacteristics, PetSeries
from shared.stored_study import layout
from shared.stored_study.query import rows_of, values_of

JsonObject = dict[str, Any]


def read_nuclear(connection: Connection, report_ids: Sequence[int]) -> dict[int, JsonObject]:
    """Return administrations with organ doses, patient characteristics and PET series by report."""
    parts: dict[int, JsonObject] = defaultdict(dict)
    administrations: dict[tuple[int, int], JsonObject] = {}
    for row in rows_of(connection, layout.table_of(Administration), report_ids):
        administration = values_of(layout.ADMINISTRATION, row)
        administrations[row["report_id"], row["position"]] = administration
        parts[row["report_id"]].setdefault("administrations", []).append(administration)
    for row in rows_of(connection, layout.table_of(OrganDose), report_ids):
        of = administrations[row["report_id"], row["position"]]
        of.setdefault("organ_doses", []).append(values_of(layout.ORGAN_DOSE, row))
    for row in rows_of(connection, layout.table_of(PatientCharacteristics), report_ids):
        parts[row["report_id"]]["patient"] = values_of(layout.PATIENT, row)
    for row in rows_of(connection, layout.table_of(PetSeries), report_ids):
        parts[row["report_id"]].setdefault("pet_series", []).append(values_of(layout.PET_SERIES, row))
    return parts
