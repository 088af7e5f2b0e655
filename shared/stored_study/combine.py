"""One dose document from the reports of a study. Pure functions: the order of reports makes no difference."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from shared.database.models import StudyPart
from shared.dose_document.document import (
    CtDose,
    DocumentOutcome,
    Dose,
    DoseDocument,
    MammographyDose,
    ProjectionDose,
)
from shared.dose_document.values import Values, number_of, text_of
from shared.stored_study.combine_nuclear import combined_nuclear, disagreements
from shared.stored_study.layout import ACQUISITION_KINDS
from shared.stored_study.stored_report import StoredReport


def combine(*, part: StudyPart, study: Values, reports: Sequence[StoredReport]) -> DoseDocument:
    """Return the document of a study whose `study` part is given."""
    leading = max(reports, key=lambda report: report.rank)
    in_order = sorted(reports, key=lambda report: report.begun)
    outcome = DocumentOutcome(
        accepted=True,
        object_kind=leading.object_kind,
        warnings=[warning for report in in_order for warning in report.warnings],
        findings=[finding for report in in_order for finding in report.findings],
    )
    if part is StudyPart.NM:
        outcome.warnings += disagreements(in_order)
    document = DoseDocument(
        object=leading.object, study=study, sr=None if leading.is_image else leading.sr, outcome=outcome
    )
    document.add(leading.dose if len(reports) == 1 else _COMBINED[part](in_order))
    if len(reports) > 1:
        document.reports = [_of_report(part, report) for report in in_order]
    return document


def _of_report(part: StudyPart, report: StoredReport) -> Values:
    of_object: Values = {"object": report.object}
    of_root: Values = {} if report.is_image else {"sr": report.sr}
    return {**of_object, **of_root, part.value: report.dose.summary()}


def _combined_ct(reports: Sequence[StoredReport]) -> CtDose:
    shared = _told_again(reports)
    stated = [report.irradiation.totals for report in reports]
    kinds = [_acquisition_kind(event) for event in shared]
    counts = [report.dose.count_by_type for report in reports if isinstance(report.dose, CtDose)]
    events = _events(reports)
    return CtDose(
        totals={
            "events_count": len(events),
            **_added_up(stated, shared, ("irradiation_event_count", "total_dlp_mgy_cm", "total_effective_dose_msv")),
            **_common(stated, ("total_dlp_phantom", "total_dlp_phantom_code")),
        },
        events=events,
        count_by_type={
            kind: sum(count.get(kind, 0) for count in counts) - kinds.count(kind) for kind in ACQUISITION_KINDS
        },
    )


def _combined_projection(reports: Sequence[StoredReport]) -> ProjectionDose:
    events, accumulated = _events(reports), _accumulated_of_all(reports)
    stated = [report.irradiation.totals for report in reports]
    totals = _added_up(stated, _told_again(reports), ("total_dap_gy_m2", "total_rp_dose_gy"))
    return ProjectionDose(
        totals={"events_count": len(events), "plane_count": len(accumulated), **totals},
        accumulated=accumulated,
        events=events,
    )


def _combined_mammography(reports: Sequence[StoredReport]) -> MammographyDose:
    leading = max(reports, key=lambda report: report.rank).dose
    events = _events(reports)
    return MammographyDose(
        totals={"events_count": len(events)},
        accumulated=_accumulated_of_all(reports),
        events=events,
        plane_count=leading.plane_count if isinstance(leading, MammographyDose) else None,
    )


def _added_up(stated: Sequence[Values], shared: Sequence[Values], names: Sequence[str]) -> Values:
    """Return the sums of stated totals, without events that several reports count."""
    sums = {
        name: _sum([number_of(totals, name) for totals in stated], [_EVENT_AMOUNT[name](event) for event in shared])
        for name in names
    }
    return {name: total for name, total in sums.items() if total is not None}


def _accumulated_of_all(reports: Sequence[StoredReport]) -> dict[str, Values]:
    shared = _told_again(reports)
    planes = sorted({plane for report in reports for plane in report.irradiation.accumulated})
    return {
        plane: _accumulated(plane, [report.irradiation.accumulated.get(plane, {}) for report in reports], shared)
        for plane in planes
    }


def _accumulated(plane: str, stated: Sequence[Values], shared: Sequence[Values]) -> Values:
    """Return the totals of one plane or breast; what cannot be told apart where reports overlap is left out."""
    of_plane = [event for event in shared if _is_of(event, plane)]
    values = _common(stated, [name for one in stated for name in one if name not in _ADDED])
    for name in _ADDED:
        amount = _EVENT_AMOUNT.get(name)
        if of_plane and amount is None:
            continue
        total = _sum([number_of(one, name) for one in stated], [amount(event) for event in of_plane] if amount else [])
        if total is not None:
            values[name] = total
    return values


_COMBINED: Final[dict[StudyPart, Callable[[Sequence[StoredReport]], Dose]]] = {
    StudyPart.CT: _combined_ct,
    StudyPart.XRAY: _combined_projection,
    StudyPart.MG: _combined_mammography,
    StudyPart.NM: combined_nuclear,
}


def _events(reports: Sequence[StoredReport]) -> list[Values]:
    events = [event for report in reports for event in report.irradiation.events]
    starts = [text_of(event, "started_at") for event in events]
    if all(starts):
        events.sort(key=lambda event: text_of(event, "started_at") or "")
    return events


def _told_again(reports: Sequence[StoredReport]) -> list[Values]:
    """Return each event once for every report that tells of it besides the one that it is read from."""
    by_key = {key: event for report in reports for key, event in report.events.items()}
    return [
        by_key[key] for report in reports for key in report.event_keys if key not in report.read_keys and key in by_key
    ]


def _number(name: str) -> Callable[[Values], float]:
    return lambda event: number_of(event, name) or 0.0


def _fluoroscopy(event: Values) -> bool:
    return "fluoro" in (text_of(event, "event_type") or "").casefold()


def _if(of: Callable[[Values], bool], name: str, *, wanted: bool) -> Callable[[Values], float]:
    return lambda event: (number_of(event, name) or 0.0) if of(event) is wanted else 0.0


_EVENT_AMOUNT: Final[dict[str, Callable[[Values], float]]] = {
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
"""An event's share of a total; it is subtracted where two reports have counted the event."""
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


def _common(stated: Sequence[Values], names: Sequence[str]) -> Values:
    """Return the fields that are the same in all."""
    first = stated[0] if stated else {}
    return {
        name: first[name] for name in names if name in first and all(one.get(name) == first[name] for one in stated)
    }


def _is_of(event: Values, plane: str) -> bool:
    if plane in ("left", "right"):
        return plane in (text_of(event, "laterality") or "").casefold()
    return plane in ("all", "both") or event.get("plane", "single") == plane


def _acquisition_kind(event: Values) -> str:
    words = (text_of(event, "acquisition_type") or "").casefold().replace(" ", "_")
    return next((kind for kind in ACQUISITION_KINDS if words.startswith(kind)), "other")
