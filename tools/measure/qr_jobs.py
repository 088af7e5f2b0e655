"""Query/retrieve jobs for tests and benchmarks: made as the product makes them, watched in the database."""

import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import selectinload

from shared.database.engine import make_sessions
from shared.database.models import QrJob, QrSeries, QrStudy, RemoteNode, StoreNode
from shared.jobs.create import NewJob, create_job
from shared.jobs.options import JobOptions
from tools.peers.real_pacs import DicomServer
from tools.stack.ports import LOOPBACK


class QrJobs:
    """Jobs in the test's own database and virtual host."""

    def __init__(self, *, engine: Engine, amqp_url: str) -> None:
        self.sessions = make_sessions(engine)
        self.amqp_url = amqp_url

    def remote_node(
        self,
        *,
        port: int,
        ae_title: str = "PACS",
        address: str = "127.0.0.1",
        settings: Mapping[str, object] | None = None,
    ) -> int:
        """Write down a remote node; return its id."""
        with self.sessions.begin() as session:
            node = RemoteNode(
                name=f"PACS {session.scalar(select(func.count(RemoteNode.id)))}",
                ae_title=ae_title,
                ip_address=address,
                port=port,
                qr_settings=dict(settings or {}),
            )
            session.add(node)
            session.flush()
            return node.id

    def store_node(
        self,
        *,
        port: int,
        ae_title: str = "DOSEWIRE",
        managed: bool = False,
        enabled: bool = True,
        host: str | None = LOOPBACK,
    ) -> int:
        """Write down a store node; return its id. `host` of a third party's; None: not known, so nobody calls it."""
        with self.sessions.begin() as session:
            node = StoreNode(
                name=f"store {session.scalar(select(func.count(StoreNode.id)))}",
                ae_title=ae_title,
                host=None if managed else host,
                port=port,
                managed=managed,
                enabled=enabled,
            )
            session.add(node)
            session.flush()
            return node.id

    def create(
        self,
        *,
        remote_node_id: int,
        store_node_id: int,
        date_from: date | None = None,
        date_until: date | None = None,
        study_instance_uid: str | None = None,
        options: JobOptions | None = None,
    ) -> UUID:
        """Begin a job; return its id."""
        job = NewJob(
            remote_node_id=remote_node_id,
            store_node_id=store_node_id,
            date_from=date_from,
            date_until=date_until,
            study_instance_uid=study_instance_uid,
            options=options or JobOptions(),
        )
        return create_job(sessions=self.sessions, amqp_url=self.amqp_url, job=job)

    def begin(
        self,
        pacs: DicomServer,
        destination: DicomServer,
        *,
        date_from: date | None = None,
        date_until: date | None = None,
        study_instance_uid: str | None = None,
        options: JobOptions | None = None,
    ) -> UUID:
        """Begin a job between two servers; return its id."""
        return self.create(
            remote_node_id=self.remote_node(port=pacs.port, ae_title=pacs.ae_title),
            store_node_id=self.store_node(port=destination.port, ae_title=destination.ae_title),
            date_from=date_from,
            date_until=date_until,
            study_instance_uid=study_instance_uid,
            options=options,
        )

    def run(
        self,
        pacs: DicomServer,
        destination: DicomServer,
        *,
        date_from: date | None = None,
        date_until: date | None = None,
        study_instance_uid: str | None = None,
        options: JobOptions | None = None,
    ) -> QrJob:
        """Begin a job between two servers, and wait for its end."""
        job_id = self.begin(
            pacs,
            destination,
            date_from=date_from,
            date_until=date_until,
            study_instance_uid=study_instance_uid,
            options=options,
        )
        return self.wait_until_over(job_id)

    def let_pass(self, seconds: float) -> None:
        """Move every due time `seconds` into the past, as if that much time had passed."""
        with self.sessions.begin() as session:
            for table in (QrJob, QrStudy):
                session.execute(update(table).values(due_at=table.due_at - timedelta(seconds=seconds)))

    def get(self, job_id: UUID) -> QrJob:
        """Return a job with its studies and nodes."""
        with self.sessions() as session:
            options = [
                selectinload(QrJob.studies).selectinload(QrStudy.series).selectinload(QrSeries.instances),
                selectinload(QrJob.remote_node),
                selectinload(QrJob.store_node),
            ]
            return session.get_one(QrJob, job_id, options=options)

    def wait(self, job_id: UUID, condition: Callable[[QrJob], bool], *, timeout_s: float = 60) -> QrJob:
        """Wait until a job is as it should be; return it."""
        deadline = time.monotonic() + timeout_s
        while not condition(job := self.get(job_id)):
            assert time.monotonic() < deadline, (
                f"job {job.state}: {job.state_detail}\n{[(study.state, study.reason) for study in job.studies]}"
            )
            time.sleep(0.1)
        return job

    def wait_until_over(self, job_id: UUID, *, timeout_s: float = 60) -> QrJob:
        """Wait for the end of a job; return it."""
        return self.wait(job_id, lambda job: not job.state.is_open, timeout_s=timeout_s)
