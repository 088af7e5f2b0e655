"""The one exposure of a radiography or mammography image, from its header."""

import math
import re
from typing import Final

from services.importer.extract.fields.collect import mark_derived
from services.importer.extract.fields.problems import Warnings
from services.importer.extract.fields.values import combine, parse_date, parse_datetime, parse_time
from services.importer.extract.header.study import meaning
from services.importer.extract.images.header_fields import header_fields
from services.importer.extract.tables import images
from shared.dicom.dataset import DataSet, parse_decimal
from shared.dicom.header import ObjectHeader, code_of
from shared.dose_document.document import MammographyDose, ProjectionDose
from shared.dose_document.values import Values, text_of, without_none

_FIELD_OF_VIEW_DIMENSIONS: Final = 0x00181149
_FIELD_OF_VIEW_SHAPE: Final = 0x00181147
_GRID: Final = 0x00181166
_FILTER_TYPE: Final = 0x00181160
_FILTER_MATERIAL: Final = 0x00187050
_FILTER_THICKNESS_MINIMUM: Final = 0x00187052
_FILTER_THICKNESS_MAXIMUM: Final = 0x00187054
_VIEW_POSITION: Final = 0x00185101
_VIEW_CODE_SEQUENCE: Final = 0x00540220
_VIEW_MODIFIER_CODE_SEQUENCE: Final = 0x00540222
_COMMENTS_ON_RADIATION_DOSE: Final = 0x00400310

_SEPARATOR = re.compile(r"[\\,;]")
_FILTER_IN_TYPE = re.compile(r"([A-Z]{1,2})_(\d+(?:\.\d+)?)_?MM")
_DECIMAL_COMMA = re.compile(r"\d+,\d+")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s{0,4}%")


def radiography_dose(header: ObjectHeader, attributes: DataSet, warnings: Warnings) -> ProjectionDose:
    """Return the `xray` part of a CR, DX or PX image."""
    event = _event(header, attributes, images.RADIOGRAPHY, warnings)
    _add_view(event, "image_view", attributes)
    of_plane: Values = {"radiographic_frames": 1, "derived": ["radiographic_frames"]}
    dose_area_product = event.get("dap_gy_m2")
    mark_derived(of_plane, total_dap_gy_m2=dose_area_product)
    return ProjectionDose(
        totals=without_none({"plane_count": 1, "total_dap_gy_m2": dose_area_product, "events_count": 1}),
        accumulated={"single": of_plane},
        events=[event],
    )


def mammography_dose(header: ObjectHeader, attributes: DataSet, warnings: Warnings) -> MammographyDose:
    """Return the `mg` part of a mammography image."""
    event = _event(header, attributes, images.MAMMOGRAPHY, warnings)
    _add_view(event, "view", attributes)
    percent = _PERCENT.search(attributes.text(_COMMENTS_ON_RADIATION_DOSE) or "")
    if percent and float(percent[1]) <= 100:
        event["percent_fibroglandular"] = float(percent[1])
    thickness = attributes.private_tag(0x0045, 0x49, "GEMS_SENO_02")
    if thickness and (number := attributes.number(thickness)) is not None:
        event["radiological_thickness_mm"] = number
    breast = (text_of(event, "laterality") or "").lower()
    accumulated: dict[str, Values] = {}
    if "agd_mgy" in event and breast in ("left", "right", "both"):
        accumulated[breast] = {"agd_mgy": event["agd_mgy"], "derived": ["agd_mgy"]}
    return MammographyDose(totals={"events_count": 1}, accumulated=accumulated, events=[event])


def _event(header: ObjectHeader, attributes: DataSet, rows: tuple[images.Attribute, ...], warnings: Warnings) -> Values:
    model = header.manufacturer_model_name
    event: Values = {
        "irradiation_event_uid": attributes.first(0x00083010),
        "started_at": started_at(attributes),
        "acquisition_protocol": _protocol(attributes, model),
        **header_fields(attributes, rows, warnings, model=model),
        "grid": grids(attributes.joined(_GRID)),
        "filters": filters(
            attributes.text(_FILTER_TYPE),
            attributes.text(_FILTER_MATERIAL),
            attributes.text(_FILTER_THICKNESS_MINIMUM),
            attributes.text(_FILTER_THICKNESS_MAXIMUM),
        ),
    }
    if "relative_xray_exposure" in event:
        event["relative_xray_exposure_unit"] = relative_exposure_unit(header.manufacturer)
    mark_derived(
        event,
        irradiation_event_uid=header.sop_instance_uid,
        region=event.get("anatomical_structure"),
        plane="single",
        event_type="Stationary Acquisition",
        event_type_code="113611",
        collimated_field_area_m2=field_area(
            attributes.numbers(_FIELD_OF_VIEW_DIMENSIONS), attributes.first(_FIELD_OF_VIEW_SHAPE)
        ),
    )
    return {name: value for name, value in event.items() if value not in (None, [])}


