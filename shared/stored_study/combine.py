"""One dose document from the reports of a study. Pure: the same reports give the same document in any order."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from shared.database.models import StudyPart
from shared.stored_study.combine_nuclear import combined_nuclear, disagreements, nuclear_part
from shared.stored_study.layout import ACQUISITION_KINDS
from shared.stored_study.stored_report import StoredReport

JsonObject = dict[str, Any]


def combine(*, part: StudyPart, study: JsonObject, reports: Sequence[StoredReport]) -> JsonObject:
    """Return the document of a study whose `study` part is given."""
    leading = max(reports, key=lambda report: report.rank)
    in_order = sorted(reports, key=lambda report: report.begun)
    document: JsonObject = {"object": leading.object, "study": study}
    if not leading.is_image:
        document["sr"] = leading.sr
    document[part.value] = _single(part, leading) if len(reports) == 1 else _COMBINED[part](part, in_order)
    if part is StudyPart.MG and leading.planes:
        document["xray"] = leading.planes
    document["outcome"] = {
        "accepted": True,
        "object_kind": leading.object_kind,
        "warnings": [warning for report in in_order for warning in report.warnings],
    }
    if part is StudyPart.NM:
        document["outcome"]["warnings"] += disagreements(in_order)
    if len(reports) > 1:
        document["reports"] = [_of_report(part, report) for report in in_order]
    return document


def _single(part: StudyPart, report: StoredReport) -> JsonObject:
    if part is StudyPart.NM:
        return nuclear_part(report)
    values = dict(report.totals[part])
    if part in (StudyPart.XRAY, StudyPart.MG):
        values["accumulated"] = report.accumulated
    values["events"] = list(report.events.values())
    return values


_TOLD_BY_THE_STUDY: Final = ("events", "administrations", "pet_series")


def _of_report(part: StudyPart, report: StoredReport) -> JsonObject:
    values = _single(part, report)
    for name in _TOLD_BY_THE_STUDY:
        values.pop(name, None)
    parts = {"object": report.object, "sr": None if report.is_image else report.sr, part.value: values}
    return {name: value for name, value in parts.items() if value is not None}


def _combined_ct(part: StudyPart, reports: Sequence[StoredReport]) -> JsonObject:
    shared = _told_again(reports)
    values = _events(reports)
    for name in ("irradiation_event_count", "total_dlp_mgy_cm", "total_effective_dose_msv"):
        amount = _EVENT_AMOUNT[name]
        total = _sum([report.totals[part].get(name) for report in reports], [amount(event) for event in shared])
        if total is not None:
            values[name] = total
    values |= _common([report.totals[part] for report in reports], ("total_dlp_phantom", "total_dlp_phantom_code"))
    kinds = [_acquisition_kind(event) for event in shared]
    counts = [report.totals[part].get("count_by_type", {}) for report in reports]
    values["count_by_type"] = {
        kind: sum(count.get(kind, 0) for count in counts) - kinds.count(kind) for kind in ACQUISITION_KINDS
    }
    return values


def _combined_planes(part: StudyPart, reports: Sequence[StoredReport]) -> JsonObject:
    shared = _told_again(reports)
    planes = sorted({plane for report in reports for plane in report.accumulated})
    accumulated = {
        plane: _accumulated(plane, [report.accumulated.get(plane, {}) for report in reports], shared)
        for plane in planes
    }
    values = {**_events(reports), "accumulated": accumulated}
    if part is StudyPart.XRAY:
        values["plane_count"] = len(planes)
        for name in ("total_dap_gy_m2", "total_rp_dose_gy"):
            amount = _EVENT_AMOUNT[name]
            total = _sum([report.totals[part].get(name) for report in reports], [amount(event) for event in shared])
            if total is not None:
                values[name] = total
    return values


def _accumulated(plane: str, stated: Sequence[JsonObject], shared: Sequence[JsonObject]) -> JsonObject:
    """Return the totals of one plane or breast; what cannot be told apart where reports overlap is left out."""
    of_plane = [event for event in shared if _is_of(event, plane)]
    values: JsonObject = _common(stated, [name for one in stated for name in one if name not in _ADDED])
    for name in _ADDED:
        amount = _EVENT_AMOUNT.get(name)
        if of_plane and amount is None:
            continue
        total = _sum([one.get(name) for one in stated], [amount(event) for event in of_plane] if amount else [])
        if total is not None:
            values[name] = total
    return values


_COMBINED: Final[dict[StudyPart, Callable[[StudyPart, Sequence[StoredReport]], JsonObject]]] = {
    StudyPart.CT: _combined_ct,
    StudyPart.XRAY: _combined_planes,
    StudyPart.MG: _combined_planes,
    StudyPart.NM: lambda _part, reports: combined_nuclear(reports),
}


def _events(reports: Sequence[StoredReport]) -> JsonObject:
    events = [event for report in reports for event in report.events.values()]
    if all("started_at" in event for event in events):
        events.sort(key=lambda event: event["started_at"])
    return {"events": events, "events_count": len(events)}


def _told_again(reports: Sequence[StoredReport]) -> list[JsonObject]:
    """Return each event once for every report that tells of it besides the one that it is read from."""
    by_key = {key: event for report in reports for key, event in report.events.items()}
    return [
        by_key[key] for report in reports for key in report.event_keys if key not in report.events and key in by_key
    ]


def _number(name: str) -> Callable[[JsonObject], float]:
    return lambda event: event.get(name) or 0.0


def _fluoroscopy(event: JsonObject) -> bool:
    return "fluoro" in (event.get("event_type") or "").casefold()


def _if(of: Callable[[JsonObject], bool], name: str, *, wanted: bool) -> Callable[[JsonObject], float]:
    return lambda event: (event.get(name) or 0.0) if of(event) is wanted else 0.0


_EVENT_AMOUNT: Final[dict[str, Callable[[JsonObject], float]]] = {
    "irradiation_event_count": lambda _event: 1,
    "total_dlp_mgy_cm": _number("dlp_mgy_cm"),
    "total_effective_dose_msv": _number("effective_dose_msv"),
    "total_dap_gy_m2": _number("dap_gy_m2"),
    "total_rp_dose_gy": _number("rp_dose_gy"),
    "fluoro_dap_gy_m2": _if(_fluoroscopy, "dap_gy_m2", wanted=True),
    "fluoro_rp_dose_gy": _if(_fluoroscopy, "rp_dose_gy", wanted=True),
    "acquisition_dap_gy_m2": _if(_fluoroscopy, "dap_gy_m2", wanted=False),
    "acquisition_rp_dose_gy": _if(_fluoroscopy, "rp_dose_gy", wanted=False),
    "agd_mgy": _number("agd_mgy"),
}
"""What an event adds to a total: taken off again where two reports have counted it."""
_ADDED: Final = (
    "total_dap_gy_m2",
    "total_rp_dose_gy",
    "total_time_s",
    "fluoro_dap_gy_m2",
    "fluoro_rp_dose_gy",
    "fluoro_time_s",
    "acquisition_dap_gy_m2",
    "acquisition_rp_dose_gy",
    "acquisition_time_s",
    "radiographic_frames",
    "irradiation_event_count",
    "agd_mgy",
)


def _sum(stated: Sequence[float | None], counted_twice: Sequence[float]) -> float | None:
    known = [value for value in stated if value is not None]
    if not known:
        return None
    if all(isinstance(value, int) for value in (*known, *counted_twice)):
        return sum(known) - sum(counted_twice)
    return math.fsum([*known, *(-value for value in counted_twice)])


def _common(stated: Sequence[JsonObject], names: Sequence[str]) -> JsonObject:
    """Return what all agree on."""
    first = stated[0] if stated else {}
    return {
        name: first[name] for name in names if name in first and all(one.get(name) == first[name] for one in stated)
    }


def _is_of(event: JsonObject, plane: str) -> bool:
    if plane in ("left", "right"):
        return plane in (event.get("laterality") or "").casefold()
    return plane in ("all", "both") or event.get("plane", "single") == plane


def _acquisition_kind(event: JsonObject) -> str:
    words = (event.get("acquisition_type") or "").casefold().replace(" ", "_")
    return next((kind for kind in ACQUISITION_KINDS if words.startswith(kind)), "other")
