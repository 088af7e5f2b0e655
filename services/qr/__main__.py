"""The query/retrieve service: `python -m services.qr`. Any number of them may run; they compete for one queue."""

import threading

from services.qr.checks.caller import NodeCaller
from services.qr.checks.store import NodeChecks
from services.qr.checks.sweep import CheckSweep
from services.qr.checks.worker import AT_ONCE as CHECKS_AT_ONCE
from services.qr.checks.worker import PARTS as CHECK_PARTS
from services.qr.checks.worker import CheckWorker
from services.qr.jobs.contents import Contents
from services.qr.jobs.due import DueSteps
from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from services.qr.remote.archive import Limits
from services.qr.schedule.scheduler import Scheduler
from services.qr.schedule.store import Schedules
from services.qr.settings import QrSettings
from services.qr.steps.handler import Steps
from services.qr.steps.sweep import Sweep
from services.qr.steps.worker import Worker
from shared.broker.consumer import Consumer
from shared.database.engine import make_engine, make_sessions
from shared.health import Health, HealthServer
from shared.messages import QrStep
from shared.service import run


def main(settings: QrSettings, stop: threading.Event) -> None:
    """Take steps until `stop` is set."""
    # Each check holds a connection for its claim and needs another one now and then; so does a step of a job.
    engine = make_engine(
        database_url=settings.database_url.get_secret_value(), name="dosewire-qr", pool_size=2 * CHECKS_AT_ONCE + 4
    )
    amqp_url = settings.amqp_url.get_secret_value()
    sessions = make_sessions(engine)
    limits = Limits(
        connect=settings.qr_connect_seconds,
        acse=settings.qr_acse_seconds,
        idle=settings.qr_idle_seconds,
        total=settings.qr_step_seconds,
    )
    health = Health(parts=("broker", "worker", "sweep", "scheduler", *CHECK_PARTS, "check sweep"))
    worker = Worker(
        jobs=Jobs(sessions=sessions),
        studies=Studies(sessions=sessions),
        contents=Contents(sessions=sessions),
        amqp_url=amqp_url,
        limits=limits,
        tls=settings.tls_of_remote_nodes(),
        tls_of_ours=settings.tls_of_our_nodes(),
        store_scp_host=settings.store_scp_host,
        arrival_seconds=settings.qr_arrival_seconds,
        stop=stop,
    )
    consumer = Consumer(
        amqp_url=amqp_url,
        name="dosewire-qr",
        message_class=QrStep,
        handler=Steps(engine=engine, worker=worker),
        prefetch=1,  # a second message would wait unanswered behind a long retrieval
        batch_size=1,
        health=health,
    )
    sweep = Sweep(
        steps=DueSteps(sessions=sessions),
        amqp_url=amqp_url,
        every=settings.qr_sweep_seconds,
        grace=settings.qr_overdue_seconds,
        health=health,
    )
    scheduler = Scheduler(
        schedules=Schedules(sessions=sessions), amqp_url=amqp_url, every=settings.qr_schedule_seconds, health=health
    )
    check_worker = CheckWorker(
        engine=engine,
        sessions=sessions,
        amqp_url=amqp_url,
        caller=NodeCaller(
            tls=settings.tls_of_remote_nodes(),
            store_scp_host=settings.store_scp_host,
            calling_ae_title=settings.calling_ae_title,
            timeout=settings.echo_timeout,
            stop=stop,
        ),
        health=health,
        stop=stop,
    )
    check_sweep = CheckSweep(checks=NodeChecks(sessions=sessions), amqp_url=amqp_url, health=health)
    server = HealthServer(health=health, host=settings.health_host, port=settings.health_port)
    try:
        with server, sweep, scheduler, check_sweep, check_worker:
            consumer.run(stop)
    finally:
        engine.dispose()


if __name__ == "__main__":
    run(service="qr", settings_class=QrSettings, main=main)
