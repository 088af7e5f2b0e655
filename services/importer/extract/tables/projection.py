"""Projection X-ray and mammography dose reports: TID 10001 with TID 10002 to 10007."""

from collections.abc import Mapping

from services.importer.extract.fields.template import Field, Kind, Part, Repeat, Template, normalised
from services.importer.extract.tables.rows import (
    COMMENT,
    DEVICE_PARTICIPANT,
    PERSON_PARTICIPANT,
    REPETITION,
    coded,
    count,
    moment,
    number,
    numbers,
    text,
)

_PHILIPS = "99PHI-IXR-XPER"

PLANES = {
    # CID 10003, by code, else by normalised meaning; then what identifies the source in enhanced reports
    "single": ("113622", "singleplane"),
    "a": ("113620", "planea", "a", "sourcea", "1", "source1"),
    "b": ("113621", "planeb", "b", "sourceb", "2", "source2"),
    "all": ("113890", "allplanes", "aandb", "ab", "1and2"),
}

BREASTS = {
    # CID 6022 and CID 244 in SRT, SCT and UMLS, else by normalised meaning
    "left": ("T-04030", "80248007", "C0222601", "G-A101", "7771000", "leftbreast", "left"),
    "right": ("T-04020", "73056007", "C0222600", "G-A100", "24028007", "rightbreast", "right"),
    "both": ("T-04080", "63762007", "C0222605", "G-A102", "51440002", "bothbreasts", "both", "rightandleft"),
}

_PLANE = coded(
    "plane",
    "113764",
    "Acquisition Plane",
    codes=("113832",),
    meanings=("Identification of the X-Ray Source",),  # in its place in TID 10041 and TID 10042
)

ACCUMULATED = Template(
    "xray.accumulated",
    "PS3.16 TID 10002, TID 10004, TID 10006, TID 10007, TID 10041",
    (
        _PLANE,
        number("total_dap_gy_m2", "113722", "Dose Area Product Total", "Gy.m2"),
        number("total_rp_dose_gy", "113725", "Dose (RP) Total", "Gy"),
        number("fluoro_dap_gy_m2", "113726", "Fluoro Dose Area Product Total", "Gy.m2"),
        number("fluoro_rp_dose_gy", "113728", "Fluoro Dose (RP) Total", "Gy"),
        number("fluoro_time_s", "113730", "Total Fluoro Time", "s"),
        number("acquisition_dap_gy_m2", "113727", "Acquisition Dose Area Product Total", "Gy.m2"),
        number("acquisition_rp_dose_gy", "113729", "Acquisition Dose (RP) Total", "Gy"),
        number("acquisition_time_s", "113855", "Total Acquisition Time", "s"),
        count("radiographic_frames", "113731", "Total Number of Radiographic Frames"),
        count("irradiation_event_count", "113812", "Total Number of Irradiation Events"),
        coded("detector_type", "113947", "Detector Type"),
        Part("130502", "Reference Point Dosimetry"),
        coded("reference_point", "113780", "Reference Point Definition"),
        number("distance_source_to_reference_point_mm", "113737", "Distance Source to Reference Point", "mm"),
        Part("122505", "Calibration"),
        text("dose_measurement_device", "113794", "Dose Measurement Device"),
        number("calibration_factor", "122322", "Calibration Factor", None),
        moment("calibration_date", "113723", "Calibration DateTime", meanings=("Calibration Date",)),
        number("calibration_uncertainty_percent", "113763", "Calibration Uncertainty", "%"),
        text("calibration_responsible_party", "113724", "Calibration Responsible Party"),
        text("calibration_protocol", "113720", "Calibration Protocol"),
        *DEVICE_PARTICIPANT,
    ),
    derived=("total_time_s",),
)

FILTER = Template(
    "xray.event.filter",
    "PS3.16 TID 10003B, X-Ray Filters",
    (
        coded("type", "113772", "X-Ray Filter Type"),
        coded("material", "113757", "X-Ray Filter Material"),
        number("thickness_min_mm", "113758", "X-Ray Filter Thickness Minimum", "mm"),
        number(
            "thickness_max_mm",
            "113773",
            "X-Ray Filter Thickness Maximum",
            "mm",
            codes=("130509",),
            meanings=("X-Ray Filter Thickness",),  # in its place in TID 10055
        ),
    ),
    derived=("thickness_mean_mm",),
)

