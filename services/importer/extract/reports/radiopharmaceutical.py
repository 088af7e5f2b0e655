"""The dose of nuclear medicine, from the containers of a radiopharmaceutical dose report (TID 10021)."""

from services.importer.extract.fields.collect import collect
from services.importer.extract.fields.content_tree import ContentItem
from services.importer.extract.fields.problems import Place, Warnings
from services.importer.extract.fields.template import Field
from services.importer.extract.tables import radiopharmaceutical
from shared.dose_document.document import NuclearDose
from shared.dose_document.values import Values, list_of

Containers = list[tuple[Place, ContentItem]]


def nuclear_dose(administrations: Containers, patient: Containers, warnings: Warnings) -> NuclearDose:
    """Return the administrations in document order, with organ doses, and the patient characteristics."""
    dose = NuclearDose(
        totals={"administrations_count": len(administrations)},
        administrations=[_administration(container, warnings, place) for place, container in administrations],
    )
    if patient:
        place, container = patient[0]
        dose.patient = collect(container, radiopharmaceutical.PATIENT, warnings, place)
    return dose


def _administration(container: ContentItem, warnings: Warnings, place: Place) -> Values:
    administration = collect(container, radiopharmaceutical.ADMINISTRATION, warnings, place)
    for position, item in enumerate(container.children, 1):
        row = radiopharmaceutical.ADMINISTRATION.find(item.concept) if item.concept else None
        if isinstance(row, Field) and row.name in radiopharmaceutical.MEASUREMENTS:
            below = collect(item, radiopharmaceutical.MEASUREMENT_DEVICE, warnings, Place(place, item, position))
            if "device" in below:
                administration.setdefault(radiopharmaceutical.MEASUREMENTS[row.name], below["device"])
    if "organ_doses" in administration:
        administration["organ_doses_count"] = len(list_of(administration, "organ_doses"))
    return administration
