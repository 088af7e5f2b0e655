"""The `xray` and `mg` parts of a document, from the containers of a projection dose report (TID 10001)."""

from collections.abc import Mapping

from services.importer.extract import siemens
from services.importer.extract.collect import Place, Values, Warnings, collect, mark_derived
from services.importer.extract.content_tree import ContentItem
from services.importer.extract.tables import mammography, projection
from services.importer.extract.template import Field, Template, normalised

Containers = list[tuple[Place, ContentItem]]


def xray_part(accumulated: Containers, events: Containers, warnings: Warnings) -> Values:
    """Return totals by plane, their sums over planes, and the events in document order."""
    planes: Values = {}
    for place, container in accumulated:
        totals = collect(container, projection.ACCUMULATED, warnings, place)
        plane = _key(projection.PLANES, totals.get("plane_code"), totals.get("plane")) or "single"
        totals.pop("plane", None)
        totals.pop("plane_code", None)
        if plane in planes:
            warnings.add(place, f"totals of plane {plane!r} occur again; the first are taken")
            continue
        _add_total_time(totals)
        planes[plane] = totals
    part: Values = {"plane_count": len(planes.keys() - {"all"}) or len(planes)}
    for name in ("total_dap_gy_m2", "total_rp_dose_gy"):
        part[name] = _over_planes(planes, name)
    part["accumulated"] = planes
    part["events"] = [_event(container, projection.EVENT, warnings, place) for place, container in events]
    part["events_count"] = len(events)
    return part


def mg_part(accumulated: Containers, events: Containers, warnings: Warnings) -> Values:
    """Return the accumulated average glandular dose of each breast, and the events in document order."""
    breasts: Values = {}
    for place, container in accumulated:
        for position, item in enumerate(container.children, 1):
            row = mammography.ACCUMULATED.find(item.concept) if item.concept else None
            if not isinstance(row, Field) or row.name != "agd_mgy":
                continue
            here = Place(place, item, position)
            only = item._replace(children=(item,))
            totals = collect(only, mammography.ACCUMULATED, warnings, here)
            breast = _key(projection.BREASTS, totals.pop("laterality_code", None), totals.pop("laterality", None))
            if breast is None:
                warnings.add(here, "does not say of which breast")
            elif breast in breasts:
                warnings.add(here, f"occurs again for {breast}; the first is taken")
            else:
                breasts[breast] = totals
    return {
        "accumulated": breasts,
        "events": [_event(container, mammography.EVENT, warnings, place) for place, container in events],
        "events_count": len(events),
    }


def arcadis_part(sr: Values, summary: Values) -> Values:
    """Return the totals of a Siemens Arcadis summary, which has no events; its dates go into `sr`."""
    for name in ("start_of_irradiation", "end_of_irradiation"):
        if name in summary:
            sr[name] = summary.pop(name)
    _add_total_time(summary)
    return {
        "plane_count": 1,
        "total_dap_gy_m2": summary.get("total_dap_gy_m2"),
        "total_rp_dose_gy": summary.get("total_rp_dose_gy"),
        "accumulated": {"single": summary},
        "events": [],
        "events_count": 0,
    }


def _event(container: ContentItem, template: Template, warnings: Warnings, place: Place) -> Values:
    event = collect(container, template, warnings, place)
    plane = _key(projection.PLANES, event.pop("plane_code", None), event.get("plane"))
    if plane:
        event["plane"] = plane
    for beam_filter in event.get("filters", ()):
        thickness = [beam_filter.get(f"thickness_{end}_mm") for end in ("min", "max")]
        if None not in thickness:
            mark_derived(beam_filter, thickness_mean_mm=sum(thickness) / 2)
    mark_derived(event, image_intensifier_diameter_mm=siemens.image_intensifier_diameter(event.get("comment")))
    _derive_exposure(event)
    return event


def _derive_exposure(event: Values) -> None:
    """Compute exposure time and average tube current where only what they follow from is stated."""
    pulse_width = event.get("pulse_width_ms", event.get("pulse_width_ms_mean"))
    pulses = event.get("number_of_pulses", event.get("number_of_frames_private"))
    if pulse_width is not None and pulses is not None and not event.get("exposure_time_ms_values"):
        mark_derived(event, exposure_time_ms=pulse_width * pulses)
    current = event.get("tube_current_ma", event.get("tube_current_ma_mean"))
    mark_derived(event, avg_tube_current_ma=current)


def _add_total_time(totals: Values) -> None:
    times = [totals.get("fluoro_time_s"), totals.get("acquisition_time_s")]
    stated = [time for time in times if time is not None]
    if stated:
        mark_derived(totals, total_time_s=sum(stated))


def _over_planes(planes: Values, name: str) -> float | None:
    """Return the total of all planes as the report states it, else the sum of what it states for each."""
    if planes.get("all", {}).get(name) is not None:
        return float(planes["all"][name])
    stated = [totals[name] for totals in planes.values() if totals.get(name) is not None]
    return sum(stated) if stated else None


def _key(known: Mapping[str, tuple[str, ...]], code: str | None, meaning: str | None) -> str | None:
    """Return the key under which a code value, or else its meaning, is known."""
    for key, spellings in known.items():
        if code in spellings:
            return key
    for key, spellings in known.items():
        if normalised(meaning or "") in spellings:
            return key
    return None
