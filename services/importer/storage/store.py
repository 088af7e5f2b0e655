"""Writing dose documents to PostgreSQL: the adapter around `services.importer.storage.merge`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, text, update

from services.importer.extract.plausibility.checks import flags_of
from services.importer.policies.not_patient import together
from services.importer.reading.contribution import Contribution, EventIdentity
from services.importer.reading.equipment import equipment_row
from services.importer.reading.recognition import contribution
from services.importer.storage import rows
from services.importer.storage.equipment_rows import EquipmentByIdentity
from services.importer.storage.merge import Decision, StudyState, merge
from services.importer.storage.nuclear_rows import nuclear_rows
from shared.database.base import now
from shared.database.models import (
    AccumulatedDose,
    CtIrradiation,
    CtXRaySource,
    IrradiationEvent,
    ProcessedObject,
    Report,
    Study,
    StudyPart,
    XRayFilter,
    XRayIrradiation,
)
from shared.stored_study import read_studies
from shared.stored_study.layout import table_of
from shared.stored_study.modality import class_of_study

_EVENT_TABLES: Mapping[StudyPart, tuple[Table, Table]] = {
    StudyPart.CT: (table_of(CtIrradiation), table_of(CtXRaySource)),
    StudyPart.XRAY: (table_of(XRayIrradiation), table_of(XRayFilter)),
    StudyPart.MG: (table_of(XRayIrradiation), table_of(XRayFilter)),
}
# With their values as parameters, so that SQLAlchemy compiles each of them once.
_PROCESSED = insert(table_of(ProcessedObject))
_NEW_STUDY = insert(table_of(Study)).returning(Study.id)
_NEW_REPORT = insert(table_of(Report)).returning(Report.id)
_TOTALS = ("total_dlp_mgy_cm", "total_dap_gy_m2", "total_rp_dose_gy")
# OFFSET keeps the planner from merging the query into the outer one: locks are taken in order, so nobody deadlocks.
_LOCK = text("SELECT pg_advisory_xact_lock(k) FROM (SELECT k FROM unnest(:keys) AS k ORDER BY k OFFSET 0) AS sorted")


@dataclass(frozen=True, slots=True)
class _Stored:
    """A study as the decision needs it, and where its rows are."""

    id: int | None
    state: StudyState


def lock(connection: Connection, names: Iterable[str]) -> None:
    """Let no other importer work on these studies and objects until the transaction ends."""
    keys = sorted({int.from_bytes(sha256(name.encode()).digest()[:8], signed=True) for name in names})
    connection.execute(_LOCK, {"keys": keys})


def store(
    connection: Connection,
    document: rows.Document,
    part: StudyPart,
    *,
    study: Mapping[str, Any],
    not_patient: Mapping[str, Any] | None,
    equipment: EquipmentByIdentity,
    trace_id: str,
) -> Decision:
    """Merge one part of a document into its study, which the caller has locked.

    Args:
        connection: in a transaction, whose savepoint the caller rolls back after an error.
        document: a dose document that was accepted.
        part: the part of it to store.
        study: its `study` part, as far as the privacy policy lets it.
        not_patient: which patterns say that the patient of this object is none.
        equipment: from `ensure_equipment`.
        trace_id: of the reception.
    """
    study_instance_uid = document["study"]["study_instance_uid"]
    new = contribution(document, part)
    stored = _load(connection, study_instance_uid, part)
    decision = merge(stored.state, new)
    study_id = stored.id
    if study_id is None or decision.leads:
        irradiated_by = equipment[equipment_row(document)["identity_hash"]]
        describing = {
            **rows.study_row(study),
            "modality": class_of_study(study.get("modality"), irradiated_by.user_modality),
            "modality_by_content": study.get("modality"),
            "equipment_id": irradiated_by.id,
        }
        study_id = _describe(connection, study_id, describing | {"part": part})
    if new.sop_instance_uid not in stored.state.processed:
        connection.execute(_PROCESSED, {"study_id": study_id, "sop_instance_uid": new.sop_instance_uid})
    if decision.stays:
        _replace(connection, study_id, decision)
        of_report = {"study_id": study_id, "trace_id": trace_id, "not_patient": not_patient}
        _write(connection, document, part, new=new, decision=decision, of_report=of_report)
        alone = len(decision.superseded) == len(stored.state.contributions)
        _sum_up(connection, study_id, part, document if alone else None)
    return decision


def _load(connection: Connection, study_instance_uid: str, part: StudyPart) -> _Stored:
    study_id = connection.scalar(
        select(Study.id).where(Study.study_instance_uid == study_instance_uid, Study.part == part)
    )
    if study_id is None:
        return _Stored(None, StudyState())
    processed = connection.scalars(select(ProcessedObject.sop_instance_uid).where(ProcessedObject.study_id == study_id))
    reports = connection.execute(
        select(Report.sop_instance_uid, Report.event_keys, Report.event_started_at, Report.is_image, Report.exposure)
        .where(Report.study_id == study_id)
        .order_by(Report.id)
    )
    return _Stored(
        study_id,
        StudyState(
            processed=frozenset(processed),
            contributions=tuple(
                Contribution(
                    sop_instance_uid=uid,
                    events=tuple(
                        EventIdentity.of(key, started_at, sop_instance_uid=uid, exposure=exposure)
                        for key, started_at in zip(keys, starts, strict=True)
                    ),
                    is_image=is_image,
                    of_series=is_image and part is StudyPart.NM,
                    of_whole_study=is_image and part is StudyPart.CT,
                )
                for uid, keys, starts, is_image, exposure in reports
            ),
        ),
    )


def _describe(connection: Connection, study_id: int | None, describing: rows.Row) -> int:
    if study_id is None:
        new_id: int = connection.execute(_NEW_STUDY, describing).scalar_one()
        return new_id
    connection.execute(update(table_of(Study)).where(Study.id == study_id), describing)
    return study_id


def _replace(connection: Connection, study_id: int, decision: Decision) -> None:
    """Remove what the new object supersedes; rows of events go with their report."""
    if decision.superseded:
        connection.execute(
            delete(Report).where(Report.study_id == study_id, Report.sop_instance_uid.in_(decision.superseded))
        )
    if decision.remove_events:
        connection.execute(
            delete(IrradiationEvent).where(
                IrradiationEvent.study_id == study_id, IrradiationEvent.event_key.in_(decision.remove_events)
            )
        )


def _write(
    connection: Connection,
    document: rows.Document,
    part: StudyPart,
    *,
    new: Contribution,
    decision: Decision,
    of_report: rows.Row,
) -> None:
    report = rows.report_row(document, part, new.events) | of_report
    report_id = connection.execute(_NEW_REPORT, report).scalar_one()
    _insert(connection, table_of(AccumulatedDose), rows.accumulated_rows(document, part), report_id=report_id)
    if part is StudyPart.NM:
        for table, values in nuclear_rows(document[part.value]):
            _insert(connection, table, values, report_id=report_id)
        return
    of_events = rows.event_rows(document, part, new.events, set(decision.write_events))
    if of_events.events:
        detail_table, item_table = _EVENT_TABLES[part]
        _insert(
            connection,
            table_of(IrradiationEvent),
            of_events.events,
            report_id=report_id,
            study_id=of_report["study_id"],
        )
        _insert(connection, detail_table, of_events.details, report_id=report_id)
        _insert(connection, item_table, of_events.items, report_id=report_id)


def _insert(connection: Connection, table: Table, values: Sequence[rows.Row], **same: int) -> None:
    """Insert many rows by few statements (SQLAlchemy sends `VALUES` lists of a thousand)."""
    if values:
        connection.execute(insert(table), [row | same for row in values])


def _sum_up(connection: Connection, study_id: int, part: StudyPart, only: rows.Document | None) -> None:
    """Copy to the study's row, for lists, the totals and flags of the only report, or of all together.

    The flags of an only report are all that it has, as `dosewire extract` prints them, whatever its parts.
    """
    if only is None:
        (stored,) = read_studies(connection, [study_id])
        only = stored.document
    dose = only[part.value]
    values = {name: dose.get(name) for name in _TOTALS} | {
        "events_count": len(dose.get("events", ())),
        "flags": flags_of(only),
        "not_patient": together(connection.scalars(select(Report.not_patient).where(Report.study_id == study_id))),
        "updated_at": now(),
    }
    connection.execute(update(table_of(Study)).where(Study.id == study_id), values)
