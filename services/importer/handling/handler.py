"""The handler of import messages: commit, then the files, then the answers (docs/architecture.md, Promises, 3)."""

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError
from structlog.contextvars import bound_contextvars

from services.importer.handling.transaction import Imported, failure, import_objects
from services.importer.policies.policies import Policies
from services.importer.reading.read import ReadObject, read_object
from services.importer.storage.database_error import database_errors
from services.importer.storage.record import ImportOutcome, record
from shared.broker.consumer import Delivery
from shared.database.engine import check
from shared.database.models import Disposition, ObjectState
from shared.errors import ObjectMissing, Retriable, Unavailable
from shared.health import Health
from shared.logging import get_logger
from shared.messages import ImportObject
from shared.metrics import IMPORT_SECONDS, OBJECTS_IMPORTED
from shared.spool.folders import Spool

log = get_logger(__name__)


class Importer:
    """Imports batches of objects. Any number of importers may work at once, on the same studies too.

    Args:
        engine: the database.
        spool: where the objects lie.
        health: told of the part `database`.
        privacy_hash_key: the key for values that the privacy policy wants hashed.
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
            objects = [self._read(delivery) for delivery in batch]
            imported = self._commit(objects)
        return [
            self._dispose(one, outcome, imported.policies)
            for one, outcome in zip(objects, imported.outcomes, strict=True)
        ]

    def _read(self, delivery: Delivery[ImportObject]) -> ReadObject:
        with bound_contextvars(trace_id=delivery.message.trace_id):
            return read_object(delivery, self._spool)

    def _commit(self, objects: Sequence[ReadObject]) -> Imported:
        """Write everything in one transaction; where that fails though the server answers, each in its own."""
        try:
            imported = self._transact(objects)
        except Unavailable as error:
            self._health.report("database", ready=False, detail=str(error))
            check(self._engine)
            log.warning("batch failed, importing its objects one by one", error=str(error))
            imported = self._one_by_one(objects)
        self._health.report("database", ready=True)
        return imported

    def _transact(self, objects: Sequence[ReadObject]) -> Imported:
        with database_errors(), self._engine.begin() as connection:
            return import_objects(connection, objects, hash_key=self._privacy_hash_key)

    def _one_by_one(self, objects: Sequence[ReadObject]) -> Imported:
        together = Imported([], Policies())
        for one in objects:
            try:
                imported = self._transact([one])
            except Unavailable as error:
                imported = Imported([self._blame(one, error)], together.policies)
            together = Imported([*together.outcomes, *imported.outcomes], imported.policies)
        return together

    def _blame(self, one: ReadObject, error: Unavailable) -> ImportOutcome:
        """Return the outcome of an object that failed by itself: where the server answers, the attempt counts.

        Otherwise an object that costs the connection each time would be tried for ever.
        """
        try:
            check(self._engine)
            if isinstance(error.__cause__, ProgrammingError):  # the tables are to blame
                return ImportOutcome(state=ObjectState.RETRYING, reason=str(error), error=error)
            outcome = failure(one, Retriable(f"PostgreSQL answers, but not to this object: {error}"))
            with database_errors(), self._engine.begin() as connection:
                record(connection, one, outcome, seconds=one.seconds)
        except Unavailable as away:
            return ImportOutcome(state=ObjectState.RETRYING, reason=str(away), error=away)
        return outcome

    def _dispose(self, one: ReadObject, outcome: ImportOutcome, policies: Policies) -> Exception | None:
        """Move or delete the file, now that the database has the outcome; return the answer for the broker."""
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


def _report(one: ReadObject, outcome: ImportOutcome) -> None:
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
