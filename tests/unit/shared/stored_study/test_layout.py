"""Every key that extraction can give has its column."""

import pytest

from services.importer.extract.tables import TEMPLATES, field_names
from services.importer.extract.tables.radiopharmaceutical import PET_SERIES_FIELDS
from shared.database.models import StudyPart
from shared.stored_study import layout
from shared.stored_study.columns import Container

CONTAINERS: dict[str, tuple[Container, ...]] = {
    "sr": (layout.SR,),
    "ct.accumulated": (layout.TOTALS[StudyPart.CT],),
    "ct.event": (layout.EVENT, layout.CT_EVENT),
    "ct.event.source": (layout.CT_SOURCE,),
    "xray.accumulated": (layout.ACCUMULATED,),
    "xray.event": (layout.EVENT, layout.XRAY_EVENT),
    "xray.event.filter": (layout.XRAY_FILTER,),
    "mg.accumulated": (layout.ACCUMULATED,),
    "mg.event": (layout.EVENT, layout.XRAY_EVENT),
    "xray.accumulated.arcadis": (layout.ACCUMULATED, layout.SR),
    "nm.administration": (layout.ADMINISTRATION,),
    "nm.administration.organ_dose": (layout.ORGAN_DOSE,),
    "nm.patient": (layout.PATIENT,),
}
NESTED = {"sources", "filters", "organ_doses", "dose_check.alert", "dose_check.notification"}
"""Tables of their own, or JSON in `ct_irradiation.dose_check`."""
NAMES_OF_ROWS = {
    "xray.accumulated": {"plane", "plane_code"},
    "mg.accumulated": {"laterality", "laterality_code"},
}
"""What becomes the key of the row."""
AS_JSON = {
    "ct.event.dose_check.alert",
    "ct.event.dose_check.notification",
    "nm.administration",
    "nm.administration.organ_dose",
    "nm.patient",
}
READ_INTO_OTHERS = {"xray.accumulated.arcadis", "xray.event.details"}
"""Their fields become those of `sr` and `xray.accumulated`, and of `xray.event`."""


@pytest.mark.parametrize("template", sorted(CONTAINERS))
def test_every_field_has_a_column(template: str) -> None:
    columns = {key for container in CONTAINERS[template] for key in container.keys}
    missing = set(field_names(template)) - columns - NESTED - NAMES_OF_ROWS.get(template, set())
    assert not missing


def test_every_field_of_a_pet_series_has_a_column() -> None:
    assert set(PET_SERIES_FIELDS) <= set(layout.PET_SERIES.keys)


@pytest.mark.parametrize("template", sorted(set(CONTAINERS) - {"sr", "ct.accumulated"}))
def test_raw_values_and_marks_of_derived_ones_have_a_place(template: str) -> None:
    assert {"raw", "derived"} <= {key for container in CONTAINERS[template] for key in container.keys}


def test_no_table_of_the_extraction_is_forgotten() -> None:
    assert set(TEMPLATES) == set(CONTAINERS) | AS_JSON | READ_INTO_OTHERS
