"""The tables against the standard, as pydicom has it in its dictionary of concepts."""

from typing import cast

import pytest
from pydicom.sr._concepts_dict import concepts

from services.importer.extract.fields.template import Field, Kind, Row, normalised
from services.importer.extract.fields.units import UNITS
from services.importer.extract.tables import TEMPLATES, field_names
from services.importer.extract.tables.report import CONTAINERS

STANDARD: dict[str, set[str]] = {}
for _codes in cast("dict[str, dict[str, tuple[str, list[int]]]]", concepts["DCM"]).values():
    for _code, (_meaning, *_) in _codes.items():
        STANDARD.setdefault(_code, set()).add(normalised(_meaning))

ROWS = [
    pytest.param(row, id=f"{template.name} {row.code}")
    for template in (*TEMPLATES.values(), CONTAINERS)
    for row in template.rows
]


@pytest.mark.parametrize("row", ROWS)
def test_codes_of_the_dicom_scheme_mean_what_the_standard_says(row: Row) -> None:
    if row.scheme or not (row.code.isdigit() and len(row.code) == 6):
        assert row.scheme or "-" in row.code, "a code of another scheme says so by its form"
        return
    assert row.code in STANDARD
    assert STANDARD[row.code] & {normalised(meaning) for meaning in (row.meaning, *row.meanings)}


@pytest.mark.parametrize("row", ROWS)
def test_units_are_known(row: Row) -> None:
    if isinstance(row, Field) and row.unit is not None:
        assert row.kind is Kind.NUMBER
        assert row.unit in UNITS


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_names_are_unique_within_a_container(name: str) -> None:
    names = [n for row in TEMPLATES[name].rows if isinstance(row, Field) for n in row.names()]
    assert len(names) == len(set(names))
    assert set(names) <= set(field_names(name))


@pytest.mark.parametrize(
    ("suffix", "unit"),
    [
        *(("_mgy_cm", "mGy.cm"), ("_mgy", "mGy"), ("_gy_m2", "Gy.m2"), ("_gy", "Gy"), ("_ma", "mA"), ("_uas", "uAs")),
        *(("_ms", "ms"), ("_mm", "mm"), ("_m2", "m2"), ("_deg", "deg"), ("_s", "s"), ("_n", "N"), ("_mbq", "MBq")),
    ],
)
def test_the_name_of_a_field_carries_its_unit(suffix: str, unit: str) -> None:
    suffixes = ("_mgy_cm", "_mgy", "_gy_m2", "_kg_m2", "_1_73m2", "_gy", "_ma", "_uas", "_ms", "_mm", "_mm2", "_m2")
    fields = [
        row
        for template in TEMPLATES.values()
        for row in template.rows
        if isinstance(row, Field)
        and row.kind is Kind.NUMBER
        and row.name.endswith(suffix)
        and not any(row.name.endswith(other) and len(other) > len(suffix) for other in suffixes)
    ]
    assert fields
    assert {row.unit for row in fields} <= {unit, "/s"}
