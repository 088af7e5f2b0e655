"""From messages to rows and files, in the order of promise 3: commit, then the files, then the answers."""

import time
from collections.abc import Sequence

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, ProgrammingError
from structlog.contextvars import bound_contextvars

from services.importer.policies.ignore import why_ignored
from services.importer.policies.not_patient import not_patient
from services.importer.policies.policies import Policies, load_policies
from services.importer.policies.privacy import withhold
from services.importer.reading.read import Prepared, prepare
from services.importer.reading.recognition import parts_of
from services.importer.storage.database_error import database_errors, error_of_message
from services.importer.storage.equipment_rows import EquipmentByIdentity, ensure_equipment
from services.importer.storage.merge import Decision
from services.importer.storage.record import ImportOutcome, finished, record
from services.importer.storage.store import lock, store
from shared.broker.consumer import Delivery
from shared.broker.verdict import is_final
from shared.database.engine import check
from shared.database.models import Disposition, ObjectState
from shared.errors import DosewireError, ObjectMissing, Retriable, Unavailable
from shared.health import Health
from shared.logging import get_logger
from shared.messages import ImportObject
from shared.metrics import IMPORT_SECONDS, OBJECTS_IMPORTED
from shared.spool.folders import Spool

log = get_logger(__name__)

Outcomes = list[ImportOutcome]


class Importer:
    """Imports batches of objects. Any number of importers may work at once, on whatever studies.

    Args:
        engine: the database.
        spool: where the objects lie.
        health: told of the part `database`.
        privacy_hash_key: for what the privacy policy wants hashed.
    """

    def __init__(self, *, engine: Engine, spool: Spool, health: Health, privacy_hash_key: bytes | None = None) -> None:
        self._engine = engine
        self._spool = spool
        self._health = health
        self._privacy_hash_key = privacy_hash_key

    def __call__(self, batch: Sequence[Delivery[ImportObject]]) -> list[Exception | None]:
        """Import a batch and return an outcome for each message, in their order.

        Raises:
            Unavailable: PostgreSQL is away; nothing was done, no file was touched.
        """
        with IMPORT_SECONDS.time():
            known = self._finished(batch)
            prepared = [self._prepare(delivery, known) for delivery in batch]
            outcomes, policies = self._commit(prepared)
        return [self._dispose(one, outcome, policies) for one, outcome in zip(prepared, outcomes, strict=True)]

    def _finished(self, batch: Sequence[Delivery[ImportObject]]) -> set[str]:
        """Return the trace ids of what was committed by somebody who did not live to say so."""
        with database_errors(), self._engine.connect() as connection:
            return set(finished(connection, [delivery.message.trace_id for delivery in batch]))

    def _prepare(self, delivery: Delivery[ImportObject], known: set[str]) -> Prepared:
        with bound_contextvars(trace_id=delivery.message.trace_id):
            if delivery.message.trace_id in known:
                return Prepared(message=delivery.message, attempt=delivery.attempt)
            return prepare(delivery, self._spool)

    def _commit(self, prepared: Sequence[Prepared]) -> tuple[Outcomes, Policies]:
        """Write everything in one transaction; where that fails though the server answers, each in its own."""
        try:
            answer = self._transact(prepared)
        except Unavailable as error:
            self._health.report("database", ready=False, detail=str(error))
            check(self._engine)
            log.warning("batch failed, importing its objects one by one", error=str(error))
            answer = self._one_by_one(prepared)
        self._health.report("database", ready=True)
        return answer

    def _one_by_one(self, prepared: Sequence[Prepared]) -> tuple[Outcomes, Policies]:
        outcomes: Outcomes = []
        policies = Policies()
        for one in prepared:
            try:
                (outcome,), policies = self._transact([one])
            except Unavailable as error:
                outcome = self._blame(one, error)
            outcomes.append(outcome)
        return outcomes, policies

    def _blame(self, one: Prepared, error: Unavailable) -> ImportOutcome:
        """Return the outcome of an object that failed by itself: where the server answers, the attempt counts.

        Otherwise an object that costs the connection each time would be tried for ever.
        """
        try:
            check(self._engine)
            if isinstance(error.__cause__, ProgrammingError):  # the tables are to blame
                return ImportOutcome(state=ObjectState.RETRYING, reason=str(error), error=error)
            outcome = _failure(one, Retriable(f"PostgreSQL answers, but not to this object: {error}"))
            with database_errors(), self._engine.begin() as connection:
                record(connection, one, outcome, seconds=one.seconds)
        except Unavailable as away:
            return ImportOutcome(state=ObjectState.RETRYING, reason=str(away), error=away)
        return outcome

    def _transact(self, prepared: Sequence[Prepared]) -> tuple[Outcomes, Policies]:
        with database_errors(), self._engine.begin() as connection:
            lock(connection, _lock_names(prepared))
            policies = load_policies(connection)
            done = finished(connection, [one.message.trace_id for one in prepared])
            equipment = ensure_equipment(
                connection, [one.document for one in prepared if one.document and not _why_refused(one, policies)]
            )
            outcomes = [
                done.get(one.message.trace_id) or self._import(connection, one, policies, equipment) for one in prepared
            ]
        return outcomes, policies

    def _import(
        self, connection: Connection, one: Prepared, policies: Policies, equipment: EquipmentByIdentity
    ) -> ImportOutcome:
        """Import one object inside a savepoint, and record what became of it."""
        begun = time.monotonic()
        try:
            with connection.begin_nested():
                outcome = self._outcome(connection, one, policies, equipment)
        except DBAPIError as error:
            outcome = _failure(one, error_of_message(error))
        record(connection, one, outcome, seconds=one.seconds + time.monotonic() - begun)
        return outcome

    def _outcome(
        self, connection: Connection, one: Prepared, policies: Policies, equipment: EquipmentByIdentity
    ) -> ImportOutcome:
        if one.document is None:
            return _failure(one, one.error or ObjectMissing("the file has left the spool"))
        if reason := _why_refused(one, policies):
            return ImportOutcome(state=ObjectState.REFUSED, reason=reason)
        about = one.document["outcome"]
        study = withhold(one.document["study"], policies.privacy, key=self._privacy_hash_key)
        decisions = [
            store(
                connection,
                one.document,
                part,
                study=study,
                not_patient=not_patient(one.document["study"], policies.not_patient),
                equipment=equipment,
                trace_id=one.message.trace_id,
            )
            for part in parts_of(one.document)
        ]
        return _imported(decisions, str(about["object_kind"]))

    def _dispose(self, one: Prepared, outcome: ImportOutcome, policies: Policies) -> Exception | None:
        """Give the file its place, now that the database knows of it, and return what the broker is to hear."""
        trace_id = one.message.trace_id
        with bound_contextvars(trace_id=trace_id):
            _report(one, outcome)
            try:
                if outcome.state is ObjectState.FAILED:
                    if not isinstance(outcome.error, ObjectMissing):
                        self._spool.quarantine(trace_id, reason=outcome.reason or "")
                elif outcome.state is not ObjectState.RETRYING:
                    if policies.disposition(outcome.state, outcome.object_kind) is Disposition.DELETE:
                        self._spool.delete(trace_id)
                    else:
                        self._spool.keep(trace_id)
            except OSError as error:
                return Retriable(f"the file cannot be moved out of the way: {error.strerror}")
        return outcome.error


