"""The dose of projection X-ray and mammography, from the containers of a projection dose report (TID 10001)."""

from collections.abc import Iterator

from services.importer.extract.fields.collect import collect, mark_derived
from services.importer.extract.fields.content_tree import ContentItem
from services.importer.extract.fields.problems import Place, Warnings
from services.importer.extract.fields.template import Field, Template
from services.importer.extract.reports import siemens
from services.importer.extract.reports.irradiation_details import add_details
from services.importer.extract.tables import mammography, projection
from shared.dose_document.document import MammographyDose, ProjectionDose
from shared.dose_document.values import Values, containers_of, number_of, text_of, without_none

Containers = list[tuple[Place, ContentItem]]


def xray_dose(accumulated: Containers, events: Containers, details: Containers, warnings: Warnings) -> ProjectionDose:
    """Return totals by plane, their sums over planes, and the events in document order."""
    planes: dict[str, Values] = {}
    collected = [
        (place, collect(container, projection.ACCUMULATED, warnings, place)) for place, container in accumulated
    ]
    for (place, totals), plane in zip(collected, _planes([totals for _, totals in collected]), strict=True):
        if plane in planes:
            warnings.add(place, f"totals of plane {plane!r} occur again; the first are taken")
            continue
        _add_total_time(totals)
        planes[plane] = totals
    totals_of_all: Values = {"plane_count": len(planes.keys() - {"all"}) or len(planes), "events_count": len(events)}
    for name in ("total_dap_gy_m2", "total_rp_dose_gy"):
        totals_of_all[name] = _over_planes(planes, name)
    return ProjectionDose(
        totals=without_none(totals_of_all),
        accumulated=planes,
        events=_events(events, projection.EVENT, details, warnings),
    )


def mammography_dose(
    accumulated: Containers, events: Containers, details: Containers, warnings: Warnings
) -> MammographyDose:
    """Return the accumulated average glandular dose of each breast, and the events in document order."""
    breasts: dict[str, Values] = {}
    for place, container in accumulated:
        for totals, here in _of_breasts(container, place, warnings):
            breast = projection.breast_of(_pop_text(totals, "laterality_code"), _pop_text(totals, "laterality"))
            if breast is None:
                warnings.add(here, f"does not say of which breast; {totals.get('agd_mgy')} mGy is left out")
            elif breast in breasts:
                warnings.add(here, f"occurs again for {breast}; the first is taken")
            else:
                breasts[breast] = totals
    return MammographyDose(
        totals={"events_count": len(events)},
        accumulated=breasts,
        events=_events(events, mammography.EVENT, details, warnings),
        plane_count=len(accumulated),
    )


def _of_breasts(container: ContentItem, place: Place, warnings: Warnings) -> Iterator[tuple[Values, Place]]:
    """Yield each accumulated dose with its laterality, which stands below it, or beside it before the next dose."""
    rows = [mammography.ACCUMULATED.find(item.concept) if item.concept else None for item in container.children]
    names = [row.name if isinstance(row, Field) else "" for row in rows]
    before = None
    for index, name in enumerate(names):
        if name == "laterality":
            before = index
        if name != "agd_mgy":
            continue
        item = container.children[index]
        here = Place(place, item, index + 1)
        totals = collect(item._replace(children=(item,)), mammography.ACCUMULATED, warnings, here)
        after = next((at for at in range(index + 1, len(names)) if names[at]), None)
        beside = after if after is not None and names[after] == "laterality" else before
        if not totals.keys() & {"laterality", "laterality_code"} and beside is not None:
            only = container._replace(children=(container.children[beside],))
            totals |= collect(only, mammography.ACCUMULATED, warnings, here)
        yield totals, here


def _planes(accumulated: list[Values]) -> list[str]:
    """Return the plane of each container of totals; where several do not say, they are A and B in their order."""
    named = [projection.plane_of(_pop_text(totals, "plane_code"), _pop_text(totals, "plane")) for totals in accumulated]
    unnamed = named.count(None)
    free = ["single"] if unnamed == 1 else [plane for plane in ("a", "b") if plane not in named]
    return [plane or (free.pop(0) if free else "single") for plane in named]


def _pop_text(values: Values, name: str) -> str | None:
    value = values.pop(name, None)
    return value if isinstance(value, str) else None


def arcadis_dose(sr: Values, summary: Values) -> ProjectionDose:
    """Return the totals of a Siemens Arcadis summary, which has no events; its dates go into `sr`."""
    for name in ("start_of_irradiation", "end_of_irradiation"):
        if name in summary:
            sr[name] = summary.pop(name)
    _add_total_time(summary)
    totals = {name: summary.get(name) for name in ("total_dap_gy_m2", "total_rp_dose_gy")}
    return ProjectionDose(
        totals=without_none({"plane_count": 1, **totals, "events_count": 0}), accumulated={"single": summary}
    )


def _events(containers: Containers, template: Template, details: Containers, warnings: Warnings) -> list[Values]:
    events = [_event(container, template, warnings, place) for place, container in containers]
    add_details(events, details, warnings)
    for event in events:
        for beam_filter in containers_of(event, "filters"):
            thinnest, thickest = (number_of(beam_filter, f"thickness_{end}_mm") for end in ("min", "max"))
            if thinnest is not None and thickest is not None:
                mark_derived(beam_filter, thickness_mean_mm=(thinnest + thickest) / 2)
        _derive_exposure(event)
    return events


def _event(container: ContentItem, template: Template, warnings: Warnings, place: Place) -> Values:
    event = collect(container, template, warnings, place)
    plane = projection.plane_of(text_of(event, "plane_code"), text_of(event, "plane"))
    if plane:
        event["plane"] = plane
        event.pop("plane_code", None)
    if "filters" not in event and (beam_filter := collect(container, projection.FILTER, warnings, place)):
        event["filters"] = [beam_filter]  # of a device that leaves the container out
    mark_derived(event, image_intensifier_diameter_mm=siemens.image_intensifier_diameter(text_of(event, "comment")))
    return event


def _derive_exposure(event: Values) -> None:
    """Compute exposure time and average tube current where only what they follow from is stated."""
    pulse_width = _first_number(event, "pulse_width_ms", "pulse_width_ms_mean")
    pulses = _first_number(event, "number_of_pulses", "number_of_frames_private")
    if pulse_width is not None and pulses is not None and not event.get("exposure_time_ms_values"):
        mark_derived(event, exposure_time_ms=pulse_width * pulses)
    mark_derived(event, avg_tube_current_ma=_first_number(event, "tube_current_ma", "tube_current_ma_mean"))


def _first_number(values: Values, *names: str) -> float | None:
    return next((number for name in names if (number := number_of(values, name)) is not None), None)


def _add_total_time(totals: Values) -> None:
    times = [number_of(totals, name) for name in ("fluoro_time_s", "acquisition_time_s")]
    stated = [time for time in times if time is not None]
    if stated:
        mark_derived(totals, total_time_s=sum(stated))


def _over_planes(planes: dict[str, Values], name: str) -> float | None:
    """Return the total of all planes as the report states it, else the sum of what it states for each."""
    of_all = number_of(planes.get("all", {}), name)
    if of_all is not None:
        return float(of_all)
    stated = [total for totals in planes.values() if (total := number_of(totals, name)) is not None]
    return sum(stated) if stated else None
