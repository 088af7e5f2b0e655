"""The collimated field of Philips angiography systems, from their private shutter positions."""

from services.importer.extract.fields.collect import mark_derived
from shared.dose_document.values import Values, number_of, text_of

_SHUTTER_DISTANCE_MM = 1000
"""Shutter positions are distances from the centre of the beam in a plane 1 m from the source."""


_SHUTTERS = ("shutter_left_mm", "shutter_right_mm", "shutter_bottom_mm", "shutter_top_mm")


def add_collimated_field(events: list[Values]) -> None:
    """Compute the field at the detector: height = left + right, width = bottom + top, scaled to the detector.

    The distance from source to detector is stated only when it has changed, so the last one of the plane counts.
    """
    distances: dict[str | None, float] = {}
    for event in events:
        plane = text_of(event, "plane")
        stated = number_of(event, "distance_source_to_detector_mm")
        if stated is not None:
            distances[plane] = stated
        distance = distances.get(plane)
        shutters = [shutter for name in _SHUTTERS if (shutter := number_of(event, name)) is not None]
        if distance is None or len(shutters) != len(_SHUTTERS):
            continue
        left, right, bottom, top = shutters
        scale = distance / _SHUTTER_DISTANCE_MM
        height, width = (left + right) * scale, (bottom + top) * scale
        mark_derived(
            event,
            collimated_field_height_mm=height,
            collimated_field_width_mm=width,
            collimated_field_area_m2=height * width / 1e6,
        )
