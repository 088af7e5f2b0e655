"""The flags of a dose document, for values that cannot be right. Pure functions; nothing is corrected.

A physicist adds a limit by adding a row to `LIMITS`. The flags follow from the document without what the privacy
policy withholds, so those of a stored study are those that its objects have.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.importer.extract.plausibility.totals import differing_counts, differing_totals
from shared.dose_document.document import DoseDocument
from shared.dose_document.flags import Flag
from shared.dose_document.values import Value, Values, containers_of, number_of, text_of

_SHOWN: Final = 3
"""The most findings that a flag lists; of further ones it gives the number."""
_MAX_AGE_YEARS: Final = 120


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of a field: a value outside `lowest` to `highest` cannot be right. Zero stands for "not measured"."""

    flag: Flag
    container: str
    """A key of `CONTAINERS`."""
    field: str
    unit: str
    highest: float | None = None
    lowest: float | None = None
    hint: str = ""


LIMITS: Final = (
    Limit(Flag.EXPOSURE_TIME_LONG, "ct.events", "exposure_time_s", "s", 600, hint="perhaps in ms"),
    Limit(Flag.EXPOSURE_TIME_LONG, "xray.events", "exposure_time_ms", "ms", 3_600_000),
    Limit(Flag.EXPOSURE_TIME_LONG, "xray.events", "irradiation_duration_s", "s", 3_600, hint="perhaps in ms"),
    Limit(Flag.EXPOSURE_TIME_LONG, "mg.events", "exposure_time_ms", "ms", 60_000, hint="perhaps in µs"),
    Limit(Flag.EXPOSURE_TIME_LONG, "xray.accumulated", "fluoro_time_s", "s", 36_000, hint="perhaps in ms"),
    Limit(Flag.TUBE_VOLTAGE_IMPLAUSIBLE, "ct.events", "kvp", "kV", 200, 10),
    Limit(Flag.TUBE_VOLTAGE_IMPLAUSIBLE, "ct.events.sources", "kvp", "kV", 200, 10),
    Limit(Flag.TUBE_VOLTAGE_IMPLAUSIBLE, "xray.events", "kvp", "kV", 200, 10),
    Limit(Flag.TUBE_VOLTAGE_IMPLAUSIBLE, "mg.events", "kvp", "kV", 100, 10),
    Limit(Flag.FOCAL_SPOT_LARGE, "xray.events", "focal_spot_mm", "mm", 5, hint="perhaps in tenths of a mm"),
    Limit(Flag.FOCAL_SPOT_LARGE, "mg.events", "focal_spot_mm", "mm", 2, hint="perhaps in tenths of a mm"),
    Limit(Flag.ACTIVITY_HIGH, "nm.administrations", "activity_mbq", "MBq", 100_000, hint="perhaps in kBq or Bq"),
    Limit(Flag.VALUE_NEGATIVE, "ct.events", "ctdivol_mgy", "mGy", lowest=0),
    Limit(Flag.VALUE_NEGATIVE, "ct.events", "dlp_mgy_cm", "mGy·cm", lowest=0),
    Limit(Flag.VALUE_NEGATIVE, "xray.events", "dap_gy_m2", "Gy·m²", lowest=0),
    Limit(Flag.VALUE_NEGATIVE, "xray.events", "rp_dose_gy", "Gy", lowest=0),
    Limit(Flag.VALUE_NEGATIVE, "mg.events", "agd_mgy", "mGy", lowest=0),
    Limit(Flag.VALUE_NEGATIVE, "nm.administrations", "activity_mbq", "MBq", lowest=0),
    Limit(Flag.DOSE_HIGH, "ct.events", "ctdivol_mgy", "mGy", 3_000, hint="perhaps in µGy"),
    Limit(Flag.DOSE_HIGH, "ct.events", "dlp_mgy_cm", "mGy·cm", 30_000, hint="perhaps in µGy·cm"),
    Limit(Flag.DOSE_HIGH, "xray.events", "dap_gy_m2", "Gy·m²", 0.5, hint="perhaps in Gy·cm² or less"),
    Limit(Flag.DOSE_HIGH, "xray.events", "rp_dose_gy", "Gy", 30, hint="perhaps in mGy"),
    Limit(Flag.DOSE_HIGH, "mg.events", "agd_mgy", "mGy", 50, hint="perhaps in units of 0.01 mGy"),
    Limit(Flag.PATIENT_IMPLAUSIBLE, "study", "patient_size_m", "m", 2.8, 0.2, hint="perhaps in cm"),
    Limit(Flag.PATIENT_IMPLAUSIBLE, "study", "patient_weight_kg", "kg", 500, 0.2, hint="perhaps in g"),
)


def _study_date_missing(document: DoseDocument) -> Iterator[str]:
    if not text_of(document.study, "study_date"):
        yield "the study has no date"


