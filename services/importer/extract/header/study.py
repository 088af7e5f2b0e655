"""The `object` and `study` parts of a dose document, from the header of the object."""

import re
from datetime import date
from typing import Final

from services.importer.extract.fields.problems import Warnings
from services.importer.extract.fields.values import parse_date, parse_time
from shared.dicom.dataset import SPECIFIC_CHARACTER_SET, DataSet
from shared.dicom.header import ObjectHeader, code_of
from shared.dicom.uid import sop_class_name
from shared.dose_document.flags import Flag
from shared.dose_document.values import Values, text_of

_CONTENT_TEMPLATE_SEQUENCE: Final = 0x0040A504
_REQUEST_ATTRIBUTES_SEQUENCE: Final = 0x00400275
_REFERENCED_REQUEST_SEQUENCE: Final = 0x0040A370
_REQUESTED_PROCEDURE_CODE_SEQUENCE: Final = 0x00321064
_REQUESTED_PROCEDURE_DESCRIPTION: Final = 0x00321060
_PROCEDURE_CODE_SEQUENCE: Final = 0x00081032
_PERFORMED_PROTOCOL_CODE_SEQUENCE: Final = 0x00400260

_TEXTS: Final = (
    ("study_id", 0x00200010),
    ("accession_number", 0x00080050),
    ("study_description", 0x00081030),
    ("protocol_name", 0x00181030),
    ("series_description", 0x0008103E),
    ("patient_name", 0x00100010),
    ("patient_id", 0x00100020),
    ("patient_age", 0x00101010),
    ("patient_sex", 0x00100040),
    ("referring_physician", 0x00080090),
    ("performing_physician", 0x00081050),
    ("reading_physician", 0x00081060),
    ("operator_name", 0x00081070),
    ("institution", 0x00080080),
    ("institution_address", 0x00080081),
    ("department", 0x00081040),
    ("manufacturer", 0x00080070),
    ("model", 0x00081090),
    ("station_name", 0x00081010),
    ("device_serial_number", 0x00181000),
    ("gantry_id", 0x00181008),
    ("software_versions", 0x00181020),
)
_NUMBERS: Final = (("patient_size_m", 0x00101020), ("patient_weight_kg", 0x00101030))
_DAYS_A_YEAR: Final = 365.25
_AGE_UNITS: Final = {"Y": 1.0, "M": 12.0, "W": 52.1775, "D": _DAYS_A_YEAR}
_AGE: Final = re.compile(r"(\d{1,3})\s?([YMWD])", re.ASCII)

STUDY_FIELDS: Final = (
    "study_instance_uid",
    "study_date",
    "study_time",
    "modality",
    *(name for name, _ in _TEXTS),
    "study_description_object",
    "requested_procedure",
    "procedure",
    "patient_birth_date",
    "patient_age_years",
    *(name for name, _ in _NUMBERS),
)


def object_part(header: ObjectHeader, attributes: DataSet) -> Values:
    """Return the `object` part: identifiers, SOP class, encoding, and for reports title and template."""
    character_sets = attributes.texts(SPECIFIC_CHARACTER_SET, keep_empty=True)
    template = attributes.first_item(_CONTENT_TEMPLATE_SEQUENCE)
    title = header.title_code
    return {
        "sop_class": sop_class_name(header.sop_class_uid or ""),
        "sop_class_uid": header.sop_class_uid,
        "sop_instance_uid": header.sop_instance_uid,
        "series_instance_uid": header.series_instance_uid,
        "transfer_syntax_uid": header.transfer_syntax_uid,
        "specific_character_set": list(character_sets) if len(character_sets) > 1 else "".join(character_sets) or None,
        "dicom_modality": header.modality,
        "document_title_code": f"{title.value}:{title.scheme}" if title else None,
        "document_title": title.meaning if title else None,
        "completion_flag": attributes.first(0x0040A491),
        "template_id": template.text(0x0040DB00) if template else None,
    }


