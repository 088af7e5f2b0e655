"""The rows of the tables that hold a dose document; `shared.stored_study.layout` lists the tables. Pure functions."""

from collections.abc import Collection, Sequence

from sqlalchemy import Table

from services.importer.reading.contribution import Contribution, EventIdentity
from shared.database.models import (
    AccumulatedDose,
    CtIrradiation,
    CtXRaySource,
    IrradiationEvent,
    StudyPart,
    XRayFilter,
    XRayIrradiation,
)
from shared.dose_document.document import CtDose, Dose, DoseDocument, IrradiationDose
from shared.dose_document.values import Values, containers_of
from shared.stored_study import layout
from shared.stored_study.columns import Container, Row

_X_RAY = (
    layout.table_of(XRayIrradiation),
    layout.XRAY_EVENT,
    layout.table_of(XRayFilter),
    "filters",
    layout.XRAY_FILTER,
    "filter_position",
)
_DETAILS = {
    StudyPart.CT: (
        layout.table_of(CtIrradiation),
        layout.CT_EVENT,
        layout.table_of(CtXRaySource),
        "sources",
        layout.CT_SOURCE,
        "source_position",
    ),
    StudyPart.XRAY: _X_RAY,
    StudyPart.MG: _X_RAY,
}
"""The table and the fields of an event's details, and of what an event has several of."""


def study_row(study: Values) -> Row:
    """Return the columns that describe a study, from the `study` part that the privacy policy left."""
    _, not_of_equipment = layout.EQUIPMENT.to_row(study)
    row, left_over = layout.STUDY.to_row(not_of_equipment)
    return {**row, "further": left_over or None}


def report_row(document: DoseDocument, part: StudyPart, new: Contribution) -> Row:
    """Return the row of a report: its description, and its totals as stated."""
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


def irradiation_rows(
    dose: IrradiationDose, part: StudyPart, identities: Sequence[EventIdentity], keys: Collection[str]
) -> list[tuple[Table, list[Row]]]:
    """Return the rows by table, in an order in which they can be inserted: planes or breasts, and events.

    Of the events those with these keys; `position` is their place in the document.
    """
    detail_table, container, item_table, items_name, items_container, item_position = _DETAILS[part]
    planes = [{"plane": plane, **whole_row(layout.ACCUMULATED, values)} for plane, values in dose.accumulated.items()]
    events: list[Row] = []
    details: list[Row] = []
    items: list[Row] = []
    for position, (event, identity) in enumerate(zip(dose.events, identities, strict=True)):
        if identity.key not in keys:
            continue
        values = {name: value for name, value in event.items() if name != items_name}
        row, rest = layout.EVENT.to_row(values)
        detail, further = container.to_row(rest)
        events.append({**row, "event_key": identity.key, "position": position, "further": further or None})
        details.append({**detail, "position": position})
        items.extend(
            {item_position: number, "position": position, **whole_row(items_container, item)}
            for number, item in enumerate(containers_of(event, items_name))
        )
    return [
        (layout.table_of(AccumulatedDose), planes),
        (layout.table_of(IrradiationEvent), events),
        (detail_table, details),
        (item_table, items),
    ]


def whole_row(container: Container, values: Values) -> Row:
    """Return the row of a container; fields without a column are kept as JSON."""
    row, left_over = container.to_row(values)
    return {**row, "further": left_over or None}
