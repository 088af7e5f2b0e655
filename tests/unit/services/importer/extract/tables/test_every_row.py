"""Each row of each table is read: from the item that the standard has for it to the field that the row names."""

from collections.abc import Callable
from typing import Any

import pytest
from pydicom.dataset import Dataset

from services.importer.extract.fields.template import Field, Kind, Part, Repeat, Template
from services.importer.extract.tables import ct, mammography, projection, radiopharmaceutical
from services.importer.extract.tables import report as root
from tests.helpers.objects import every_row
from tests.unit.services.importer.extract.conftest import Extract

Values = dict[str, Any]
Where = Callable[[Values], Values]

CASES: dict[str, tuple[Callable[[], Dataset], Template, Where]] = {
    "sr": (every_row.ct_report, root.SR, lambda found: found["sr"]),
    "ct.accumulated": (every_row.ct_report, ct.ACCUMULATED, lambda found: found["ct"]),
    "ct.event": (every_row.ct_report, ct.EVENT, lambda found: found["ct"]["events"][0]),
    "xray.accumulated": (
        every_row.projection_report,
        projection.ACCUMULATED,
        lambda found: found["xray"]["accumulated"]["single"],
    ),
    "xray.event": (every_row.projection_report, projection.EVENT, lambda found: found["xray"]["events"][0]),
    "mg.event": (every_row.mammography_report, mammography.EVENT, lambda found: found["mg"]["events"][0]),
    "nm.administration": (
        every_row.radiopharmaceutical_report,
        radiopharmaceutical.ADMINISTRATION,
        lambda found: found["nm"]["administrations"][0],
    ),
    "nm.patient": (
        every_row.radiopharmaceutical_report,
        radiopharmaceutical.PATIENT,
        lambda found: found["nm"]["patient"],
    ),
}
BECOMES_THE_KEY = {("xray.accumulated", "plane")}


@pytest.mark.parametrize("name", CASES)
def test_each_row_becomes_its_field(document: Extract, name: str) -> None:
    make, template, where = CASES[name]
    values = where(document(make()))
    for row in template.rows:
        if isinstance(row, Part):
            _assert_part(values, row)
        elif (name, row.name) not in BECOMES_THE_KEY:
            _assert_field(values, row)


def test_no_warning_comes_of_a_report_as_the_standard_has_it(document: Extract) -> None:
    for make, _, _ in CASES.values():
        warnings = document(make())["outcome"]["warnings"]
        assert [warning for warning in warnings if "different values" not in warning] == []


def _assert_part(values: Values, row: Part) -> None:
    if row.template is None:
        return
    if row.name.startswith("dose_check."):
        inner = values["dose_check"][row.name.removeprefix("dose_check.")]
    else:
        assert len(values[row.name]) == 1
        inner = values[row.name][0]
    for each in row.template.rows:
        assert isinstance(each, Field)
        _assert_field(inner, each)


def _assert_field(values: Values, row: Field) -> None:
    wanted: Any = {
        Kind.NUMBER: every_row.NUMBER,
        Kind.COUNT: every_row.COUNT,
        Kind.DATETIME: every_row.MOMENT,
        Kind.FLAG: True,
    }.get(row.kind, every_row.text_of(row))
    if row.repeat is Repeat.LIST:
        wanted = [wanted]
    assert values[row.name] == wanted, row.name
    if row.kind is Kind.CODE:
        assert values[f"{row.name}_code"] == (
            [every_row.CODE_VALUE] if row.repeat is Repeat.LIST else every_row.CODE_VALUE
        )
