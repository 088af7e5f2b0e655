"""The outcomes of imports: the database is queried until each import is over."""

import time
from collections.abc import Callable, Collection
from typing import NamedTuple

from sqlalchemy import Engine, select

from shared.database.engine import unavailable_when_away
from shared.database.models import ObjectState, ReceivedObject
from shared.errors import Unavailable

_OPEN = (ObjectState.QUEUED, ObjectState.RETRYING)
_CHUNK = 1000


class Known(NamedTuple):
    """The state of an object, from its row in the database."""

    state: ObjectState
    reason: str | None


def wait_for(
    trace_ids: Collection[str],
    *,
    engine: Engine,
    timeout: float,
    on_progress: Callable[[int], None],
    every: float = 0.3,
) -> dict[str, Known]:
    """Return the outcomes of all objects, or of those that have one when `timeout` seconds are over.

    A database that is away is waited for like a queue that is long.
    """
    deadline = time.monotonic() + timeout
    finished: dict[str, Known] = {}
    while True:
        missing = [trace_id for trace_id in trace_ids if trace_id not in finished]
        try:
            for start in range(0, len(missing), _CHUNK):
                finished |= _finished(engine, missing[start : start + _CHUNK])
        except Unavailable:
            time.sleep(every)
        on_progress(len(finished))
        if len(finished) == len(trace_ids) or time.monotonic() > deadline:
            return finished
        time.sleep(every)


def _finished(engine: Engine, trace_ids: Collection[str]) -> dict[str, Known]:
    query = select(ReceivedObject.trace_id, ReceivedObject.state, ReceivedObject.reason)
    with unavailable_when_away(), engine.connect() as connection:
        rows = connection.execute(
            query.where(ReceivedObject.trace_id.in_(trace_ids), ReceivedObject.state.not_in(_OPEN))
        )
        return {trace_id: Known(state, reason) for trace_id, state, reason in rows}
