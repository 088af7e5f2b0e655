from decimal import Decimal

import pytest

from services.importer.extract.fields.units import UNITS, unit_factor


@pytest.mark.parametrize(
    ("unit", "base", "factor"),
    [
        ("dGy.cm2", "Gy.m2", "1e-5"),
        ("Gy.cm^2", "Gy.m2", "1e-4"),
        ("Gym2", "Gy.m2", "1"),
        ("Gy*m2", "Gy.m2", "1"),
        ("µGy·m²", "Gy.m2", "1e-6"),
        ("uGy.m2", "Gy.m2", "1e-6"),
        ("mGy", "Gy", "1e-3"),
        ("Gy", "mGy", "1e3"),
        ("mGy.cm", "mGy.cm", "1"),
        ("mGycm", "mGy.cm", "1"),
        ("uA.s", "uAs", "1"),
        ("mAs", "uAs", "1e3"),
        ("º", "deg", "1"),
        ("kg", "N", "9.80665"),
        ("{pulse}/s", "/s", "1"),
        ("Bq", "MBq", "1e-6"),
        ("KV", "kV", "1"),
        ("kV{peak}", "kV", "1"),
        ("cGycm²", "Gy.m2", "1e-6"),
        ("dGy\u00d7cm2", "Gy.m2", "1e-5"),
        ("uGy-m2", "Gy.m2", "1e-6"),
        ("mGy-cm", "mGy.cm", "1"),
        ("DGY.CM2", "Gy.m2", "1e-5"),
        ("μGy⋅m2", "Gy.m2", "1e-6"),
        ("s-1", "/s", "1"),
        ("[in_i]", "m", "0.0254"),
        ("[lb_av]", "kg", "0.45359237"),
        ("mm{Al}", "mm", "1"),
        ("ml/min/{1.73_m2}", "ml/min{1.73_m2}", "1"),
    ],
)
def test_ucum_codes_and_vendors_spellings(unit: str, base: str, factor: str) -> None:
    assert unit_factor(unit, base) == Decimal(factor)


@pytest.mark.parametrize(
    ("unit", "base"), [("furlong", "mm"), ("s", "mm"), ("mA.s", "mA"), ("Gy", "Gy.m2"), ("", "s"), ("{}", "s")]
)
def test_units_of_another_kind_are_not_known(unit: str, base: str) -> None:
    assert unit_factor(unit, base) is None


def test_every_base_unit_is_itself() -> None:
    for base in UNITS:
        assert unit_factor(base, base) == 1, base
