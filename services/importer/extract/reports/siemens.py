"""The XML fragments of `<Name SRData="value"/>` that Siemens angiography systems write into comments.

They are taken apart by pattern: they are often cut short, and an XML parser would give a hostile file more ways to
do harm.
"""

import re
from typing import Final

from services.importer.extract.fields.collect import mark_derived
from shared.dicom.dataset import parse_decimal
from shared.dose_document.values import Values

_VALUE = re.compile(r"<(\w{1,64})\s{1,8}SRData\s{0,8}=\s{0,8}(?:\"([^\"<>]{0,256})\"|'([^'<>]{0,256})')")
_POSITION = re.compile(r"(HF|FF)(S|P|DR|DL)")

_RELATIONSHIPS: Final = {"HF": ("headfirst", "F-10470"), "FF": ("feet-first", "F-10480")}
_MODIFIERS: Final = {
    "S": ("supine", "F-10340"),
    "P": ("prone", "F-10310"),
    "DR": ("right lateral decubitus", "F-10317"),
    "DL": ("left lateral decubitus", "F-10319"),
}


def patient_position(comment: str | None) -> str | None:
    """Return the Patient Position (PS3.3 section C.7.3.1.1.2) that the comment of a report states."""
    values = _values(comment)
    written = (values.get("Position") or values.get("PatientPosition") or "").upper()
    return written if _POSITION.fullmatch(written) else None


def image_intensifier_diameter(comment: str | None) -> float | None:
    """Return the diameter in mm that the comment of an irradiation event states."""
    return parse_decimal(_values(comment).get("iiDiameter", ""))


def add_patient_position(events: list[Values], position: str) -> None:
    """Say of events that say nothing themselves how the patient lay, from the position of the whole report."""
    match = _POSITION.fullmatch(position)
    if match is None:
        return
    (relationship, relationship_code), (modifier, modifier_code) = _RELATIONSHIPS[match[1]], _MODIFIERS[match[2]]
    for event in events:
        if not any(name.startswith("patient_orientation") or name == "patient_table_relationship" for name in event):
            mark_derived(
                event,
                patient_table_relationship=relationship,
                patient_table_relationship_code=relationship_code,
                patient_orientation="recumbent",
                patient_orientation_code="F-10450",
                patient_orientation_modifier=modifier,
                patient_orientation_modifier_code=modifier_code,
            )


def _values(comment: str | None) -> dict[str, str]:
    return {name: (in_double or in_single).strip() for name, in_double, in_single in _VALUE.findall(comment or "")}
