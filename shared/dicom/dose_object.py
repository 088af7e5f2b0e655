"""The kind of dose data that an object can hold, decided from its header alone."""

from dataclasses import dataclass

from shared.dicom import uid
from shared.dicom.dose_object_kind import DoseObjectKind
from shared.dicom.header import Code, ObjectHeader


@dataclass(frozen=True, slots=True)
class NoDose:
    """An object that holds no dose data that Dosewire reads, with the reason in words."""

    reason: str


_DOSE_REPORT_TITLE = ("113701", "x-ray radiation dose report")
_RADIOPHARMACEUTICAL_TITLE = ("113500", "radiopharmaceutical radiation dose report")
_ARCADIS_TITLE = ("C-10", "99SMS_RADSUM")

_DOSE_REPORT_CLASSES = frozenset(
    (
        uid.X_RAY_RADIATION_DOSE_SR,
        uid.ENHANCED_X_RAY_RADIATION_DOSE_SR,
        uid.ENHANCED_SR,
        uid.COMPREHENSIVE_SR,
        uid.COMPREHENSIVE_3D_SR,
    )
)

_IMAGE_CLASSES = {
    uid.COMPUTED_RADIOGRAPHY_IMAGE: DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER,
    uid.DIGITAL_X_RAY_IMAGE: DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER,
    uid.DIGITAL_X_RAY_IMAGE_FOR_PROCESSING: DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER,
    uid.DIGITAL_MAMMOGRAPHY_IMAGE: DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER,
    uid.DIGITAL_MAMMOGRAPHY_IMAGE_FOR_PROCESSING: DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER,
    uid.POSITRON_EMISSION_TOMOGRAPHY_IMAGE: DoseObjectKind.NUCLEAR_MEDICINE_IMAGE_HEADER,
    uid.NUCLEAR_MEDICINE_IMAGE: DoseObjectKind.NUCLEAR_MEDICINE_IMAGE_HEADER,
}


def classify(header: ObjectHeader) -> DoseObjectKind | NoDose:
    """Decide the kind of dose object, or the reason why an object holds no dose.

    Structured reports are judged by the code value of their document title, whatever its scheme, or where it has
    none by its meaning: real dose reports come as Enhanced SR (GE CT), and Comprehensive SR may hold one as well.
    """
    sop_class_uid = header.sop_class_uid or ""
    if sop_class_uid in _IMAGE_CLASSES:
        return _IMAGE_CLASSES[sop_class_uid]
    if sop_class_uid.startswith(uid.STRUCTURED_REPORTS):
        return _classify_report(header, sop_class_uid)
    if sop_class_uid == uid.SECONDARY_CAPTURE_IMAGE:
        return _classify_secondary_capture(header)
    private = f"SOP class {sop_class_uid}" if uid.is_valid_uid(sop_class_uid) else "an invalid SOP class"
    return NoDose(f"{uid.sop_class_name(sop_class_uid) or private} is not a kind of object that is read for dose")


def _classify_report(header: ObjectHeader, sop_class_uid: str) -> DoseObjectKind | NoDose:
    title = header.title_code
    if title is None:
        return NoDose("structured report without document title")
    if sop_class_uid == uid.RADIOPHARMACEUTICAL_RADIATION_DOSE_SR and _is(title, _RADIOPHARMACEUTICAL_TITLE):
        return DoseObjectKind.RADIOPHARMACEUTICAL_DOSE_SR
    if sop_class_uid in _DOSE_REPORT_CLASSES and _is(title, _DOSE_REPORT_TITLE):
        return DoseObjectKind.X_RAY_DOSE_SR
    if sop_class_uid == uid.ENHANCED_SR and (title.value, title.scheme) == _ARCADIS_TITLE:
        return DoseObjectKind.SIEMENS_ARCADIS_SUMMARY_SR
    return NoDose("structured report whose document title is not a radiation dose report")


def _is(title: Code, known: tuple[str, str]) -> bool:
    value, meaning = known
    return title.value == value if title.value else title.meaning.casefold() == meaning


def _classify_secondary_capture(header: ObjectHeader) -> DoseObjectKind | NoDose:
    if header.modality == "MG" and "ORIGINAL" in header.image_type:
        return DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER
    if header.manufacturer == "Philips" and header.series_description == "Dose Info":
        return DoseObjectKind.PHILIPS_CT_DOSE_INFO_IMAGE
    return NoDose("secondary capture image that is neither a mammography projection nor a Philips CT dose info image")
