"""The rows of tables that hold a dose document. Pure; `shared.stored_study.layout` says which table holds what."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.importer.reading.contribution import Contribution, EventIdentity
from shared.database.models import StudyPart
from shared.dose_document.document import CtDose, Dose, DoseDocument, IrradiationDose
from shared.dose_document.values import Values, containers_of
from shared.stored_study import layout
from shared.stored_study.columns import Container, Row

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


def study_row(study: Values) -> Row:
    """Return the columns that describe a study, from the `study` part that the privacy policy left."""
    _, not_of_equipment = layout.EQUIPMENT.to_row(study)
    row, left_over = layout.STUDY.to_row(not_of_equipment)
    return {**row, "further": left_over or None}


def report_row(document: DoseDocument, part: StudyPart, new: Contribution) -> Row:
    """Return the row of a report: what it says of itself, and its totals as it states them."""
    further: Values = {}
    row: Row = {}
    for name, container, values in (
        ("object", layout.OBJECT, document.object),
        ("sr", layout.SR, document.sr or {}),
        (part.value, layout.TOTALS[part], _totals(document.doses[part])),
    ):
        columns, left_over = container.to_row(values)
        row |= columns
        if left_over:
            further[name] = left_over
    if document.mg and part is StudyPart.MG:
        row["plane_count"] = document.mg.plane_count
    return {
        **row,
        "further": further or None,
        "object_kind": document.outcome.object_kind,
        "is_image": new.is_image,
        "event_keys": [identity.key for identity in new.events],
        "event_started_at": [identity.started_at for identity in new.events],
        "exposure": new.exposure,
        "warnings": document.outcome.warnings,
        "findings": [{"flag": finding.flag.value, "detail": finding.detail} for finding in document.outcome.findings],
    }


def _totals(dose: Dose) -> Values:
    if not isinstance(dose, CtDose):
        return dose.totals
    return dose.totals | {f"count_{kind}": count for kind, count in dose.count_by_type.items()}


def accumulated_rows(dose: IrradiationDose) -> list[Row]:
    """Return a row for each plane or breast."""
    return [{"plane": plane, **whole_row(layout.ACCUMULATED, values)} for plane, values in dose.accumulated.items()]


def event_rows(
    dose: IrradiationDose, part: StudyPart, identities: Sequence[EventIdentity], keys: set[str]
) -> EventRows:
    """Return the rows of the events with these keys; `position` is their place in the document."""
    rows = EventRows([], [], [])
    container, items_name, items_container, item_position = _DETAILS[part]
    for position, (event, identity) in enumerate(zip(dose.events, identities, strict=True)):
        if identity.key not in keys:
            continue
        items = containers_of(event, items_name)
        values = {name: value for name, value in event.items() if name != items_name}
        row, rest = layout.EVENT.to_row(values)
        detail, further = container.to_row(rest)
        rows.events.append({**row, "event_key": identity.key, "position": position, "further": further or None})
        rows.details.append({**detail, "position": position})
        rows.items.extend(
            {item_position: number, "position": position, **whole_row(items_container, item)}
            for number, item in enumerate(items)
        )
    return rows


def whole_row(container: Container, values: Values) -> Row:
    """Return the row of a container, with what has no column as JSON."""
    row, left_over = container.to_row(values)
    return {**row, "further": left_over or None}
