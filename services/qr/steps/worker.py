"""One worker of the qr service: the resources of its steps, and the connections with a job's nodes."""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass

from services.qr.dicomweb.archive import open_dicomweb
from services.qr.dimse.archive import open_dimse
from services.qr.forwarding.destination import check_store_node, store_peer_of
from services.qr.forwarding.values import PassingOn
from services.qr.jobs.contents import Contents
from services.qr.jobs.decisions import JobEnd
from services.qr.jobs.job import JobInHand
from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from services.qr.remote.archive import Archive, Limits
from services.qr.remote.nodes import destination_of, limits_of, peer_of, web_peer_of
from services.qr.remote.peer import Peer
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.tls.client import ClientTls

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One worker of the service.

    Args:
        jobs: the states of all jobs.
        studies: the states of their studies.
        contents: the series and instances of these.
        amqp_url: the broker to which next steps are published.
        limits: how long a remote node may take.
        tls: the files with which nodes are called that speak TLS.
        tls_of_ours: the same for store nodes of this installation.
        store_scp_host: where our own store nodes listen, as seen from here.
        arrival_seconds: how long to wait until what was sent is received and imported.
        stop: set when this process shall end; the step in hand is given back.
    """

    jobs: Jobs
    studies: Studies
    contents: Contents
    amqp_url: str
    limits: Limits
    tls: ClientTls
    tls_of_ours: ClientTls
    store_scp_host: str
    arrival_seconds: float
    stop: threading.Event

    def archive(self, job: JobInHand) -> AbstractContextManager[Archive]:
        """Open a connection with the job's remote node; it ends when the job is cancelled.

        Raises:
            RemoteError, JobCancelled, Stopping: as `Archive`.
        """
        limits = limits_of(job.settings, otherwise=self.limits)
        web_peer = web_peer_of(job.remote_node, job.settings, tls=self.tls)
        if web_peer is not None:
            return open_dicomweb(
                peer=web_peer,
                passing_on=self._passing_on(job),
                limits=limits,
                cancelled=lambda: self._is_cancelled(job),
                stop=self.stop,
            )
        return open_dimse(
            peer=peer_of(job.remote_node, job.settings, tls=self.tls),
            destination=destination_of(job.store_node),
            limits=limits,
            cancelled=lambda: self._is_cancelled(job),
            stop=self.stop,
            passing_on=self._passing_on(job) if job.is_passed_on else None,
        )

    def check_store_node(self, job: JobInHand) -> None:
        """See that the job's store node is there.

        Raises:
            RemoteError, Stopping: as `check_store_node`.
        """
        check_store_node(
            job.store_node,
            self._store_peer(job),
            passing_on=job.is_passed_on,
            limits=self.limits,
            stop=self.stop,
        )

    def _passing_on(self, job: JobInHand) -> PassingOn:
        """Return how objects get to the store node from us."""
        return PassingOn(to=self._store_peer(job), limits=self.limits, stop=self.stop)

    def _store_peer(self, job: JobInHand) -> Peer:
        """Return how to call the job's store node: under the AE title of the remote node, from which objects come."""
        return store_peer_of(
            job.store_node,
            store_scp_host=self.store_scp_host,
            calling_ae_title=job.remote_node.ae_title,
            tls=self.tls_of_ours if job.store_node.managed else self.tls,
        )

    def _is_cancelled(self, job: JobInHand) -> bool:
        try:
            return not self.jobs.is_open(job.id)
        except Unavailable:
            return False  # a database that is away does not end a retrieval; what comes next may


def log_end(end: JobEnd | None) -> None:
    """Write the end of a job into the log, where it has ended."""
    if end is not None:
        log.info("job over", state=end.state.value, detail=end.detail)
