"""The Store SCP service put together: supervisor, dispatcher, link to the database, reporter of storage commitment."""

import threading

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.definitions import DefinitionsFile
from services.store_scp.common.settings import StoreScpSettings
from services.store_scp.common.watermark import Watermark
from services.store_scp.supervisor.commitment.found import Records, SpoolIndex
from services.store_scp.supervisor.commitment.reporter import Reporter
from services.store_scp.supervisor.commitment.requesters import Requesters
from services.store_scp.supervisor.database.link import DatabaseLink
from services.store_scp.supervisor.database.registry import Registry
from services.store_scp.supervisor.dispatch.dispatcher import Dispatcher
from services.store_scp.supervisor.nodes.remarks import Remarks
from services.store_scp.supervisor.supervisor import Supervisor
from shared.broker.publisher import Publisher
from shared.database.engine import make_engine
from shared.health import Health, HealthServer
from shared.spool.folders import Spool


def main(settings: StoreScpSettings, stop: threading.Event) -> None:
    """Run the service until `stop` is set; the nodes then finish objects in progress."""
    spool = Spool(root=settings.data_dir)
    spool.prepare()
    health = Health(parts=("database", "broker", "spool", "disk", "nodes"))
    engine = make_engine(database_url=settings.database_url.get_secret_value(), name="dosewire store_scp", pool_size=2)
    link = DatabaseLink(registry=Registry(engine=engine), kept=DefinitionsFile(folder=settings.data_dir), health=health)
    dispatcher = Dispatcher(
        spool=spool,
        publisher=Publisher(amqp_url=settings.amqp_url.get_secret_value(), name="dosewire store_scp"),
        record=link.record,
        health=health,
        sweep_seconds=settings.sweep_seconds,
        republish_after_seconds=settings.republish_after_seconds,
    )
    commitments = CommitmentFolder(path=spool.commitment)
    commitments.remove_partial()
    reporter = Reporter(
        folder=commitments,
        index=SpoolIndex(spool=spool),
        records=Records(engine=engine, spool=spool),
        requesters=Requesters(engine=engine),
        tls=settings.tls_of_remote_nodes(),
        deadline_seconds=settings.commitment_deadline_seconds,
    )
    supervisor = Supervisor(
        link=link,
        dispatcher=dispatcher,
        reporter=reporter,
        health=health,
        remarks=Remarks(
            watermark=Watermark(folder=spool.incoming, least=settings.spool_watermark), tls_files=settings.tls_files
        ),
        tls_files=settings.tls_files,
        bind=settings.dicom_bind,
        drain_seconds=settings.drain_seconds,
    )
    try:
        with HealthServer(health=health, host=settings.health_host, port=settings.health_port):
            supervisor.run(stop)
    finally:
        engine.dispose()
