"""Dose reports that hold an item for every row of the extraction's tables, with a plausible value of its kind."""

from pydicom.dataset import Dataset

from services.importer.extract.fields.template import Field, Kind, Part, Template
from services.importer.extract.tables import ct, mammography, projection, radiopharmaceutical
from services.importer.extract.tables import report as root
from tests.helpers.objects.content_items import coded, container, moment, num, report, text

NUMBER = 1.5
COUNT = 2
MOMENT = "2026-03-14T09:15:30"
CODE_VALUE = "4711"

MAMMOGRAPHY = coded("121058", "Procedure reported", "71651007", "Mammography")
LATERALITY = coded("G-C171", "Laterality", "80248007", "Left breast")


def items_of(template: Template) -> list[Dataset]:
    """Return an item for each row, in the unit that the row asks for."""
    return [_part(row) if isinstance(row, Part) else _item(row) for row in template.rows]


def text_of(row: Field) -> str:
    """Return the text, or the meaning of the code, that an item has."""
    return f"the {row.meaning}"[:64]


def _part(row: Part) -> Dataset:
    return container(row.code, row.meaning, *(items_of(row.template) if row.template else ()), scheme=_scheme(row))


def _item(row: Field) -> Dataset:
    concept, scheme = (row.code, row.meaning), _scheme(row)
    if row.kind is Kind.NUMBER:
        return num(*concept, str(NUMBER), row.unit or "1", scheme=scheme)
    if row.kind is Kind.COUNT:
        return num(*concept, str(COUNT), "1", scheme=scheme)
    if row.kind is Kind.DATETIME:
        return moment(*concept, MOMENT.translate({ord(mark): None for mark in "-T:"}))
    if row.kind is Kind.CODE:
        return coded(*concept, CODE_VALUE, text_of(row), scheme=scheme)
    if row.kind is Kind.FLAG:
        return coded(*concept, "373066001", "Yes", scheme=scheme)
    return text(*concept, text_of(row), scheme=scheme)


def _scheme(row: Field | Part) -> str:
    return row.scheme or "DCM"


def ct_report() -> Dataset:
    """Return a report by TID 10011."""
    return report(
        *items_of(root.SR),
        container("113811", "CT Accumulated Dose Data", *items_of(ct.ACCUMULATED)),
        container("113819", "CT Acquisition", *items_of(ct.EVENT)),
    )


def projection_report() -> Dataset:
    """Return a report by TID 10001."""
    return report(
        *items_of(root.SR),
        container("113702", "Accumulated X-Ray Dose Data", *items_of(projection.ACCUMULATED)),
        container("113706", "Irradiation Event X-Ray Data", *items_of(projection.EVENT)),
    )


def mammography_report() -> Dataset:
    """Return a report by TID 10001 of mammography."""
    doses = [item for item in items_of(mammography.ACCUMULATED) if item.ValueType == "NUM"]
    return report(
        MAMMOGRAPHY,
        container("113702", "Accumulated X-Ray Dose Data", *doses, LATERALITY),
        container("113706", "Irradiation Event X-Ray Data", *items_of(mammography.EVENT)),
    )


def radiopharmaceutical_report() -> Dataset:
    """Return a report by TID 10021."""
    dataset = report(
        *items_of(root.SR),
        container("113502", "Radiopharmaceutical Administration", *items_of(radiopharmaceutical.ADMINISTRATION)),
        container("121118", "Patient Characteristics", *items_of(radiopharmaceutical.PATIENT)),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.88.68",
    )
    dataset.ConceptNameCodeSequence[0].CodeValue = "113500"
    return dataset
