"""Mammography dose reports: TID 10001 with TID 10005, and the additions of TID 10003 for the breast."""

from services.importer.extract.fields.template import Field, Repeat, Template
from services.importer.extract.tables.projection import EVENT as PROJECTION_EVENT
from services.importer.extract.tables.rows import coded, number

_VIEW = ("image_view", "image_view_modifiers")
"""Rows of projection X-ray that have other field names in mammography."""

ACCUMULATED = Template(
    "mg.accumulated",
    "PS3.16 TID 10005",
    (
        coded("laterality", "G-C171", "Laterality", codes=("272741003",)),
        number(
            "agd_mgy",
            "111637",
            "Accumulated Average Glandular Dose",
            "mGy",
            meanings=("Accumulated Average Glandular Dose (mammo)",),
        ),
    ),
)

EVENT = Template(
    "mg.event",
    "PS3.16 TID 10003, TID 10003A, TID 10003B, TID 10003C",
    (
        *(row for row in PROJECTION_EVENT.rows if not (isinstance(row, Field) and row.name in _VIEW)),
        coded("view", "111031", "Image View"),
        Field("view_modifiers", "111032", "Image View Modifier", repeat=Repeat.LIST),
        number("agd_mgy", "111631", "Average Glandular Dose", "mGy"),
        number("compression_thickness_mm", "111633", "Compression Thickness", "mm"),
        number("compression_force_n", "111647", "Compression Force", "N"),
        number("compression_pressure_kpa", "111648", "Compression Pressure", "kPa"),
        number("compression_contact_area_mm2", "111649", "Compression Contact Area", "mm2"),
        # TID 4007
        coded("breast_composition", "F-01710", "Breast composition", codes=("111006", "129715009")),
        number("percent_fibroglandular", "111046", "Percent Fibroglandular Tissue", "%"),
    ),
    derived=(*PROJECTION_EVENT.derived, "radiological_thickness_mm"),
)
