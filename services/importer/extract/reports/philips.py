"""The collimated field of Philips angiography systems, from their private shutter positions."""

from services.importer.extract.fields.collect import Values, mark_derived

_SHUTTER_DISTANCE_MM = 1000
"""Shutter positions are distances from the centre of the beam in a plane 1 m from the source."""


_SHUTTERS = ("shutter_left_mm", "shutter_right_mm", "shutter_bottom_mm", "shutter_top_mm")


def add_collimated_field(events: list[Values]) -> None:
    """Compute the field at the detector: height = left + right, width = bottom + top, scaled to the detector.

    The distance from source to detector is stated only when it has changed, so the last one of the plane counts.
    """
    distances: dict[str | None, float] = {}
    for event in events:
        plane = event.get("plane")
        if "distance_source_to_detector_mm" in event:
            distances[plane] = event["distance_source_to_detector_mm"]
        distance = distances.get(plane)
        shutters = [event[name] for name in _SHUTTERS if name in event]
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
