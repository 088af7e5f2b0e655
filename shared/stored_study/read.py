"""Reading stored studies back as dose documents: the shape that `dosewire extract` prints.

A study of one report reads back as the document of that object, apart from what the privacy policy withheld.
A study of several reports reads back as one document: the leading report's `object` and `sr`, the totals of all, the
events of all, and under `reports` what each of them says of itself.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Executable, RowMapping, select

from shared.database.models import (
    AccumulatedDose,
    CtIrradiation,
    CtXRaySource,
    Equipment,
    IrradiationEvent,
    ProcessedObject,
    Report,
    Study,
    StudyPart,
    XRayFilter,
    XRayIrradiation,
)
from shared.dose_document.document import (
    CtDose,
    Dose,
    DoseDocument,
    Finding,
    MammographyDose,
    NuclearDose,
    ProjectionDose,
)
from shared.dose_document.flags import Flag
from shared.dose_document.values import Values, list_of
from shared.stored_study import layout
from shared.stored_study.combine import combine
from shared.stored_study.query import rows_of, values_of
from shared.stored_study.read_nuclear import read_nuclear
from shared.stored_study.stored_report import StoredReport


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStudy:
    """A study as it is stored."""

    id: int
    part: StudyPart
    document: DoseDocument
    processed_sop_instance_uids: tuple[str, ...]
    """Every object that the study has seen, also those that added nothing; sorted."""
    created_at: datetime
    updated_at: datetime


def find_studies(connection: Connection, study_instance_uid: str) -> list[StoredStudy]:
    """Return the studies of one Study Instance UID: none, one, or several parts (a PET-CT has two)."""
    query = select(Study.id).where(Study.study_instance_uid == study_instance_uid).order_by(Study.part)
    return read_studies(connection, list(connection.scalars(query)))


def read_studies(connection: Connection, study_ids: Sequence[int]) -> list[StoredStudy]:
    """Return the studies of these ids, in their order; ids that are not there are left out."""
    studies = {row["study_id_"]: row for row in _mappings(connection, _studies(study_ids))}
    reports = _read_reports(connection, {study_id: row["part"] for study_id, row in studies.items()})
    processed: dict[int, list[str]] = defaultdict(list)
    for study_id, uid in connection.execute(
        select(ProcessedObject.study_id, ProcessedObject.sop_instance_uid)
        .where(ProcessedObject.study_id.in_(studies))
        .order_by(ProcessedObject.sop_instance_uid)
    ):
        processed[study_id].append(uid)
    return [
        StoredStudy(
            id=study_id,
            part=studies[study_id]["part"],
            document=_document(studies[study_id], reports[study_id]),
            processed_sop_instance_uids=tuple(processed[study_id]),
            created_at=studies[study_id]["created_at"],
            updated_at=studies[study_id]["updated_at"],
        )
        for study_id in study_ids
        if study_id in studies
    ]


def _studies(study_ids: Sequence[int]) -> Executable:
    equipment = [layout.table_of(Equipment).c[name] for name in layout.EQUIPMENT.keys]
    study = [column for column in layout.table_of(Study).c if column.name != "id"]
    return (
        select(Study.id.label("study_id_"), *study, *equipment)
        .join(Equipment, Study.equipment_id == Equipment.id)
        .where(Study.id.in_(study_ids))
    )


def _document(row: RowMapping, reports: Sequence[StoredReport]) -> DoseDocument:
    document = combine(part=row["part"], study=_study_part(row), reports=reports)
    document.outcome.flags = row["flags"]
    document.outcome.not_patient = row["not_patient"] or None
    return document


def _study_part(row: RowMapping) -> Values:
    study = {**layout.STUDY.to_values(row), **layout.EQUIPMENT.to_values(row), **(row["further"] or {})}
    if row["modality"] != row["modality_by_content"]:
        study["modality_by_content"] = row["modality_by_content"]
    return study


@dataclass(frozen=True, slots=True)
class _Lists:
    """The rows that belong to reports, by the id of the report."""

    accumulated: Mapping[int, dict[str, Values]]
    events: Mapping[int, dict[str, Values]]
    nuclear: Mapping[int, NuclearDose]


def _read_reports(connection: Connection, parts: Mapping[int, StudyPart]) -> dict[int, list[StoredReport]]:
    """Return the reports of studies by the study's id."""
    rows = _mappings(connection, select(layout.table_of(Report)).where(Report.study_id.in_(parts)))
    report_ids = [row["id"] for row in rows]
    accumulated: dict[int, dict[str, Values]] = defaultdict(dict)
    for dose in rows_of(connection, layout.table_of(AccumulatedDose), report_ids):
        accumulated[dose["report_id"]][dose["plane"]] = values_of(layout.ACCUMULATED, dose)
    lists = _Lists(accumulated, _read_events(connection, report_ids), read_nuclear(connection, report_ids))
    reports: dict[int, list[StoredReport]] = defaultdict(list)
    for row in rows:
        further = row["further"] or {}
        reports[row["study_id"]].append(
            StoredReport(
                sop_instance_uid=row["sop_instance_uid"],
                is_image=row["is_image"],
                event_keys=tuple(row["event_keys"]),
                event_started_at=tuple(row["event_started_at"]),
                object={**layout.OBJECT.to_values(row), **further.get("object", {})},
                sr={**layout.SR.to_values(row), **further.get("sr", {})},
                dose=_dose(parts[row["study_id"]], row, lists),
                read_keys=tuple(lists.events[row["id"]]),
                object_kind=row["object_kind"],
                warnings=tuple(row["warnings"]),
                findings=tuple(Finding(_FLAGS[one["flag"]], one["detail"]) for one in row["findings"]),
            )
        )
    return reports


