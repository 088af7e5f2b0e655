"""Dose in image headers: the fields, and the attributes of PS3.3 from which they are read, with their units.

A row lists the attributes in the order in which they are read; the first that has a value gives the field.
"""

from dataclasses import dataclass, field
from typing import Final

from services.importer.extract.fields.template import Kind

MATERIALS: Final = {
    # CID 10006 and CID 10016 for the defined terms of Anode Target Material and Filter Material
    "ALUMINUM": "Aluminum or Aluminum compound",
    "ALUMINIUM": "Aluminum or Aluminum compound",
    "COPPER": "Copper or Copper compound",
    "MOLYBDENUM": "Molybdenum or Molybdenum compound",
    "RHODIUM": "Rhodium or Rhodium compound",
    "NIOBIUM": "Niobium or Niobium compound",
    "EUROPIUM": "Europium or Europium compound",
    "LEAD": "Lead or Lead compound",
    "TANTALUM": "Tantalum or Tantalum compound",
    "TUNGSTEN": "Tungsten or Tungsten compound",
    "SILVER": "Silver or Silver compound",
    "TIN": "Tin or Tin compound",
    "ZINC": "Zinc or Zinc compound",
    "TITANIUM": "Titanium or Titanium compound",
    "GADOLINIUM": "Gadolinium or Gadolinium compound",
    "ERBIUM": "Erbium or Erbium compound",
    "YTTRIUM": "Yttrium or Yttrium compound",
    "CARBON": "Carbon",
}
MATERIAL_SYMBOLS: Final = {
    "AL": "ALUMINUM",
    "CU": "COPPER",
    "MO": "MOLYBDENUM",
    "RH": "RHODIUM",
    "W": "TUNGSTEN",
    "AG": "SILVER",
    "SN": "TIN",
    "PB": "LEAD",
}
MATERIALS_AS_WRITTEN: Final = MATERIALS | {symbol: MATERIALS[term] for symbol, term in MATERIAL_SYMBOLS.items()}
FILTER_TYPES: Final = {
    # CID 10007
    "STRIP": "Strip filter",
    "WEDGE": "Wedge filter",
    "BUTTERFLY": "Butterfly filter",
    "FLAT": "Flat filter",
    "NONE": "No filter",
}
GRIDS: Final = {
    # CID 10017
    "FIXED": "Fixed grid",
    "FOCUSED": "Focused grid",
    "RECIPROCATING": "Reciprocating grid",
    "PARALLEL": "Parallel grid",
    "CROSSED": "Crossed grid",
    "NONE": "No grid",
}
LATERALITIES: Final = {"R": "Right", "L": "Left", "B": "Both", "U": "Unpaired"}
VIEWS: Final = {
    # View Position (0018,5101) as CID 4010 and CID 4014 word it, for images without View Code Sequence
    "AP": "antero-posterior",
    "PA": "postero-anterior",
    "LL": "left lateral",
    "RL": "right lateral",
    "LLD": "left lateral decubitus",
    "RLD": "right lateral decubitus",
    "LLO": "left lateral oblique",
    "RLO": "right lateral oblique",
    "CC": "cranio-caudal",
    "MLO": "medio-lateral oblique",
    "ML": "medio-lateral",
    "LM": "latero-medial",
}
RELATIVE_EXPOSURE_UNITS: Final = {
    # what Relative X-Ray Exposure (0018,1405) is, by what the manufacturer's name contains
    "fuji": "S",
    "konica": "S",
    "carestream": "EI (mbel)",
    "kodak": "EI (mbel)",
    "agfa": "lgM (bel)",
    "canon": "REX",
    "swissray": "DI",
    "philips": "EI",
    "siemens": "EXI (µGy)",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field that comes from header attributes: `sources` are (tag, unit of its values)."""

    name: str
    sources: tuple[tuple[int, str | None], ...]
    kind: Kind = Kind.TEXT
    unit: str | None = None
    terms: dict[str, str] = field(default_factory=dict)


def _number(name: str, unit: str | None, *sources: tuple[int, str | None]) -> Attribute:
    return Attribute(name, sources, Kind.NUMBER, unit)


def _text(name: str, *tags: int, terms: dict[str, str] | None = None) -> Attribute:
    return Attribute(name, tuple((tag, None) for tag in tags), Kind.TEXT, None, terms or {})


def _code(name: str, tag: int) -> Attribute:
    return Attribute(name, ((tag, None),), Kind.CODE)


_EXPOSURE = (
    _number("kvp", "kV", (0x00180060, "kV")),
    _number("avg_tube_current_ma", "mA", (0x00181151, "mA"), (0x00189330, "mA"), (0x00188151, "uA")),
    _number("exposure_time_ms", "ms", (0x00181150, "ms"), (0x00189328, "ms"), (0x00188150, "us")),
    _number("exposure_uas", "uAs", (0x00181153, "uAs"), (0x00181152, "mAs"), (0x00189332, "mAs")),
    _number("focal_spot_mm", "mm", (0x00181190, "mm")),
    _text("anode", 0x00181191, terms=MATERIALS_AS_WRITTEN),
    _number("distance_source_to_detector_mm", "mm", (0x00181110, "mm")),
    _number("distance_source_to_isocenter_mm", "mm", (0x00189402, "mm")),
    _number("distance_source_to_entrance_mm", "mm", (0x00400306, "mm"), (0x00181111, "mm")),
    _number("table_height_mm", "mm", (0x00181130, "mm")),
    _number("magnification_factor", None, (0x00181114, None)),
    _number("entrance_exposure_mgy", "mGy", (0x00408302, "mGy"), (0x00400302, "dGy")),
    _number("half_value_layer_mm_al", "mm", (0x00400314, "mm")),
    _number("positioner_primary_angle_deg", "deg", (0x00181510, "deg")),
    _number("positioner_secondary_angle_deg", "deg", (0x00181511, "deg")),
    _number("column_angulation_deg", "deg", (0x00181450, "deg")),
    _number("relative_xray_exposure", None, (0x00181405, None)),
    _number("sensitivity", None, (0x00186000, None)),
    _text("exposure_control_mode", 0x00187060),
    _text("exposure_control_description", 0x00187062),
    _number("grid_focal_distance_mm", "mm", (0x0018704C, "mm")),
    _code("anatomical_structure", 0x00082218),
    _text("region", 0x00180015),
    _text("laterality", 0x00200062, 0x00200060, terms=LATERALITIES),
    _text("presentation_intent", 0x00080068),
)

RADIOGRAPHY: Final = (
    _number("dap_gy_m2", "Gy.m2", (0x0018115E, "dGy.cm2")),
    *_EXPOSURE,
    _code("image_view", 0x00540220),
    _number("exposure_index", None, (0x00181411, None)),
    _number("target_exposure_index", None, (0x00181412, None)),
    _number("deviation_index", None, (0x00181413, None)),
)

MAMMOGRAPHY: Final = (
    _number("agd_mgy", "mGy", (0x00400316, "dGy")),
    _number("dap_gy_m2", "Gy.m2", (0x0018115E, "dGy.cm2")),
    *_EXPOSURE,
    _code("view", 0x00540220),
    _number("compression_thickness_mm", "mm", (0x001811A0, "mm")),
    _number("compression_force_n", "N", (0x001811A2, "N")),
)

PHILIPS_CT_EVENT: Final = (
    _text("acquisition_protocol", 0x0008103E),
    _number("kvp", "kV", (0x00180060, "kV")),
    _number("tube_current_ma", "mA", (0x00188151, "uA"), (0x00181151, "mA")),
    _number("exposure_time_s", "s", (0x00181150, "ms")),
    _number("scanning_length_mm", "mm", (0x00181302, "mm")),
    _number("single_collimation_mm", "mm", (0x00189306, "mm")),
    _number("collimation_mm", "mm", (0x00189307, "mm")),
    _number("pitch", None, (0x00189311, None)),
    _number("ctdivol_mgy", "mGy", (0x00189345, "mGy")),
)
CT_ACQUISITION_TYPES: Final = {
    # Acquisition Type (0018,9302) as CID 10013 words it
    "SPIRAL": ("Spiral Acquisition", "116152004"),
    "SEQUENCED": ("Sequenced Acquisition", "113804"),
    "STATIONARY": ("Stationary Acquisition", "113806"),
    "CONSTANT_ANGLE": ("Constant Angle Acquisition", "113805"),
    "FREE": ("Free Acquisition", "113807"),
}
PHANTOMS: Final = {
    "16CM": ("IEC Head Dosimetry Phantom", "113690"),
    "32CM": ("IEC Body Dosimetry Phantom", "113691"),
}

_ADMINISTRATION = (
    _code("radiopharmaceutical", 0x00540304),
    _text("radiopharmaceutical_text", 0x00180031),
    _code("radionuclide", 0x00540300),
    _number("half_life_s", "s", (0x00181075, "s")),
    _number("specific_activity", None, (0x00181077, None)),
    _number("volume_cm3", "cm3", (0x00181071, "cm3")),
    _code("route", 0x00540302),
)
PET_ADMINISTRATION: Final = (*_ADMINISTRATION, _number("activity_mbq", "MBq", (0x00181074, "Bq")))
NM_ADMINISTRATION: Final = (*_ADMINISTRATION, _number("activity_mbq", "MBq", (0x00181074, "MBq")))

PET_SERIES: Final = (
    Attribute("number_of_slices", ((0x00540081, None),), Kind.COUNT),
    _text("reconstruction_method", 0x00541103),
    _number("coincidence_window_width_ns", None, (0x00541210, None)),
)
ENERGY_WINDOW: Final = (
    _number("energy_window_lower_kev", None, (0x00540014, None)),
    _number("energy_window_upper_kev", None, (0x00540015, None)),
)

UNITS_OF_DEVICES: Final = {
    # (what the model's name contains, field): the unit that this device writes instead of the standard's
    ("DR 7500", "distance_source_to_detector_mm"): "dm",
}
PROTOCOL_IN_IMAGE_COMMENTS: Final = frozenset(("TM_TFD_1.0",))
"""Software version (or model) of Toshiba devices that have no Protocol Name."""
REQUESTED_PROCEDURE_IN_STUDY_DESCRIPTION: Final = ("CXDI", "DRX-REVOLUTION")