def started_at(attributes: DataSet) -> str | None:
    """Return when the image was acquired: acquisition, else content, else study date, and likewise time."""
    dates = [parse_date(attributes.first(tag)) for tag in (0x00080022, 0x00080023, 0x00080020)]
    times = [parse_time(attributes.first(tag)) for tag in (0x00080032, 0x00080033, 0x00080030)]
    acquired = parse_datetime(attributes.first(0x0008002A))
    if acquired and not (dates[0] and times[0]):
        return acquired.isoformat()
    return combine(next(filter(None, dates), None), next((clock for clock in times if clock is not None), None))


def relative_exposure_unit(manufacturer: str | None) -> str | None:
    """Return what the manufacturer means by Relative X-Ray Exposure."""
    name = (manufacturer or "").casefold()
    return next((unit for known, unit in images.RELATIVE_EXPOSURE_UNITS.items() if known in name), None)


def field_area(dimensions: tuple[float, ...], shape: str | None) -> float | None:
    """Return the area in m2 of a field of view whose dimensions are in mm: height and width, or diameter."""
    if not dimensions or min(dimensions) <= 0:
        return None
    if shape == "ROUND":
        return math.pi * dimensions[0] ** 2 / 4e6
    return dimensions[0] * dimensions[-1] / 1e6


def grids(written: str | None) -> list[str]:
    """Return the grids of a Grid (0018,1166) value; terms cut short by a device are completed."""
    words = [word.strip().upper() for word in re.split(r"[\\|,]", written or "")]
    found = []
    for word in filter(None, words):
        known = [meaning for term, meaning in images.GRIDS.items() if term.startswith(word)]
        found.append(known[0] if len(known) == 1 else word)
    return found


def filters(kind: str | None, materials: str | None, minima: str | None, maxima: str | None) -> list[Values]:
    """Return the filters that Filter Type, Material and Thickness name, several of them side by side.

    Values may be separated by a comma in place of the backslash, and minimum and maximum exchanged. A filter
    type such as `CU_0.2_MM` names material and thickness itself. Thicknesses are in mm.
    """
    kinds = _split(kind)
    in_type = _FILTER_IN_TYPE.fullmatch(kinds[0].upper()) if len(kinds) == 1 else None
    if in_type and in_type[1] in images.MATERIAL_SYMBOLS:
        material, thickness = images.MATERIALS_AS_WRITTEN[in_type[1]], float(in_type[2])
        flat = images.FILTER_TYPES["FLAT"]
        return [{"type": flat, "material": material, "thickness_min_mm": thickness, "thickness_max_mm": thickness}]
    kinds = [images.FILTER_TYPES.get(term.upper(), term) for term in kinds]
    named = _split(materials)
    if len(named) == 1:
        minima, maxima = _decimal_point(minima), _decimal_point(maxima)
    beam_filters = []
    for position, name in enumerate(named):
        beam_filter: Values = {"material": images.MATERIALS_AS_WRITTEN.get(name.upper(), name)}
        ends = sorted(number for text in (minima, maxima) if (number := _nth_number(text, position)) is not None)
        if ends:
            beam_filter |= {"thickness_min_mm": ends[0], "thickness_max_mm": ends[-1]}
        if kinds:
            beam_filter["type"] = kinds[min(position, len(kinds) - 1)]
        beam_filters.append(beam_filter)
    return beam_filters or [{"type": one} for one in kinds]


def _decimal_point(text: str | None) -> str | None:
    """Return the thickness of one filter with a decimal point where a device wrote a comma."""
    return text.replace(",", ".") if text and _DECIMAL_COMMA.fullmatch(text) else text


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in _SEPARATOR.split(text or "") if part.strip()]


def _nth_number(text: str | None, position: int) -> float | None:
    parts = _split(text)
    return parse_decimal(parts[position]) if position < len(parts) else None


def _protocol(attributes: DataSet, model: str | None) -> str | None:
    """Return the name of the protocol, from the first of the places where devices put it."""
    devices = {model, *attributes.texts(0x00181020)}
    in_comments = attributes.text(0x00204000) if devices & images.PROTOCOL_IN_IMAGE_COMMENTS else None
    return attributes.text(0x00181030) or in_comments or attributes.text(0x0008103E) or meaning(attributes, 0x00400260)


def _add_view(event: Values, name: str, attributes: DataSet) -> None:
    """Add the modifiers of the view that a code names, or else the view that View Position names."""
    view = attributes.first_item(_VIEW_CODE_SEQUENCE)
    codes = map(code_of, view.items(_VIEW_MODIFIER_CODE_SEQUENCE)) if view else ()
    if modifiers := [code.meaning or code.value for code in codes if code]:
        event[f"{name}_modifiers"] = modifiers
    position = attributes.text(_VIEW_POSITION)
    if position and name not in event:
        event[name] = images.VIEWS.get(position.upper(), position)
