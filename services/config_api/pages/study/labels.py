"""Labels and units for the keys of a dose document. Pure functions.

Keys carry their unit (`total_dlp_mgy_cm`). Where clinics speak of another unit than the document's, the page shows
that one: Gy·cm² for dose area product, mGy for the dose at the reference point, mAs for exposure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.config_api.pages.common.formatting import NOTHING


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is shown, and the factor for the document's number."""

    text: str
    factor: float = 1


_UNITS: Mapping[str, Unit] = {
    "_mgy_cm": Unit("mGy·cm"),
    "_gy_m2": Unit("Gy·cm²", 1e4),
    "_mm_al": Unit("mm Al"),
    "_per_s": Unit("/s"),
    "_mgy": Unit("mGy"),
    "_msv": Unit("mSv"),
    "_mbq": Unit("MBq"),
    "_cm3": Unit("cm³"),
    "_uas": Unit("mAs", 1e-3),
    "_kev": Unit("keV"),
    "_deg": Unit("°"),
    "_percent": Unit("%"),
    "_gy": Unit("mGy", 1e3),
    "_mm": Unit("mm"),
    "_m2": Unit("cm²", 1e4),
    "_ma": Unit("mA"),
    "_ms": Unit("ms"),
    "_ns": Unit("ns"),
    "_kg": Unit("kg"),
    "_s": Unit("s"),
    "_m": Unit("m"),
    "_n": Unit("N"),
}
_WORDS = {
    "agd": "AGD", "ct": "CT", "ctdivol": "CTDIvol", "dap": "DAP", "dlp": "DLP", "id": "ID", "kvp": "kVp", "rp": "RP",
    "sop": "SOP", "uid": "UID", "uids": "UIDs", "xml": "XML", "xray": "X-ray",
}  # fmt: skip


def split_unit(key: str) -> tuple[str, Unit]:
    """Return a key without its unit, and the unit; one without text where the key has none."""
    stem, ending = (key.removesuffix("_values"), "_values") if key.endswith("_values") else (key, "")
    stem, ending = (stem.removesuffix("_mean"), "_mean") if stem.endswith("_mean") else (stem, ending)
    for suffix, unit in _UNITS.items():
        if stem.endswith(suffix) and stem != suffix:
            return stem.removesuffix(suffix) + ending, unit
    return key, Unit("kV") if stem.endswith("kvp") else Unit("")


def label(key: str) -> str:
    """Return the words of a key, without its unit."""
    stem, _ = split_unit(key)
    words = [_WORDS.get(word, word) for word in stem.split("_") if word]
    text = " ".join(words)
    return text[:1].upper() + text[1:] if words and words[0] == words[0].lower() else text


def show(key: str, value: Any) -> str:
    """Return a JSON value as text in the unit of `key`, without the unit."""
    _, unit = split_unit(key)
    match value:
        case None | "" | []:
            text = NOTHING
        case bool():
            text = "yes" if value else "no"
        case int() | float():
            text = f"{value * unit.factor:.6g}" if unit.factor != 1 or isinstance(value, float) else str(value)
        case list():
            text = "; ".join(show(key, one) for one in value)
        case dict():
            text = ", ".join(f"{label(name)} {with_unit(name, one)}" for name, one in plain_items(value))
        case _:
            text = _moment(str(value))
    return text


def with_unit(key: str, value: Any) -> str:
    """Return a JSON value as text with the unit of `key`."""
    text = show(key, value)
    _, unit = split_unit(key)
    if not unit.text or text == NOTHING:
        return text
    return f"{text}{unit.text}" if unit.text in {"°", "%"} else f"{text} {unit.text}"


def plain_items(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the items of a container without empty values and without codes that stand beside their meaning."""
    return [
        (key, value)
        for key, value in values.items()
        if value not in (None, "", [], {})
        and key != "derived"
        and not (key.endswith("_code") and key.removesuffix("_code") in values)
    ]


def _moment(text: str) -> str:
    """Return a DICOM date-time with a blank in place of the T; other text as it is."""
    if len(text) >= 19 and text[4] == "-" and text[10] == "T" and text[:4].isdigit():
        return text[:10] + " " + text[11:]
    return text
