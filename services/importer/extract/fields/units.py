"""Units of measurement: the UCUM codes that the templates ask for, and what devices write instead.

Each base unit has its spellings with the factor that turns a value into it. A physicist adds a spelling by adding
a row. Spellings are compared without blanks, signs of multiplication, powers and hyphens, so `Gy.m2`, `Gym2`, `Gy*m2`,
`Gy-m2` and `Gy·m^2` are one; an annotation in braces, as in `mA{peak}`, says nothing unless a row has it.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

_IGNORED = re.compile(r"[\s.·⋅∙•×^*-]")  # noqa: RUF001 (they are what devices write)
_ANNOTATION = re.compile(r"\{[^{}]*\}")
_MICRO = str.maketrans({"\u00b5": "u", "\u03bc": "u", "²": "2", "³": "3"})

UNITS: Final[dict[str, dict[str, str]]] = {
    # dose area product
    "Gy.m2": {
        "Gy.m2": "1",
        "mGy.m2": "1e-3",
        "uGy.m2": "1e-6",
        "Gy.cm2": "1e-4",
        "dGy.cm2": "1e-5",
        "cGy.cm2": "1e-6",
        "mGy.cm2": "1e-7",
        "uGy.cm2": "1e-10",
        "R.cm2": "8.76e-7",
    },
    # absorbed dose, air kerma
    "Gy": {"Gy": "1", "dGy": "1e-1", "cGy": "1e-2", "mGy": "1e-3", "uGy": "1e-6"},
    "mGy": {
        "mGy": "1",
        "Gy": "1e3",
        "dGy": "1e2",
        "cGy": "10",
        "uGy": "1e-3",
        "rad": "10",
        "mrad": "1e-2",
        "R": "8.76",
        "mR": "8.76e-3",
    },
    "mGy.cm": {"mGy.cm": "1", "Gy.cm": "1e3", "uGy.cm": "1e-3", "uGy.m": "0.1", "mGy.mm": "0.1"},
    "mSv": {"mSv": "1", "Sv": "1e3", "uSv": "1e-3"},
    "mSv/MBq": {"mSv/MBq": "1", "mSv.MBq-1": "1"},
    # generator
    "kV": {"kV": "1", "kVp": "1", "V": "1e-3"},
    "mA": {"mA": "1", "uA": "1e-3", "A": "1e3"},
    "uAs": {"uA.s": "1", "uAs": "1", "mA.s": "1e3", "mAs": "1e3"},
    # time
    "s": {"s": "1", "sec": "1", "seconds": "1", "ms": "1e-3", "us": "1e-6", "min": "60", "h": "3600"},
    "ms": {"ms": "1", "msec": "1", "s": "1e3", "us": "1e-3", "min": "6e4"},
    # geometry
    "mm": {
        "mm": "1",
        "cm": "10",
        "dm": "100",
        "m": "1e3",
        "um": "1e-3",
        "mm_Al": "1",
        "mm(Al)": "1",
        "mmAl": "1",
        "[in_i]": "25.4",
        "in": "25.4",
    },
    "m": {"m": "1", "cm": "1e-2", "mm": "1e-3", "[in_i]": "0.0254", "in": "0.0254", "[ft_i]": "0.3048"},
    "m2": {"m2": "1", "dm2": "1e-2", "cm2": "1e-4", "mm2": "1e-6"},
    "mm2": {"mm2": "1", "cm2": "1e2", "m2": "1e6"},
    "cm3": {"cm3": "1", "ml": "1", "mL": "1", "cc": "1", "l": "1e3", "L": "1e3", "mm3": "1e-3"},
    "deg": {"deg": "1", "°": "1", "º": "1", "o": "1", "degree": "1", "degrees": "1", "rad": "57.29577951308232"},
    # other
    "N": {"N": "1", "daN": "10", "kN": "1e3", "kg": "9.80665", "kgf": "9.80665", "[lbf_av]": "4.4482216"},
    "kPa": {"kPa": "1", "Pa": "1e-3", "hPa": "0.1", "mbar": "0.1", "N/cm2": "10", "daN/cm2": "1e2"},
    "g": {"g": "1", "kg": "1e3", "mg": "1e-3"},
    "kg": {"kg": "1", "g": "1e-3", "[lb_av]": "0.45359237", "lb": "0.45359237"},
    "kg/m2": {"kg/m2": "1", "kg.m-2": "1"},
    "a": {"a": "1", "year": "1", "years": "1", "y": "1", "mo": "0.0833333333", "wk": "0.0191653", "d": "0.0027378508"},
    "h": {"h": "1", "hour": "1", "hours": "1", "min": "0.0166666667", "d": "24"},
    "ml": {"ml": "1", "mL": "1", "cm3": "1", "l": "1e3", "L": "1e3"},
    "mmol/l": {"mmol/l": "1", "mg/dl": "0.0555", "g/l": "5.55"},
    "umol/l": {"umol/l": "1", "mmol/l": "1e3", "mg/dl": "88.42"},
    "ml/min{1.73_m2}": {"ml/min{1.73_m2}": "1", "ml/min/{1.73_m2}": "1", "ml/min": "1", "ml/min/1.73m2": "1"},
    "MBq": {"MBq": "1", "Bq": "1e-6", "kBq": "1e-3", "GBq": "1e3", "uCi": "0.037", "mCi": "37"},
    "%": {"%": "1", "percent": "1", "{percent}": "1"},
    "/s": {
        "{pulse}/s": "1",
        "pulse/s": "1",
        "pulses/s": "1",
        "/s": "1",
        "1/s": "1",
        "Hz": "1",
        "fps": "1",
        "pps": "1",
        "s-1": "1",
    },
}


def _spelled(text: str) -> str:
    return _IGNORED.sub("", text.translate(_MICRO))


_FACTORS: Final = {
    base: {_spelled(spelling): Decimal(factor) for spelling, factor in spellings.items()}
    for base, spellings in UNITS.items()
}


@lru_cache(maxsize=1024)
def unit_factor(unit: str, base: str) -> Decimal | None:
    """Return the factor that converts a value in `unit` to `base`, None when the unit is not known for it."""
    factors = _FACTORS[base]
    for spelled in (_spelled(unit), _spelled(_ANNOTATION.sub("", unit))):
        if spelled in factors:
            return factors[spelled]
        same = {factor for known, factor in factors.items() if known.casefold() == spelled.casefold()}
        if len(same) == 1:
            return same.pop()
    return None
