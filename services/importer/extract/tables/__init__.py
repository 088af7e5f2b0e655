"""The tables of content items that are read: one for each template of PS3.16, its rows in the standard's order.

To support a device that writes something else, add its code or meaning to a row, or a row to a table.
"""

from typing import Final

from services.importer.extract.fields.template import Template
from services.importer.extract.tables import arcadis, ct, mammography, projection, radiopharmaceutical, report

TEMPLATES: Final[dict[str, Template]] = {
    template.name: template
    for template in (
        report.SR,
        ct.ACCUMULATED,
        ct.EVENT,
        ct.SOURCE,
        ct.DOSE_CHECK_ALERT,
        ct.DOSE_CHECK_NOTIFICATION,
        projection.ACCUMULATED,
        projection.EVENT,
        projection.FILTER,
        projection.DETAILS,
        mammography.ACCUMULATED,
        mammography.EVENT,
        arcadis.SUMMARY,
        radiopharmaceutical.ADMINISTRATION,
        radiopharmaceutical.ORGAN_DOSE,
        radiopharmaceutical.PATIENT,
    )
}


def field_names(container: str) -> tuple[str, ...]:
    """Return every key that a container, a key of `TEMPLATES`, can have in a document.

    Besides these any container can have `raw` (values before conversion) and `derived` (names of computed ones).
    """
    return TEMPLATES[container].field_names()
