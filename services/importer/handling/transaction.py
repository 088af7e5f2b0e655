"""The transaction that imports a batch: every object becomes rows inside a savepoint of its own."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from services.importer.policies.ignore import why_ignored
from services.importer.policies.not_patient import not_patient
from services.importer.policies.policies import Policies, load_policies
from services.importer.policies.privacy import withhold
from services.importer.reading.read import DoseObject, ReadObject
from services.importer.storage.database_error import error_of_message
from services.importer.storage.equipment_rows import KnownEquipment, ensure_equipment
from services.importer.storage.merge import Decision
from services.importer.storage.record import ImportOutcome, finished, record
from services.importer.storage.store import StudyFacts, store
from shared.broker.verdict import is_final
from shared.database.models import ObjectState
from shared.dose_document.document import DoseDocument
from shared.errors import DosewireError, ObjectMissing

# OFFSET keeps the planner from merging the query into the outer one: locks are taken in order, so there is no deadlock.
_LOCK = text("SELECT pg_advisory_xact_lock(k) FROM (SELECT k FROM unnest(:keys) AS k ORDER BY k OFFSET 0) AS sorted")


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcomes of a batch, in its order, and the policies that applied."""

    outcomes: list[ImportOutcome]
    policies: Policies


def import_objects(connection: Connection, objects: Sequence[ReadObject], *, hash_key: bytes | None) -> Imported:
    """Write objects to the database. The caller commits.

    Raises:
        DBAPIError: nothing can be written, for a reason that lies in none of the objects.
        Unavailable: the tables are not those that this version needs.
    """
    trace_ids = [one.message.trace_id for one in objects]
    studies = [one.dose.document.study_instance_uid for one in objects if one.dose]
    _lock(connection, {f"object {one}" for one in trace_ids} | {f"study {one}" for one in studies})
    policies = load_policies(connection)
    done = finished(connection, trace_ids)
    refusals = [_why_refused(one, policies) for one in objects]
    wanted = [one.dose.equipment for one, refusal in zip(objects, refusals, strict=True) if one.dose and not refusal]
    equipment = ensure_equipment(connection, wanted)
    outcomes = []
    for one, refusal in zip(objects, refusals, strict=True):
        outcome = done.get(one.message.trace_id)
        if outcome is None:
            begun = time.monotonic()
            if one.dose and not refusal:
                facts = _facts(one.dose.document, policies, hash_key)
                outcome = _import(connection, one, one.dose, facts, equipment[one.dose.equipment.hash])
            elif refusal:
                outcome = ImportOutcome(state=ObjectState.REFUSED, reason=refusal)
            else:
                outcome = failure(one, one.error or ObjectMissing("the file has left the spool"))
            record(connection, one, outcome, seconds=one.seconds + time.monotonic() - begun)
        outcomes.append(outcome)
    return Imported(outcomes, policies)


def _lock(connection: Connection, names: Iterable[str]) -> None:
    """Let no other importer work on these objects and studies until the transaction ends."""
    keys = sorted({int.from_bytes(sha256(name.encode()).digest()[:8], signed=True) for name in names})
    connection.execute(_LOCK, {"keys": keys})


def _why_refused(one: ReadObject, policies: Policies) -> str | None:
    """Return the reason why a readable object is refused: it holds no dose, or an ignore rule matches."""
    if one.document is None:
        return None
    return one.document.outcome.refusal_reason or why_ignored(one.document.study, policies.ignore_rules)


def _facts(document: DoseDocument, policies: Policies, hash_key: bytes | None) -> StudyFacts:
    return StudyFacts(
        study=withhold(document.study, policies.privacy, key=hash_key),
        not_patient=not_patient(document.study, policies.not_patient),
    )


def _import(
    connection: Connection, one: ReadObject, dose: DoseObject, facts: StudyFacts, equipment: KnownEquipment
) -> ImportOutcome:
    trace_id = one.message.trace_id
    try:
        with connection.begin_nested():
            decisions = [
                store(connection, dose, part, facts=facts, equipment=equipment, trace_id=trace_id)
                for part in dose.contributions
            ]
    except DBAPIError as error:
        return failure(one, error_of_message(error))
    return _imported(decisions, dose.document.outcome.object_kind)


def _imported(decisions: Sequence[Decision], object_kind: str | None) -> ImportOutcome:
    nothing_new = all(decision.effect.adds_nothing for decision in decisions)
    reasons = [decision.reason for decision in decisions if decision.reason]
    return ImportOutcome(
        state=ObjectState.DUPLICATE if nothing_new else ObjectState.IMPORTED,
        effect=" ".join(decision.effect for decision in decisions),
        reason="; ".join(reasons) or None,
        object_kind=object_kind,
    )


def failure(one: ReadObject, error: Exception) -> ImportOutcome:
    """Return the outcome of an object that an error kept from being imported."""
    final = is_final(error, attempt=one.attempt)
    # The text of an error that is not ours may quote the object, and with it the patient.
    reason = str(error)[:500] if isinstance(error, DosewireError) else type(error).__name__
    return ImportOutcome(state=ObjectState.FAILED if final else ObjectState.RETRYING, reason=reason, error=error)
