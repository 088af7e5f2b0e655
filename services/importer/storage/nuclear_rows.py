"""The rows of tables that hold the dose of nuclear medicine. Pure functions."""

from sqlalchemy import Table

from services.importer.storage.rows import whole_row
from shared.database.models import Administration, OrganDose, PatientCharacteristics, PetSeries
from shared.dose_document.document import NuclearDose
from shared.dose_document.values import containers_of
from shared.stored_study import layout
from shared.stored_study.columns import Row


def nuclear_rows(dose: NuclearDose) -> list[tuple[Table, list[Row]]]:
    """Return the rows by table, in an order in which they can be inserted."""
    administrations: list[Row] = []
    organ_doses: list[Row] = []
    for position, one in enumerate(dose.administrations):
        for number, organ in enumerate(containers_of(one, "organ_doses")):
            organ_doses.append({"position": position, "organ_position": number, **whole_row(layout.ORGAN_DOSE, organ)})
        values = {name: value for name, value in one.items() if name != "organ_doses"}
        administrations.append({"position": position, **whole_row(layout.ADMINISTRATION, values)})
    return [
        (layout.table_of(Administration), administrations),
        (layout.table_of(OrganDose), organ_doses),
        (layout.table_of(PatientCharacteristics), [whole_row(layout.PATIENT, dose.patient)] if dose.patient else []),
        (
            layout.table_of(PetSeries),
            [
                {"position": position, **whole_row(layout.PET_SERIES, one)}
                for position, one in enumerate(dose.pet_series)
            ],
        ),
    ]
