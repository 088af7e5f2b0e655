"""Writing dose to PostgreSQL: the adapter around `services.importer.storage.merge`."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from services.importer.extract.plausibility.checks import flags_of
from services.importer.policies.not_patient import together
from services.importer.reading.contribution import Contribution, EventIdentity
from services.importer.reading.read import DoseObject
from services.importer.storage import rows
from services.importer.storage.equipment_rows import KnownEquipment
from services.importer.storage.merge import Decision, StudyState, merge
from services.importer.storage.nuclear_rows import nuclear_rows
from shared.database.base import now
from shared.database.models import (
    IrradiationEvent,
    ProcessedObject,
    Report,
    Study,
    StudyPart,
)
from shared.dose_document.document import Dose, IrradiationDose, NuclearDose
from shared.dose_document.values import Values, text_of
from shared.stored_study import read_studies
from shared.stored_study.columns import Row
from shared.stored_study.layout import table_of
from shared.stored_study.modality import class_of_study

# With their values as parameters, so that SQLAlchemy compiles each of them once.
_PROCESSED = insert(table_of(ProcessedObject))
_NEW_STUDY = insert(table_of(Study)).returning(Study.id)
_NEW_REPORT = insert(table_of(Report)).returning(Report.id)
_TOTALS = ("total_dlp_mgy_cm", "total_dap_gy_m2", "total_rp_dose_gy")


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """An object's `study` part after the privacy policy, and the not-a-patient patterns that match."""

    study: Values
    not_patient: Values | None


def store(
    connection: Connection,
    one: DoseObject,
    part: StudyPart,
    *,
    facts: StudyFacts,
    equipment: KnownEquipment,
    trace_id: str,
) -> Decision:
    """Merge one part of an object into its study, which the caller has locked.

    Args:
        connection: in a transaction, whose savepoint the caller rolls back after an error.
        one: the object.
        part: the part of it to store.
        facts: its study as the policies have it.
        equipment: from `ensure_equipment`.
        trace_id: of the reception.
    """
    new, dose = one.contributions[part], one.document.doses[part]
    study_id, state = _load(connection, one.document.study_instance_uid, part)
    decision = merge(state, new)
    alone = decision.stays and len(decision.superseded) == len(state.contributions)
    if study_id is None or decision.leads:
        modality = text_of(facts.study, "modality")
        describing: Row = {
            **rows.study_row(facts.study),
            "part": part,
            "modality": class_of_study(modality, equipment.user_modality),
            "modality_by_content": modality,
            "equipment_id": equipment.id,
        }
        if alone:
            describing |= _summary(dose, one.document.outcome.flags or [], facts.not_patient)
        study_id = _describe(connection, study_id, describing)
    if new.sop_instance_uid not in state.processed:
        connection.execute(_PROCESSED, {"study_id": study_id, "sop_instance_uid": new.sop_instance_uid})
    if decision.stays:
        _replace(connection, study_id, decision)
        report: Row = {
            **rows.report_row(one.document, part, new),
            "study_id": study_id,
            "trace_id": trace_id,
            "not_patient": facts.not_patient,
        }
        report_id = connection.execute(_NEW_REPORT, report).scalar_one()
        if isinstance(dose, NuclearDose):
            of_tables = nuclear_rows(dose)
        else:
            of_tables = rows.irradiation_rows(dose, part, new.events, set(decision.write_events))
        for table, values in of_tables:
            same = {"report_id": report_id} | ({"study_id": study_id} if "study_id" in table.columns else {})
            if values:  # few statements: SQLAlchemy sends VALUES lists of a thousand
                connection.execute(insert(table), [row | same for row in values])
        if not alone:
            _sum_up(connection, study_id, part)
    return decision


def _load(connection: Connection, study_instance_uid: str, part: StudyPart) -> tuple[int | None, StudyState]:
    """Return the id of a study and its state for the decision; None: it is not stored yet."""
    study_id = connection.scalar(
        select(Study.id).where(Study.study_instance_uid == study_instance_uid, Study.part == part)
    )
    if study_id is None:
        return None, StudyState()
    processed = connection.scalars(select(ProcessedObject.sop_instance_uid).where(ProcessedObject.study_id == study_id))
    reports = connection.execute(
        select(Report.sop_instance_uid, Report.event_keys, Report.event_started_at, Report.is_image, Report.exposure)
        .where(Report.study_id == study_id)
        .order_by(Report.id)
    )
    contributions = tuple(
        Contribution(
            sop_instance_uid=uid,
            events=tuple(
                EventIdentity.of(key, started_at, sop_instance_uid=uid, exposure=exposure)
                for key, started_at in zip(keys, starts, strict=True)
            ),
            is_image=is_image,
            exposure=exposure,
            of_series=is_image and part is StudyPart.NM,
            of_whole_study=is_image and part is StudyPart.CT,
        )
        for uid, keys, starts, is_image, exposure in reports
    )
    return study_id, StudyState(processed=frozenset(processed), contributions=contributions)


def _describe(connection: Connection, study_id: int | None, describing: Row) -> int:
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


def _sum_up(connection: Connection, study_id: int, part: StudyPart) -> None:
    """Write the summary of all reports of a study together to the study's row."""
    (stored,) = read_studies(connection, [study_id])
    not_patient = together(connection.scalars(select(Report.not_patient).where(Report.study_id == study_id)))
    summary = _summary(stored.document.doses[part], flags_of(stored.document), not_patient)
    connection.execute(update(table_of(Study)).where(Study.id == study_id), summary)


def _summary(dose: Dose, flags: list[dict[str, str]], not_patient: Values | None) -> Row:
    """Return the columns of the study's row for lists: totals, flags, and the matching not-a-patient patterns.

    A study of one report has all flags of that report, as `dosewire extract` prints them.
    """
    totals: Row = {name: dose.totals.get(name) for name in _TOTALS}
    return {
        **totals,
        "events_count": len(dose.events) if isinstance(dose, IrradiationDose) else 0,
        "flags": flags,
        "not_patient": not_patient,
        "updated_at": now(),
    }