def study_part(header: ObjectHeader, attributes: DataSet, warnings: Warnings, *, fall_back: bool) -> Values:
    """Return study, patient, procedure and equipment attributes.

    With `fall_back`, as for reports, content and then series date and time stand in for missing ones of the
    study. A date that is missing altogether stays so, with a warning: none is invented.
    """
    dates = (0x00080020, 0x00080023, 0x00080021) if fall_back else (0x00080020,)
    times = (0x00080030, 0x00080033, 0x00080031) if fall_back else (0x00080030,)
    study_date = next((day for day in (parse_date(attributes.first(tag)) for tag in dates) if day), None)
    study_time = next((clock for clock in (parse_time(attributes.first(tag)) for tag in times) if clock), None)
    if study_date is None:
        warnings.add(None, "the study date is missing")
    study: Values = {
        "study_instance_uid": header.study_instance_uid,
        "study_date": study_date.isoformat() if study_date else None,
        "study_time": study_time.isoformat() if study_time else None,
    }
    for name, tag in _TEXTS:
        study[name] = attributes.joined(tag)
    for name, tag in _NUMBERS:
        study[name] = attributes.number(tag)
        if study[name] is None and attributes.text(tag):
            warnings.add(None, f"{name} is not a number")
    study["requested_procedure"] = _requested_procedure(attributes)
    study["procedure"] = meaning(attributes, _PROCEDURE_CODE_SEQUENCE)
    _add_age(study, attributes, study_date, warnings)
    return study


def _requested_procedure(attributes: DataSet) -> str | None:
    """Return the first of the places where devices put the name of the procedure that was asked for."""
    return (
        meaning(attributes, _REQUESTED_PROCEDURE_CODE_SEQUENCE)
        or _of_request(attributes, _REQUEST_ATTRIBUTES_SEQUENCE)
        or meaning(attributes, _PROCEDURE_CODE_SEQUENCE)
        or attributes.text(_REQUESTED_PROCEDURE_DESCRIPTION)
        or meaning(attributes, _PERFORMED_PROTOCOL_CODE_SEQUENCE)
        or _of_request(attributes, _REFERENCED_REQUEST_SEQUENCE)
    )


def _of_request(attributes: DataSet, sequence: int) -> str | None:
    """Return what a request asks for: images have Request Attributes, reports a Referenced Request Sequence."""
    request = attributes.first_item(sequence)
    if request is None:
        return None
    return request.text(_REQUESTED_PROCEDURE_DESCRIPTION) or meaning(request, _REQUESTED_PROCEDURE_CODE_SEQUENCE)


def meaning(attributes: DataSet, sequence: int) -> str | None:
    """Return the meaning of the first code of a code sequence."""
    item = attributes.first_item(sequence)
    code = code_of(item) if item else None
    return code.meaning or None if code else None


def _add_age(study: Values, attributes: DataSet, study_date: date | None, warnings: Warnings) -> None:
    """Add birth date and age in years; a birth date after the study is kept, but no age follows from it."""
    written = attributes.first(0x00100030)
    birth_date = parse_date(written)
    study["patient_birth_date"] = birth_date.isoformat() if birth_date else None
    if written and birth_date is None:
        warnings.add(None, "the patient's birth date is not a date; left out")
    elif birth_date and study_date and birth_date > study_date:
        text = "the patient's birth date is after the study; the age is taken from Patient's Age"
        warnings.add(None, text, flag=Flag.AGE_NEGATIVE)
        birth_date = None
    if birth_date and study_date:
        study["patient_age_years"] = round((study_date - birth_date).days / _DAYS_A_YEAR, 1)
    else:
        study["patient_age_years"] = _age_in_years(text_of(study, "patient_age"))


def _age_in_years(age: str | None) -> float | None:
    """Return a Patient's Age (VR AS, `nnnD`, `W`, `M` or `Y`) in years."""
    match = _AGE.fullmatch((age or "").upper())
    return round(int(match[1]) / _AGE_UNITS[match[2]], 1) if match else None