_IDENTITY = (
    # TID 10003
    text("irradiation_event_uid", "113769", "Irradiation Event UID", codes=("113853",)),
    moment("started_at", "111526", "DateTime Started"),
    moment("ended_at", "111527", "DateTime Ended"),
    _PLANE,
    coded("event_type", "113721", "Irradiation Event Type"),
    *REPETITION,
    text("acquisition_protocol", "125203", "Acquisition Protocol"),
    text("event_label", "113605", "Irradiation Event Label"),
    coded("region", "123014", "Target Region"),
    coded("anatomical_structure", "T-D0005", "Anatomical structure", codes=("91723000",)),
    coded("laterality", "G-C171", "Laterality", codes=("272741003",)),
    text("projection_eponymous_name", "113946", "Projection Eponymous Name"),
    coded("reference_point", "113780", "Reference Point Definition"),
)
_DOSE = (
    # TID 10003A
    number("dap_gy_m2", "122130", "Dose Area Product", "Gy.m2"),
    number("rp_dose_gy", "113738", "Dose (RP)", "Gy"),
    number("entrance_exposure_mgy", "111636", "Entrance Exposure at RP", "mGy"),
    number("half_value_layer_mm_al", "111634", "Half Value Layer", "mm"),
)
_SOURCE = (
    # TID 10003B
    coded("fluoro_mode", "113732", "Fluoro Mode"),
    number("pulse_rate_per_s", "113791", "Pulse Rate", "/s"),
    count("number_of_pulses", "113768", "Number of Pulses"),
    number("irradiation_duration_s", "113742", "Irradiation Duration", "s"),
    numbers("kvp", "113733", "KVP", "kV"),
    numbers("tube_current_ma", "113734", "X-Ray Tube Current", "mA"),
    number("avg_tube_current_ma", "113767", "Average X-Ray Tube Current", "mA"),
    numbers("exposure_time_ms", "113824", "Exposure Time", "ms", codes=("113735",)),
    numbers("pulse_width_ms", "113793", "Pulse Width", "ms"),
    numbers("exposure_uas", "113736", "Exposure", "uAs"),
    number("focal_spot_mm", "113766", "Focal Spot Size", "mm"),
    Part("113771", "X-Ray Filters", "filters", FILTER),
    coded("anode", "111632", "Anode Target Material", codes=("113632",)),
    Field("grid", "111635", "X-Ray Grid", Kind.CODE, repeat=Repeat.LIST),
    number("collimated_field_area_m2", "113790", "Collimated Field Area", "m2"),
    number("collimated_field_height_mm", "113788", "Collimated Field Height", "mm"),
    number("collimated_field_width_mm", "113789", "Collimated Field Width", "mm"),
)
_MECHANICS = (
    # TID 10003C
    coded("mechanical_configuration", "113956", "CR/DR Mechanical Configuration"),
    number("positioner_primary_angle_deg", "112011", "Positioner Primary Angle", "deg"),
    number("positioner_secondary_angle_deg", "112012", "Positioner Secondary Angle", "deg"),
    number("positioner_primary_end_angle_deg", "113739", "Positioner Primary End Angle", "deg"),
    number("positioner_secondary_end_angle_deg", "113740", "Positioner Secondary End Angle", "deg"),
    number("column_angulation_deg", "113770", "Column Angulation", "deg"),
    number("distance_source_to_isocenter_mm", "113748", "Distance Source to Isocenter", "mm"),
    number("distance_source_to_reference_point_mm", "113737", "Distance Source to Reference Point", "mm"),
    number("distance_source_to_detector_mm", "113750", "Distance Source to Detector", "mm"),
    coded("patient_table_relationship", "113745", "Patient Table Relationship"),
    coded("patient_orientation", "113743", "Patient Orientation"),
    coded("patient_orientation_modifier", "113744", "Patient Orientation Modifier"),
)
_TABLE = (
    # TID 10003C
    number("table_head_tilt_deg", "113754", "Table Head Tilt Angle", "deg"),
    number("table_horizontal_rotation_deg", "113755", "Table Horizontal Rotation Angle", "deg"),
    number("table_cradle_tilt_deg", "113756", "Table Cradle Tilt Angle", "deg"),
    number("table_longitudinal_mm", "113751", "Table Longitudinal Position", "mm"),
    number("table_lateral_mm", "113752", "Table Lateral Position", "mm"),
    number("table_height_mm", "113753", "Table Height Position", "mm"),
    number("table_longitudinal_end_mm", "113759", "Table Longitudinal End Position", "mm"),
    number("table_lateral_end_mm", "113760", "Table Lateral End Position", "mm"),
    number("table_height_end_mm", "113761", "Table Height End Position", "mm"),
    number("distance_source_to_table_plane_mm", "113792", "Distance Source to Table Plane", "mm"),
)
_DETECTOR = (
    # TID 10003A, digital radiography
    number("exposure_index", "113845", "Exposure Index", None),
    number("target_exposure_index", "113846", "Target Exposure Index", None),
    number("deviation_index", "113847", "Deviation Index", None),
    number("patient_equivalent_thickness_mm", "111638", "Patient Equivalent Thickness", "mm"),
)
_PHILIPS_PRIVATE = (
    # Allura Xper, Azurion: frames per run, and shutters as distances from the beam's centre at 1 m
    count("number_of_frames_private", "003", "Philips Number of Frames", scheme=_PHILIPS),
    Part("005", "Wedges and Shutters", scheme=_PHILIPS),
    number("shutter_bottom_mm", "006", "Bottom Shutter", "mm", scheme=_PHILIPS),
    number("shutter_left_mm", "007", "Left Shutter", "mm", scheme=_PHILIPS),
    number("shutter_right_mm", "008", "Right Shutter", "mm", scheme=_PHILIPS),
    number("shutter_top_mm", "009", "Top Shutter", "mm", scheme=_PHILIPS),
)
_COMMON_DERIVED = (
    "image_intensifier_diameter_mm",
    "relative_xray_exposure",
    "sensitivity",
    "exposure_control_mode",
    "exposure_control_description",
    "grid_focal_distance_mm",
    "relative_xray_exposure_unit",
    "magnification_factor",
    "distance_source_to_entrance_mm",
    "presentation_intent",
)

