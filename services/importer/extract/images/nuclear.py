"""The administrations and PET series, read from headers of PET and NM images."""

from typing import Final

from services.importer.extract.fields.problems import Warnings
from services.importer.extract.fields.values import combine, parse_date, parse_datetime, parse_time
from services.importer.extract.images.header_fields import header_fields
from services.importer.extract.tables import images
from shared.dicom.dataset import DataSet
from shared.dicom.header import ObjectHeader
from shared.dicom.uid import POSITRON_EMISSION_TOMOGRAPHY_IMAGE
from shared.dose_document.document import NuclearDose
from shared.dose_document.values import Values

_RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE: Final = 0x00540016
_ENERGY_WINDOW_RANGE_SEQUENCE: Final = 0x00540013
_CORRECTED_IMAGE: Final = 0x00280051
_SERIES_TYPE: Final = 0x00541000


def nuclear_image_dose(
    header: ObjectHeader, attributes: DataSet, study_date: str | None, warnings: Warnings
) -> NuclearDose:
    """Return the administrations, and for PET the series that the image belongs to.

    A time of administration without date is one of `study_date` (ISO 8601).

    The Radiopharmaceutical Administration Event UID of an image is left out on purpose: devices give images
    and dose reports of one administration different ones.
    """
    is_pet = header.sop_class_uid == POSITRON_EMISSION_TOMOGRAPHY_IMAGE
    rows = images.PET_ADMINISTRATION if is_pet else images.NM_ADMINISTRATION
    administrations = [
        _administration(item, rows, study_date, warnings)
        for item in attributes.items(_RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE)
    ]
    dose = NuclearDose(totals={"administrations_count": len(administrations)}, administrations=administrations)
    if is_pet:
        dose.totals["pet_series_count"] = 1
        dose.pet_series = [_series(header, attributes, warnings)]
    return dose


def _administration(
    item: DataSet, rows: tuple[images.Attribute, ...], study_date: str | None, warnings: Warnings
) -> Values:
    administration = header_fields(item, rows, warnings)
    for name, moment_tag, time_tag in (
        ("started_at", 0x00181078, 0x00181072),
        ("stopped_at", 0x00181079, 0x00181073),
    ):
        moment = parse_datetime(item.first(moment_tag))
        value = moment.isoformat() if moment else None
        value = value or combine(parse_date(study_date), parse_time(item.first(time_tag)))
        if value:
            administration[name] = value
    return administration


def _series(header: ObjectHeader, attributes: DataSet, warnings: Warnings) -> Values:
    window = attributes.first_item(_ENERGY_WINDOW_RANGE_SEQUENCE)
    corrections = list(attributes.texts(_CORRECTED_IMAGE))
    series: Values = {
        "series_instance_uid": header.series_instance_uid,
        "started_at": combine(parse_date(attributes.first(0x00080021)), parse_time(attributes.first(0x00080031))),
        **header_fields(attributes, images.PET_SERIES, warnings),
        **(header_fields(window, images.ENERGY_WINDOW, warnings) if window else {}),
        "corrections": corrections,
        "corrections_count": len(corrections),
        "series_type": list(attributes.texts(_SERIES_TYPE)),
    }
    return {name: value for name, value in series.items() if value not in (None, [])}
