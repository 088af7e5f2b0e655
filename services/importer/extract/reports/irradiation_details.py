"""The Irradiation Details of an enhanced dose report (TID 10040), copied to the events that they apply to.

Beside its events it has Irradiation Details (TID 10043): containers for technique, filtration and field, each with a
source, a start and an end of its own. Values that apply during an event are copied to it, and marked as derived.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from services.importer.extract.fields.collect import collect, mark_derived, mean_of_not_zero
from services.importer.extract.fields.content_tree import ContentItem
from services.importer.extract.fields.problems import Place, Warnings
from services.importer.extract.fields.template import Field, Kind, Part, Repeat
from services.importer.extract.tables import projection
from shared.dose_document.values import Values, containers_of, list_of, text_of

Containers = list[tuple[Place, ContentItem]]

_WINDOW = ("started_at", "ended_at")
MAX_PERIODS_AT_ONCE: Final = 200
"""The most periods at one moment: those of one source do not overlap (TID 10043), except in broken reports."""


@dataclass(frozen=True, slots=True)
class _Period:
    """The values of a source from `started_at` to `ended_at`, local times in ISO 8601."""

    started_at: str
    ended_at: str
    source: str | None
    values: Values
    place: Place


def add_details(events: list[Values], containers: Containers, warnings: Warnings) -> None:
    """Copy the details for its time and source to each event, for fields that the event lacks.

    In the order of time, so that an event meets only the periods that have not ended before it.
    """
    coming = deque(sorted(_periods(containers, warnings), key=lambda period: period.started_at))
    current: list[_Period] = []
    for event in sorted(events, key=lambda event: text_of(event, "started_at") or ""):
        start = text_of(event, "started_at") or ""
        end = max(start, text_of(event, "ended_at") or "")
        while coming and coming[0].started_at <= end:
            current.append(coming.popleft())
        current = [period for period in current if period.ended_at >= start]
        if len(current) > MAX_PERIODS_AT_ONCE:
            warnings.add(current[0].place, f"more than {MAX_PERIODS_AT_ONCE} periods at once; the last are taken")
            del current[:-MAX_PERIODS_AT_ONCE]
        _add_all(event, [period for period in current if _holds(period, event)], warnings)


def _add_all(event: Values, held: list[_Period], warnings: Warnings) -> None:
    for row in projection.DETAILS.rows if held else ():
        if row.name not in _WINDOW:
            _add(event, row, [period for period in held if _has(period.values, row.name)], warnings)


def _periods(containers: Containers, warnings: Warnings) -> list[_Period]:
    periods = []
    for outer, container in containers:
        whole = collect(container, projection.DETAILS, warnings, outer)
        for position, item in enumerate(container.children, 1):
            if item.concept is None or projection.DETAIL_CONTAINERS.find(item.concept) is None:
                continue
            place = Place(outer, item, position)
            values = collect(item, projection.DETAILS, warnings, place)
            values.pop("raw", None)
            source = text_of(values, "source") or text_of(whole, "source")
            for beam_filter in containers_of(values, "filters"):
                mark_derived(beam_filter, thickness_min_mm=beam_filter.get("thickness_max_mm"))
            start, end = (
                text_of(values, name) or text_of(whole, name) or bound
                for name, bound in zip(_WINDOW, ("", "~"), strict=True)
            )
            for name in ("source", *_WINDOW):
                values.pop(name, None)
            periods.append(_Period(start, end, projection.plane_of(None, source) or source, values, place))
    return periods


def _holds(period: _Period, event: Values) -> bool:
    """Tell whether an event lies in a period, at least in part, and is of its source."""
    plane = text_of(event, "plane")
    if period.source and plane and period.source != plane:
        return False
    start = text_of(event, "started_at")
    if start is None:
        return period.started_at == ""
    end = text_of(event, "ended_at") or start
    last_start, first_end = max(start, period.started_at), min(end, period.ended_at)
    instant = start == end or period.started_at == period.ended_at
    return last_start < first_end or (instant and last_start == first_end)


def _has(values: Values, name: str) -> bool:
    return name in values or f"{name}_values" in values


def _add(event: Values, row: Field | Part, periods: list[_Period], warnings: Warnings) -> None:
    if not periods or _has(event, row.name):
        return
    if isinstance(row, Field) and row.repeat is Repeat.VALUES:
        _add_several(event, row.name, periods)
        return
    stated = periods[0].values
    mark_derived(event, **{row.name: stated[row.name]})
    if isinstance(row, Field) and row.kind is Kind.CODE and f"{row.name}_code" in stated:
        event[f"{row.name}_code"] = stated[f"{row.name}_code"]
    if any(period.values[row.name] != stated[row.name] for period in periods):
        warnings.add(periods[0].place, f"{row.meaning} changes during an event; the first is taken")


def _add_several(event: Values, name: str, periods: list[_Period]) -> None:
    values = [
        value
        for period in periods
        for value in list_of(period.values, f"{name}_values") or [period.values.get(name)]
        if isinstance(value, int | float)
    ]
    if len(set(values)) == 1:
        mark_derived(event, **{name: values[0]})
        return
    mark_derived(event, **{f"{name}_values": values, f"{name}_mean": mean_of_not_zero(values)})