def _event_start_missing(document: DoseDocument) -> Iterator[str]:
    """Not of CT, whose template has no such item, nor of images: there the study's date stands for the exposure."""
    if document.sr is not None:
        for dose in (document.xray, document.mg):
            for number, event in enumerate(dose.events if dose else (), start=1):
                if not text_of(event, "started_at"):
                    yield f"event {number} has no date and time"


def _age_negative(document: DoseDocument) -> Iterator[str]:
    if any(finding.flag is Flag.AGE_NEGATIVE for finding in document.outcome.findings):
        yield "the patient's birth date is after the study"
    written = text_of(document.study, "patient_age") or ""
    if written.startswith("-") or (number_of(document.study, "patient_age_years") or 0) < 0:
        yield "the patient's age is below zero"


def _age_high(document: DoseDocument) -> Iterator[str]:
    age = number_of(document.study, "patient_age_years")
    if age is not None and age > _MAX_AGE_YEARS:
        yield f"the patient is {age:g} years old"


def _unit_unknown(document: DoseDocument) -> Iterator[str]:
    yield from (finding.detail for finding in document.outcome.findings if finding.flag is Flag.UNIT_UNKNOWN)


RULES: Final[Sequence[tuple[Flag, Callable[[DoseDocument], Iterator[str]]]]] = (
    (Flag.TOTAL_DIFFERS, differing_totals),
    (Flag.EVENT_COUNT_DIFFERS, differing_counts),
    (Flag.STUDY_DATE_MISSING, _study_date_missing),
    (Flag.EVENT_START_MISSING, _event_start_missing),
    (Flag.AGE_NEGATIVE, _age_negative),
    (Flag.AGE_HIGH, _age_high),
    (Flag.UNIT_UNKNOWN, _unit_unknown),
)


def flags_of(document: DoseDocument) -> list[dict[str, str]]:
    """Return the flags of an accepted document, or of one part of it: `flag` and `detail`, once each."""
    found: dict[Flag, list[str]] = {}
    containers = {name: list(of(document)) for name, of in CONTAINERS.items()}
    for limit in LIMITS:
        if texts := list(_beyond(limit, containers[limit.container])):
            found.setdefault(limit.flag, []).extend(texts)
    for flag, findings in RULES:
        if texts := list(findings(document)):
            found.setdefault(flag, []).extend(texts)
    return [{"flag": flag.value, "detail": _in_words(found[flag])} for flag in Flag if flag in found]


def _in_words(findings: Sequence[str]) -> str:
    more = f"; and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
    return "; ".join(findings[:_SHOWN]) + more


_Named = Iterable[tuple[str, Values]]
"""The containers, with their names in details."""


def _numbered(word: str, containers: Iterable[Values]) -> _Named:
    return ((f"{word} {number}", container) for number, container in enumerate(containers, start=1))


def _sources(document: DoseDocument) -> _Named:
    events = document.ct.events if document.ct else ()
    for event_name, event in _numbered("event", events):
        for name, source in _numbered("source", containers_of(event, "sources")):
            yield f"{event_name}, {name}", source


def _planes(document: DoseDocument) -> _Named:
    planes = document.xray.accumulated if document.xray else {}
    return ((f"plane {plane}", totals) for plane, totals in planes.items())


CONTAINERS: Final[Mapping[str, Callable[[DoseDocument], _Named]]] = {
    "study": lambda document: [("patient", document.study)],
    "ct.events": lambda document: _numbered("event", document.ct.events if document.ct else ()),
    "ct.events.sources": _sources,
    "xray.accumulated": _planes,
    "xray.events": lambda document: _numbered("event", document.xray.events if document.xray else ()),
    "mg.events": lambda document: _numbered("event", document.mg.events if document.mg else ()),
    "nm.administrations": lambda document: _numbered(
        "administration", document.nm.administrations if document.nm else ()
    ),
}
"""The containers whose values have limits."""


def _beyond(limit: Limit, containers: Iterable[tuple[str, Values]]) -> Iterator[str]:
    """Yield in words each value that breaks a limit."""
    for name, container in containers:
        for field in (limit.field, f"{limit.field}_values"):
            value = _first_outside(container.get(field), limit)
            if value is None:
                continue
            hint = f"; {limit.hint}" if limit.hint and limit.highest is not None and value > limit.highest else ""
            yield f"{name}: {field} is {value:g} {limit.unit}{hint}"


def _first_outside(stated: Value, limit: Limit) -> float | None:
    """Return the first number that breaks a limit, of one or of several."""
    values = stated if isinstance(stated, list) else [stated]
    return next((value for value in values if isinstance(value, int | float) and _outside(value, limit)), None)


def _outside(value: float, limit: Limit) -> bool:
    if value == 0:
        return False
    return (limit.highest is not None and value > limit.highest) or (limit.lowest is not None and value < limit.lowest)
