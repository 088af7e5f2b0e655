"""Start the importer: `python -m services.importer`."""

import resource
import threading

from services.importer.handling.handler import Importer
from services.importer.handling.watch import DatabaseWatch
from services.importer.policies.hash_key import HashKeyWatch
from services.importer.settings import ImporterSettings
from shared.broker.consumer import Consumer
from shared.database.engine import make_engine
from shared.health import Health, HealthServer
from shared.messages import ImportObject
from shared.service import run
from shared.spool.folders import Spool


def main(settings: ImporterSettings, stop: threading.Event) -> None:
    """Import until `stop` is set."""
    if settings.memory_limit_mb:
        limit = settings.memory_limit_mb * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    health = Health(parts=("broker", "worker", "database", "privacy_hash_key"))
    engine = make_engine(database_url=settings.database_url.get_secret_value(), name="dosewire-importer", pool_size=2)
    spool = Spool(root=settings.data_dir)
    spool.prepare()
    key = settings.privacy_hash_key
    importer = Importer(
        engine=engine, spool=spool, health=health, privacy_hash_key=key.get_secret_value().encode() if key else None
    )
    consumer = Consumer(
        amqp_url=settings.amqp_url.get_secret_value(),
        name="dosewire-importer",
        message_class=ImportObject,
        handler=importer,
        prefetch=settings.prefetch,
        batch_size=settings.batch_size,
        health=health,
    )
    with (
        HealthServer(health=health, host=settings.health_host, port=settings.health_port),
        DatabaseWatch(engine=engine, health=health, hash_key=HashKeyWatch(has_key=key is not None, health=health)),
    ):
        consumer.run(stop)
    engine.dispose()


if __name__ == "__main__":
    run(service="importer", settings_class=ImporterSettings, main=main)
