"""Radiation summary of Siemens Arcadis C-arms: an Enhanced SR in a scheme of their own, totals only."""

from services.importer.extract.fields.template import Template
from services.importer.extract.tables.rows import count, moment, number

_SCHEME = "99SMS_RADSUM"

SUMMARY = Template(
    "xray.accumulated.arcadis",
    "Siemens private scheme 99SMS_RADSUM",
    (
        count("radiographic_frames", "C-200", "Total number of exposures", scheme=_SCHEME),
        number("fluoro_time_s", "C-202", "Cumulative fluoro time", "s", scheme=_SCHEME),
        number("total_dap_gy_m2", "C-204", "Cumulative dose area product", "Gy.m2", scheme=_SCHEME),
        moment("start_of_irradiation", "C-206", "Start of the examination", scheme=_SCHEME),
        moment("end_of_irradiation", "C-208", "End of the examination", scheme=_SCHEME),
        number("total_rp_dose_gy", "C-210", "Cumulative air kerma", "Gy", scheme=_SCHEME),
    ),
)