def _lock_names(prepared: Sequence[Prepared]) -> set[str]:
    traces = {f"object {one.message.trace_id}" for one in prepared}
    return traces | {f"study {one.study_instance_uid}" for one in prepared if one.accepted}


def _why_refused(one: Prepared, policies: Policies) -> str | None:
    """Return why an object that could be read is not imported: it holds no dose, or somebody wants it ignored."""
    if one.document is None:
        return None
    if not one.accepted:
        return str(one.document["outcome"]["refusal_reason"])
    return why_ignored(one.document["study"], policies.ignore_rules)


def _failure(one: Prepared, error: Exception) -> ImportOutcome:
    final = is_final(error, attempt=one.attempt)
    return ImportOutcome(state=ObjectState.FAILED if final else ObjectState.RETRYING, reason=_words(error), error=error)


def _words(error: Exception) -> str:
    """Return the reason in words; of an error that is not ours just its kind, as its text may quote the object."""
    return str(error)[:500] if isinstance(error, DosewireError) else type(error).__name__


def _imported(decisions: Sequence[Decision], object_kind: str) -> ImportOutcome:
    nothing_new = all(decision.effect.adds_nothing for decision in decisions)
    reasons = [decision.reason for decision in decisions if decision.reason]
    return ImportOutcome(
        state=ObjectState.DUPLICATE if nothing_new else ObjectState.IMPORTED,
        effect=" ".join(decision.effect for decision in decisions),
        reason="; ".join(reasons) or None,
        object_kind=object_kind,
    )


def _report(one: Prepared, outcome: ImportOutcome) -> None:
    OBJECTS_IMPORTED.labels(state=outcome.state.value).inc()
    log.info(
        "object dealt with",
        state=outcome.state.value,
        object_kind=outcome.object_kind,
        effect=outcome.effect,
        reason=outcome.reason,
        attempt=one.attempt + 1,
        seconds=round(one.seconds, 4),
    )
