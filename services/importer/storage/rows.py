"""A dose document as rows of tables. Pure; which table holds what is `shared.stored_study.layout`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.importer.reading.contribution import EventIdentity
from services.importer.reading.recognition import exposure, is_image
from shared.database.models import StudyPart
from shared.stored_study import layout
from shared.stored_study.columns import Container

Row = dict[str, Any]
Document = Mapping[str, Any]

_DETAILS = {
    StudyPart.CT: (layout.CT_EVENT, "sources", layout.CT_SOURCE, "source_position"),
    StudyPart.XRAY: (layout.XRAY_EVENT, "filters", layout.XRAY_FILTER, "filter_position"),
    StudyPart.MG: (layout.XRAY_EVENT, "filters", layout.XRAY_FILTER, "filter_position"),
}


@dataclass(frozen=True, slots=True)
class EventRows:
    """The rows of irradiation events; `details` and `items` go into the tables of the part."""

    events: list[Row]
    details: list[Row]
    items: list[Row]


def study_row(study: Mapping[str, Any]) -> Row:
    """Return the columns that describe a study, from the `study` part that the privacy policy left."""
    _, not_of_equipment = layout.EQUIPMENT.to_row(study)
    row, left_over = layout.STUDY.to_row(not_of_equipment)
    return {**row, "further": left_over or None}


def report_row(document: Document, part: StudyPart, identities: Sequence[EventIdentity]) -> Row:
    """Return the row of a report: what it says of itself, and its totals as it states them."""
    further: dict[str, Any] = {}
    row: Row = {}
    totals = {name: value for name, value in document[part.value].items() if name not in _tables_of(part)}
    for kind, count in totals.pop("count_by_type", {}).items():
        totals[f"count_{kind}"] = count
    for name, container, values in (
        ("object", layout.OBJECT, document["object"]),
        ("sr", layout.SR, document.get("sr", {})),
        (part.value, layout.TOTALS[part], totals),
        *((("xray", layout.PLANES, document.get("xray", {})),) if part is StudyPart.MG else ()),
    ):
        columns, left_over = container.to_row(values)
        row |= columns
        if left_over:
            further[name] = left_over
    outcome = document["outcome"]
    return {
        **row,
        "further": further or None,
        "object_kind": str(outcome["object_kind"]),
        "is_image": is_image(document),
        "event_keys": [identity.key for identity in identities],
        "event_started_at": [identity.started_at for identity in identities],
        "exposure": exposure(document, part),
        "warnings": outcome.get("warnings", []),
    }


def accumulated_rows(document: Document, part: StudyPart) -> list[Row]:
    """Return a row for each plane or breast."""
    return [
        {"plane": plane, **whole_row(layout.ACCUMULATED, values)}
        for plane, values in document[part.value].get("accumulated", {}).items()
    ]


def event_rows(document: Document, part: StudyPart, identities: Sequence[EventIdentity], keys: set[str]) -> EventRows:
    """Return the rows of the events with these keys; `position` is their place in the document. Not for NM."""
    rows = EventRows([], [], [])
    container, items_name, items_container, item_position = _DETAILS[part]
    events = document[part.value].get("events", ())
    for position, (event, identity) in enumerate(zip(events, identities, strict=True)):
        if identity.key not in keys:
            continue
        values = dict(event)
        items = values.pop(items_name, [])
        row, rest = layout.EVENT.to_row(values)
        detail, further = container.to_row(rest)
        rows.events.append({**row, "event_key": identity.key, "position": position, "further": further or None})
        rows.details.append({**detail, "position": position})
        rows.items.extend(
            {item_position: number, "position": position, **whole_row(items_container, item)}
            for number, item in enumerate(items)
        )
    return rows


def _tables_of(part: StudyPart) -> tuple[str, ...]:
    """Return the keys of a part that have tables of their own."""
    if part is StudyPart.NM:
        return ("administrations", "patient", "pet_series")
    return ("events",) if part is StudyPart.CT else ("events", "accumulated")


def whole_row(container: Container, values: Mapping[str, Any]) -> Row:
    """Return the row of a container, with what has no column as JSON."""
    row, left_over = container.to_row(values)
    return {**row, "further": left_over or None}
