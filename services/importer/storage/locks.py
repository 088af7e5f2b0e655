"""Locks that keep two importers from working on one study or one object at the same time."""

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import Connection, text

# OFFSET keeps the planner from merging the query into the outer one: locks are taken in order, so nobody deadlocks.
_LOCK = text("SELECT pg_advisory_xact_lock(k) FROM (SELECT k FROM unnest(:keys) AS k ORDER BY k OFFSET 0) AS sorted")


def lock(connection: Connection, *, trace_ids: Iterable[str], study_instance_uids: Iterable[str]) -> None:
    """Let no other importer work on these objects and studies until the transaction ends."""
    names = {f"object {one}" for one in trace_ids} | {f"study {one}" for one in study_instance_uids}
    keys = sorted({int.from_bytes(sha256(name.encode()).digest()[:8], signed=True) for name in names})
    connection.execute(_LOCK, {"keys": keys})
