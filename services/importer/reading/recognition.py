"""The contributions of a dose document, one for each of its parts; they are compared with those of later objects."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from pydicom.uid import SecondaryCaptureImageStorage

from services.importer.reading.contribution import Contribution, EventIdentity
from shared.database.models import StudyPart
from shared.dicom.dose_object_kind import DoseObjectKind
from shared.dose_document.document import Dose, DoseDocument, IrradiationDose, NuclearDose
from shared.dose_document.values import Value, Values, text_of
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


def contributions_of(document: DoseDocument) -> dict[StudyPart, Contribution]:
    """Return the contribution of each part that a document has."""
    is_image = document.outcome.object_kind in _IMAGES
    return {part: _contribution(document, part, dose, is_image=is_image) for part, dose in document.doses.items()}


def _contribution(document: DoseDocument, part: StudyPart, dose: Dose, *, is_image: bool) -> Contribution:
    uid = document.sop_instance_uid
    exposure = None
    if isinstance(dose, NuclearDose):
        identities = _nuclear_identities(dose, is_image=is_image)
    else:
        exposure = _exposure(document, dose) if is_image and part is not StudyPart.CT else None
        identities = _event_identities(dose.events, uid, exposure)
    return Contribution(
        sop_instance_uid=uid,
        events=tuple(identities),
        is_image=is_image,
        exposure=exposure,
        of_series=is_image and part is StudyPart.NM,
        of_whole_study=is_image and part is StudyPart.CT,
    )


def _exposure(document: DoseDocument, dose: IrradiationDose) -> str:
    """Return a digest of an image's technique; it distinguishes exposures that started in the same second.

    The images for processing and for presentation of one exposure agree in it. A projection of a tomosynthesis
    (Hologic, Secondary Capture) is an exposure of its own, though it is like the others of its sweep.
    """
    if document.object.get("sop_class_uid") == SecondaryCaptureImageStorage:
        return document.sop_instance_uid
    return _digest([[event.get(name) for name in _TECHNIQUE] for event in dose.events])


def _event_identities(
    events: Iterable[Values], sop_instance_uid: str, exposure: str | None = None
) -> Iterable[EventIdentity]:
    """Yield an identity for each event, in their order.

    An event without UID, or one whose UID the report has used before, gets a key made from its content: the same
    event in a later report has the same content, and nothing of a report is lost.
    """
    seen: Counter[str] = Counter()
    for event in events:
        uid = text_of(event, "irradiation_event_uid")
        key = uid if uid and len(uid) <= _MAX_KEY and uid not in seen else _key_of_content(event)
        seen[key] += 1
        if seen[key] > 1:
            key = f"{key}#{seen[key]}"
        started_at = _moment(text_of(event, "started_at"))
        yield EventIdentity.of(key, started_at, sop_instance_uid=sop_instance_uid, exposure=exposure)


def _nuclear_identities(dose: NuclearDose, *, is_image: bool) -> Iterable[EventIdentity]:
    """Yield the administrations of a report, and the series of an image; planar images of a study are one series."""
    if not is_image:
        return _event_identities(
            [{**one, "irradiation_event_uid": one.get("event_uid")} for one in dose.administrations], ""
        )
    series = [text_of(one, "series_instance_uid") for one in dose.pet_series]
    return [EventIdentity(f"series {uid or ''}"[: _MAX_KEY + 8]) for uid in series] or [EventIdentity("planar")]


def _key_of_content(event: Values) -> str:
    return f"{CONTENT_KEY}{_digest(event)}"


def _digest(values: Value) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:40]


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
