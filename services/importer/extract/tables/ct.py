"""CT dose reports: TID 10011 with TID 10012, 10013, 10014 and 10015."""

from services.importer.extract.fields.template import Part, Template
from services.importer.extract.tables.rows import (
    COMMENT,
    DEVICE_PARTICIPANT,
    PERSON_PARTICIPANT,
    REPETITION,
    coded,
    count,
    flag,
    joined,
    moment,
    number,
    text,
)

ACCUMULATED = Template(
    "ct.accumulated",
    "PS3.16 TID 10012",
    (
        count("irradiation_event_count", "113812", "Total Number of Irradiation Events"),
        number("total_dlp_mgy_cm", "113813", "CT Dose Length Product Total", "mGy.cm"),
        coded("total_dlp_phantom", "113835", "CTDIw Phantom Type"),
        number("total_effective_dose_msv", "113814", "CT Effective Dose Total", "mSv"),
    ),
)

_TUBE = (
    number("kvp", "113733", "KVP", "kV"),
    number("max_tube_current_ma", "113833", "Maximum X-Ray Tube Current", "mA"),
    number("tube_current_ma", "113734", "X-Ray Tube Current", "mA"),
    number("exposure_time_per_rotation_s", "113834", "Exposure Time per Rotation", "s"),
)
OF_ONE_SOURCE = tuple(row.name for row in _TUBE)
"""The values of a source that are copied to the event where it is the only source."""

SOURCE = Template(
    "ct.event.source",
    "PS3.16 TID 10013, CT X-Ray Source Parameters",
    (
        text(
            "id",
            "113832",
            "Identification of the X-Ray Source",
            meanings=("Identification Number of the X-Ray Source",),
        ),
        *_TUBE,
        number("filter_aluminum_equivalent_mm", "113821", "X-Ray Filter Aluminum Equivalent", "mm"),
    ),
)

DOSE_CHECK_ALERT = Template(
    "ct.event.dose_check.alert",
    "PS3.16 TID 10015, Dose Check Alert Details",
    (
        flag("dlp_configured", "113901", "DLP Alert Value Configured"),
        flag("ctdivol_configured", "113902", "CTDIvol Alert Value Configured"),
        number("dlp_value_mgy_cm", "113903", "DLP Alert Value", "mGy.cm"),
        number("ctdivol_value_mgy", "113904", "CTDIvol Alert Value", "mGy"),
        number("accumulated_dlp_forward_estimate_mgy_cm", "113905", "Accumulated DLP Forward Estimate", "mGy.cm"),
        number("accumulated_ctdivol_forward_estimate_mgy", "113906", "Accumulated CTDIvol Forward Estimate", "mGy"),
        text("reason_for_proceeding", "113907", "Reason for Proceeding"),
        *PERSON_PARTICIPANT,
    ),
)

DOSE_CHECK_NOTIFICATION = Template(
    "ct.event.dose_check.notification",
    "PS3.16 TID 10015, Dose Check Notification Details",
    (
        flag("dlp_configured", "113909", "DLP Notification Value Configured"),
        flag("ctdivol_configured", "113910", "CTDIvol Notification Value Configured"),
        number("dlp_value_mgy_cm", "113911", "DLP Notification Value", "mGy.cm"),
        number("ctdivol_value_mgy", "113912", "CTDIvol Notification Value", "mGy"),
        number("dlp_forward_estimate_mgy_cm", "113913", "DLP Forward Estimate", "mGy.cm"),
        number("ctdivol_forward_estimate_mgy", "113914", "CTDIvol Forward Estimate", "mGy"),
        text("reason_for_proceeding", "113907", "Reason for Proceeding"),
        *PERSON_PARTICIPANT,
    ),
)

EVENT = Template(
    "ct.event",
    "PS3.16 TID 10013, TID 10014",
    (
        text("irradiation_event_uid", "113769", "Irradiation Event UID", codes=("113853",)),
        text("event_label", "113605", "Irradiation Event Label"),
        moment("started_at", "111526", "DateTime Started"),
        moment("ended_at", "111527", "DateTime Ended"),
        text("acquisition_protocol", "125203", "Acquisition Protocol"),
        coded("region", "123014", "Target Region"),
        coded("acquisition_type", "113820", "CT Acquisition Type"),
        joined("reconstruction_algorithm", "113961", "Reconstruction Algorithm"),
        text("procedure_context", "G-C32C", "Procedure Context", codes=("408730004",)),
        *REPETITION,
        Part("113822", "CT Acquisition Parameters"),
        number("exposure_time_s", "113824", "Exposure Time", "s", codes=("113735",)),
        number("scanning_length_mm", "113825", "Scanning Length", "mm"),
        number("length_of_reconstructable_volume_mm", "113893", "Length of Reconstructable Volume", "mm"),
        number("exposed_range_mm", "113899", "Exposed Range", "mm"),
        number("top_z_of_reconstructable_volume_mm", "113895", "Top Z Location of Reconstructable Volume", "mm"),
        number(
            "bottom_z_of_reconstructable_volume_mm",
            "113896",
            "Bottom Z Location of Reconstructable Volume",
            "mm",
        ),
        number("top_z_of_scanning_length_mm", "113897", "Top Z Location of Scanning Length", "mm"),
        number("bottom_z_of_scanning_length_mm", "113898", "Bottom Z Location of Scanning Length", "mm"),
        number("single_collimation_mm", "113826", "Nominal Single Collimation Width", "mm"),
        number("collimation_mm", "113827", "Nominal Total Collimation Width", "mm"),
        number("pitch", "113828", "Pitch Factor", None),
        count("xray_source_count", "113823", "Number of X-Ray Sources"),
        Part("113831", "CT X-Ray Source Parameters", "sources", SOURCE),
        *_TUBE,  # of devices that leave the container out
        Part("113829", "CT Dose"),
        number("ctdivol_mgy", "113830", "Mean CTDIvol", "mGy"),
        coded("phantom_type", "113835", "CTDIw Phantom Type"),
        number("ctdi_free_air_mgy", "113837", "Mean CTDIfreeair", "mGy"),
        number("dlp_mgy_cm", "113838", "DLP", "mGy.cm", meanings=("Dose Length Product",)),
        number("effective_dose_msv", "113839", "Effective Dose", "mSv"),
        number("size_specific_dose_estimate_mgy", "113930", "Size Specific Dose Estimate", "mGy"),
        number("water_equivalent_diameter_mm", "113980", "Water Equivalent Diameter", "mm"),
        Part("113900", "Dose Check Alert Details", "dose_check.alert", DOSE_CHECK_ALERT, repeated=False),
        Part(
            "113908",
            "Dose Check Notification Details",
            "dose_check.notification",
            DOSE_CHECK_NOTIFICATION,
            repeated=False,
        ),
        text("modulation_type", "113842", "X-Ray Modulation Type"),
        COMMENT,
        *PERSON_PARTICIPANT,
        *DEVICE_PARTICIPANT,
    ),
)

ACQUISITION_TYPES = {
    # CID 10013, by code of SCT, SRT and UMLS, else by normalised meaning
    "spiral": ("116152004", "P5-08001", "C0860888", "spiralacquisition"),
    "sequenced": ("113804", "sequencedacquisition"),
    "stationary": ("113806", "stationaryacquisition"),
    "constant_angle": ("113805", "constantangleacquisition"),
}
