"""The kinds of objects that can hold dose data, by the names that stand in the database and in messages."""

from enum import StrEnum


class DoseObjectKind(StrEnum):
    """The kind of dose object that an object is read as.

    A header shows a radiation dose report only as X_RAY_DOSE_SR (`shared.dicom.dose_object.classify`); reading the
    report tells CT_DOSE_SR, PROJECTION_DOSE_SR and MG_DOSE_SR apart.
    """

    X_RAY_DOSE_SR = "xray_dose_sr"
    CT_DOSE_SR = "ct_dose_sr"
    PROJECTION_DOSE_SR = "projection_dose_sr"
    MG_DOSE_SR = "mg_dose_sr"
    SIEMENS_ARCADIS_SUMMARY_SR = "siemens_arcadis_summary_sr"
    RADIOPHARMACEUTICAL_DOSE_SR = "radiopharmaceutical_dose_sr"
    RADIOGRAPHY_IMAGE_HEADER = "radiography_image_header"
    MAMMOGRAPHY_IMAGE_HEADER = "mammography_image_header"
    NUCLEAR_MEDICINE_IMAGE_HEADER = "nuclear_medicine_image_header"
    PHILIPS_CT_DOSE_INFO_IMAGE = "philips_ct_dose_info_image"
