"""What a dose document contributes to a study: one contribution for each of its parts. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydicom.uid import SecondaryCaptureImageStorage

from services.importer.reading.contribution import Contribution, EventIdentity
from shared.database.models import StudyPart
from shared.dicom.dose_object_kind import DoseObjectKind
from shared.stored_study.rank import CONTENT_KEY

_MAX_KEY = 64
_IMAGES = frozenset(
    (
        DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER,
        DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER,
        DoseObjectKind.NUCLEAR_MEDICINE_IMAGE_HEADER,
        DoseObjectKind.PHILIPS_CT_DOSE_INFO_IMAGE,
    )
)

_TECHNIQUE = (
    "laterality",
    "view",
    "kvp",
    "exposure_uas",
    "exposure_time_ms",
    "dap_gy_m2",
    "agd_mgy",
    "entrance_exposure_mgy",
    "positioner_primary_angle_deg",
)


def parts_of(document: Mapping[str, Any]) -> list[StudyPart]:
    """Return the parts that a document has; each belongs to a study of its own.

    Beside its own part a mammography report states the planes of `xray`: that alone is no study.
    """
    return [
        part for part in StudyPart if part.value in document and (part is not StudyPart.XRAY or "mg" not in document)
    ]


def is_image(document: Mapping[str, Any]) -> bool:
    """Tell whether the dose was read from an image header."""
    return document["outcome"]["object_kind"] in _IMAGES


def contribution(document: Mapping[str, Any], part: StudyPart) -> Contribution:
    """Return what one part of a document contributes."""
    sop_instance_uid = document["object"]["sop_instance_uid"]
    image = is_image(document)
    nuclear = part is StudyPart.NM
    identities = (
        _nuclear_identities(document["nm"], image=image)
        if nuclear
        else _event_identities(document[part.value].get("events", ()), sop_instance_uid, exposure(document, part))
    )
    return Contribution(
        sop_instance_uid=sop_instance_uid,
        events=tuple(identities),
        is_image=image,
        of_series=image and nuclear,
        of_whole_study=image and part is StudyPart.CT,
    )


def exposure(document: Mapping[str, Any], part: StudyPart) -> str | None:
    """Return what tells the exposure of an image from others that started in the same second: its technique.

    The images for processing and for presentation of one exposure agree in it. A projection of a tomosynthesis
    (Hologic, Secondary Capture) is an exposure of its own, though it is like the others of its sweep. None: a report.
    """
    if part not in (StudyPart.XRAY, StudyPart.MG) or not is_image(document):
        return None
    about = document["object"]
    if about.get("sop_class_uid") == SecondaryCaptureImageStorage:
        return str(about["sop_instance_uid"])
    told = [[event.get(name) for name in _TECHNIQUE] for event in document[part.value].get("events", ())]
    return _digest(told)


def _event_identities(
    events: Iterable[Mapping[str, Any]], sop_instance_uid: str, exposure: str | None = None
) -> Iterable[EventIdentity]:
    """Yield an identity for each event, in their order.

    An event without UID, or one whose UID the report has used before, gets a key made from its content: the same
    event in a later report has the same content, and nothing of a report is lost.
    """
    seen: Counter[str] = Counter()
    for event in events:
        uid = event.get("irradiation_event_uid")
        key = uid if uid and len(uid) <= _MAX_KEY and uid not in seen else _key_of_content(event)
        seen[key] += 1
        if seen[key] > 1:
            key = f"{key}#{seen[key]}"
        started_at = _moment(event.get("started_at"))
        yield EventIdentity.of(key, started_at, sop_instance_uid=sop_instance_uid, exposure=exposure)


def _nuclear_identities(part: Mapping[str, Any], *, image: bool) -> Iterable[EventIdentity]:
    """Yield the administrations of a report, and the series of an image; planar images of a study are one series."""
    if not image:
        return _event_identities(
            [{**one, "irradiation_event_uid": one.get("event_uid")} for one in part.get("administrations", ())], ""
        )
    series = [one.get("series_instance_uid") for one in part.get("pet_series", ())]
    return [EventIdentity(f"series {uid or ''}"[: _MAX_KEY + 8]) for uid in series] or [EventIdentity("planar")]


def _key_of_content(event: Mapping[str, Any]) -> str:
    return f"{CONTENT_KEY}{_digest(event)}"


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:40]


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