EVENT = Template(
    "xray.event",
    "PS3.16 TID 10003, TID 10003A, TID 10003B, TID 10003C, TID 10042",
    (
        *_IDENTITY,
        coded("image_view", "111031", "Image View"),
        Field("image_view_modifiers", "111032", "Image View Modifier", repeat=Repeat.LIST),
        *_DOSE,
        *_SOURCE,
        *_MECHANICS,
        *_TABLE,
        *_DETECTOR,
        *_PHILIPS_PRIVATE,
        COMMENT,
        *PERSON_PARTICIPANT,
        *DEVICE_PARTICIPANT,
    ),
    derived=_COMMON_DERIVED,
)

DETAIL_CONTAINERS = Template(
    "xray.event.details.containers",
    "PS3.16 TID 10043",
    (
        Part("130508", "Radiation Source Characteristics"),
        Part("130511", "Radiation Technique"),
        Part("130512", "Filtration"),
        Part("130516", "Radiation Field Area"),
    ),
)
"""The containers of Irradiation Details that are read; their fields are those of `xray.event`."""

DETAILS = Template(
    "xray.event.details",
    "PS3.16 TID 10044, TID 10045, TID 10046, TID 10049, TID 10055",
    (
        moment("started_at", "111526", "DateTime Started"),
        moment("ended_at", "111527", "DateTime Ended"),
        text("source", "113832", "Identification of the X-Ray Source"),
        *(row for row in _SOURCE if isinstance(row, Field)),
        Part("130531", "Attenuator Characteristics", "filters", FILTER, codes=("113771",)),
    ),
)


def plane_of(code: str | None, meaning: str | None) -> str | None:
    """Return the plane (a key of `PLANES`) that a code value, or else its meaning, names."""
    return key_of(PLANES, code, meaning)


def breast_of(code: str | None, meaning: str | None) -> str | None:
    """Return the breast (a key of `BREASTS`) that a code value, or else its meaning, names."""
    return key_of(BREASTS, code, meaning)


def key_of(known: Mapping[str, tuple[str, ...]], code: str | None, meaning: str | None) -> str | None:
    """Return the key under which a code value, or else its meaning, is known."""
    for spelling in (code, normalised(meaning or "")):
        for key, spellings in known.items():
            if spelling in spellings:
                return key
    return None
