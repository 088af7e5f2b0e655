"""The dose info image of Philips CT scanners: a secondary capture with the dose of each scan in its header."""

import re
from hashlib import sha256
from typing import Final

from services.importer.extract.fields.collect import mark_derived
from services.importer.extract.fields.problems import Warnings
from services.importer.extract.fields.values import parse_datetime
from services.importer.extract.images.header_fields import header_fields
from services.importer.extract.reports.ct import count_by_type
from services.importer.extract.tables import images
from shared.dicom.dataset import DataSet
from shared.dicom.header import ObjectHeader
from shared.dose_document.document import CtDose
from shared.dose_document.values import Values, without_none

_EXPOSURE_DOSE_SEQUENCE: Final = 0x0040030E
_TOTAL_NUMBER_OF_EXPOSURES: Final = 0x00400301
_COMMENTS_ON_RADIATION_DOSE: Final = 0x00400310
_ACQUISITION_TYPE: Final = 0x00189302
_ACQUISITION_DATETIME: Final = 0x0008002A
_CREATOR = "ELSCINT1"


def philips_ct_dose(header: ObjectHeader, attributes: DataSet, warnings: Warnings) -> CtDose:
    """Return the total, where it is stated, and an event for each exposure that has an acquisition type."""
    exposures = [item for item in attributes.items(_EXPOSURE_DOSE_SEQUENCE) if item.first(_ACQUISITION_TYPE)]
    events = [_event(header, position, item, warnings) for position, item in enumerate(exposures, 1)]
    count = attributes.number(_TOTAL_NUMBER_OF_EXPOSURES)
    totals: Values = {
        "irradiation_event_count": int(count) if count is not None else None,
        "total_dlp_mgy_cm": _private_number(attributes, 0x00E1, 0x21),
        "comment": attributes.text(_COMMENTS_ON_RADIATION_DOSE),
        "events_count": len(events),
    }
    return CtDose(totals=without_none(totals), events=events, count_by_type=count_by_type(events))


def _event(header: ObjectHeader, position: int, item: DataSet, warnings: Warnings) -> Values:
    event = header_fields(item, images.PHILIPS_CT_EVENT, warnings)
    written = item.first(_ACQUISITION_TYPE) or ""
    kind, code = images.CT_ACQUISITION_TYPES.get(written, (written, None))
    event["acquisition_type"] = kind
    if code:
        event["acquisition_type_code"] = code
    dlp = _private_number(item, 0x00E1, 0x21)
    if dlp is not None:
        event["dlp_mgy_cm"] = dlp
    phantom_tag = item.private_tag(0x01E1, 0x26, _CREATOR)
    size = re.sub(r"\s", "", item.text(phantom_tag) or "").upper() if phantom_tag else ""
    if size in images.PHANTOMS:
        event["phantom_type"], event["phantom_type_code"] = images.PHANTOMS[size]
    begun = parse_datetime(item.first(_ACQUISITION_DATETIME))
    if begun:
        event["started_at"] = begun.isoformat()
    mark_derived(event, irradiation_event_uid=event_uid(header.sop_instance_uid or "", position))
    return event


def event_uid(sop_instance_uid: str, position: int) -> str:
    """Return the UID of an event that has none: always the same for the same place in the same object.

    Of the form that PS3.5 section B.2 derives from a UUID.
    """
    digest = sha256(f"{sop_instance_uid}#{position}".encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def _private_number(attributes: DataSet, group: int, element: int) -> float | None:
    tag = attributes.private_tag(group, element, _CREATOR)
    return attributes.number(tag) if tag else None