_FLAGS = {flag.value: flag for flag in Flag}


def _dose(part: StudyPart, row: RowMapping, lists: _Lists) -> Dose:
    report_id = row["id"]
    totals: Values = {**layout.TOTALS[part].to_values(row), **(row["further"] or {}).get(part.value, {})}
    if part is StudyPart.NM:
        return replace(lists.nuclear[report_id], totals=totals)
    events = list(lists.events[report_id].values())
    accumulated = lists.accumulated[report_id]
    if part is StudyPart.XRAY:
        return ProjectionDose(totals=totals, accumulated=accumulated, events=events)
    if part is StudyPart.MG:
        return MammographyDose(totals=totals, accumulated=accumulated, events=events, plane_count=row["plane_count"])
    counts = {kind: row[f"count_{kind}"] for kind in layout.ACQUISITION_KINDS if row[f"count_{kind}"] is not None}
    for kind in counts:
        totals.pop(f"count_{kind}")
    return CtDose(totals=totals, events=events, count_by_type=counts)


_DETAILS = (
    (layout.table_of(CtIrradiation), layout.CT_EVENT),
    (layout.table_of(XRayIrradiation), layout.XRAY_EVENT),
)
_LISTS = (
    (layout.table_of(CtXRaySource), layout.CT_SOURCE, "sources"),
    (layout.table_of(XRayFilter), layout.XRAY_FILTER, "filters"),
)


def _read_events(connection: Connection, report_ids: Sequence[int]) -> dict[int, dict[str, Values]]:
    """Return the events that each report owns, by their key, in document order."""
    details: dict[tuple[int, int], Values] = defaultdict(dict)
    for table, container in _DETAILS:
        for row in rows_of(connection, table, report_ids):
            details[row["report_id"], row["position"]] |= container.to_values(row)
    for table, container, name in _LISTS:
        for row in rows_of(connection, table, report_ids):
            event = details[row["report_id"], row["position"]]
            event[name] = [*list_of(event, name), values_of(container, row)]
    events: dict[int, dict[str, Values]] = defaultdict(dict)
    for row in rows_of(connection, layout.table_of(IrradiationEvent), report_ids):
        event = layout.EVENT.to_values(row) | details[row["report_id"], row["position"]] | (row["further"] or {})
        events[row["report_id"]][row["event_key"]] = event
    return events


def _mappings(connection: Connection, query: Executable) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()
