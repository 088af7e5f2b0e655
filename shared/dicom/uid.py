"""The unique identifiers (PS3.5 section 9) that Dosewire knows by name, and a check of the form of any UID."""

import re
from typing import Final

from shared.dicom.sop_class_names import SOP_CLASS_NAMES

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+", re.ASCII)

IMPLEMENTATION_CLASS_UID: Final = "2.25.230253923057804304105979866028961099050"
"""The Implementation Class UID of Dosewire (PS3.7 section D.3.3.2)."""
IMPLEMENTATION_VERSION_NAME: Final = "DOSEWIRE_1"
"""The Implementation Version Name of Dosewire: at most 16 characters."""

APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
"""The DICOM application context name (PS3.7 annex A.2.1)."""

VERIFICATION: Final = "1.2.840.10008.1.1"
STORAGE_COMMITMENT: Final = "1.2.840.10008.1.20.1"
"""The Storage Commitment Push Model SOP Class."""
STORAGE_COMMITMENT_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
"""Its only SOP Instance (PS3.4 section J.3.5)."""
STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_ROOT_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"

IMPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
GE_PRIVATE_IMPLICIT: Final = "1.2.840.113619.5.2"
"""Implicit VR Little Endian with the pixel data in big endian."""
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS: Final = "1.2.840.10008.1.2.4.70"
JPEG_LS_LOSSLESS: Final = "1.2.840.10008.1.2.4.80"
JPEG_2000_LOSSLESS: Final = "1.2.840.10008.1.2.4.90"
JPEG_2000: Final = "1.2.840.10008.1.2.4.91"
RLE_LOSSLESS: Final = "1.2.840.10008.1.2.5"

STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
"""The beginning of the standard's storage SOP classes (PS3.4 annex B.5)."""
STRUCTURED_REPORTS: Final = STORAGE + "88."
"""The beginning of those of structured reports."""
ENHANCED_SR: Final = STORAGE + "88.22"
COMPREHENSIVE_SR: Final = STORAGE + "88.33"
COMPREHENSIVE_3D_SR: Final = STORAGE + "88.34"
X_RAY_RADIATION_DOSE_SR: Final = STORAGE + "88.67"
RADIOPHARMACEUTICAL_RADIATION_DOSE_SR: Final = STORAGE + "88.68"
ENHANCED_X_RAY_RADIATION_DOSE_SR: Final = STORAGE + "88.76"
COMPUTED_RADIOGRAPHY_IMAGE: Final = STORAGE + "1"
DIGITAL_X_RAY_IMAGE: Final = STORAGE + "1.1"
DIGITAL_X_RAY_IMAGE_FOR_PROCESSING: Final = STORAGE + "1.1.1"
DIGITAL_MAMMOGRAPHY_IMAGE: Final = STORAGE + "1.2"
DIGITAL_MAMMOGRAPHY_IMAGE_FOR_PROCESSING: Final = STORAGE + "1.2.1"
SECONDARY_CAPTURE_IMAGE: Final = STORAGE + "7"
NUCLEAR_MEDICINE_IMAGE: Final = STORAGE + "20"
POSITRON_EMISSION_TOMOGRAPHY_IMAGE: Final = STORAGE + "128"
LEGACY_CONVERTED_PET_IMAGE: Final = STORAGE + "128.1"
ENHANCED_PET_IMAGE: Final = STORAGE + "130"


def is_valid_uid(text: str) -> bool:
    """Tell whether `text` is a UID: at most 64 characters, numbers without leading zeros joined by dots."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def sop_class_name(uid: str) -> str | None:
    """Return the name that PS3.6 gives the SOP class, None for a private or unknown one."""
    return SOP_CLASS_NAMES.get(uid)
