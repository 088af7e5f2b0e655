"""The nuclear medicine part of a document as rows. Pure."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table

from services.importer.storage.rows import Row, whole_row
from shared.database.models import Administration, OrganDose, PatientCharacteristics, PetSeries
from shared.stored_study import layout


def nuclear_rows(part: Mapping[str, Any]) -> list[tuple[Table, list[Row]]]:
    """Return the rows of an `nm` part by table, in an order in which they can be inserted."""
    administrations: list[Row] = []
    organ_doses: list[Row] = []
    for position, one in enumerate(part.get("administrations", ())):
        values = dict(one)
        for number, dose in enumerate(values.pop("organ_doses", ())):
            organ_doses.append({"position": position, "organ_position": number, **whole_row(layout.ORGAN_DOSE, dose)})
        administrations.append({"position": position, **whole_row(layout.ADMINISTRATION, values)})
    patient = part.get("patient")
    return [
        (layout.table_of(Administration), administrations),
        (layout.table_of(OrganDose), organ_doses),
        (layout.table_of(PatientCharacteristics), [whole_row(layout.PATIENT, patient)] if patient else []),
        (
            layout.table_of(PetSeries),
            [
                {"position": position, **whole_row(layout.PET_SERIES, one)}
                for position, one in enumerate(part.get("pet_series", ()))
            ],
        ),
    ]
