"""A thread that checks PostgreSQL and the privacy policy, so that the health of an idle importer stays true."""

from sqlalchemy import Engine

from services.importer.policies.hash_key import HashKeyWatch
from services.importer.policies.policies import load_privacy_policy
from services.importer.storage.database_error import database_errors
from shared.health import Health
from shared.periodic import Periodic

EVERY_SECONDS = 10.0


class DatabaseWatch(Periodic):
    """Reports the health part `database`, and passes the privacy policy to `hash_key`."""

    def __init__(self, *, engine: Engine, health: Health, hash_key: HashKeyWatch, every: float = EVERY_SECONDS) -> None:
        super().__init__(name="database", every=every, health=health)
        self._engine = engine
        self._hash_key = hash_key

    def once(self) -> None:
        """Ask the database for the policy.

        Raises:
            Unavailable: it is away.
        """
        with database_errors(), self._engine.connect() as connection:
            privacy = load_privacy_policy(connection)
        self._hash_key.look(privacy)
