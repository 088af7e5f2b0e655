"""What the steps share: the state, the limits, and an association with a job's remote node."""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pydicom.uid import UID

from services.qr.association import Limits, Link, associate
from services.qr.contents import Contents
from services.qr.decisions import JobEnd
from services.qr.jobs import Jobs
from services.qr.nodes import limits_of, peer_of, settings_of
from shared.database.models.qr import QrJob
from shared.errors import Unavailable
from shared.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One worker of the service.

    Args:
        jobs: the state of all jobs.
        contents: what is in their studies.
        amqp_url: where next steps are published.
        limits: how long a remote node may take.
        arrival_seconds: how long to wait until what was sent is received and imported.
        stop: set when this process shall end; the step in hand is given back.
    """

    jobs: Jobs
    contents: Contents
    amqp_url: str
    limits: Limits
    arrival_seconds: float
    stop: threading.Event

    def associate(self, job: QrJob, sop_classes: Sequence[UID]) -> AbstractContextManager[Link]:
        """Open an association with the job's remote node; it ends when the job is cancelled.

        Raises:
            RemoteError, JobCancelled, Stopping: as `association.associate`.
        """
        return associate(
            peer=peer_of(job.remote_node),
            sop_classes=sop_classes,
            limits=limits_of(settings_of(job.remote_node), otherwise=self.limits),
            cancelled=lambda: self._is_cancelled(job),
            stop=self.stop,
        )

    def _is_cancelled(self, job: QrJob) -> bool:
        try:
            return not self.jobs.is_open(job.id)
        except Unavailable:
            return False  # a database that is away does not end a retrieval; what comes next may


def log_end(end: JobEnd | None) -> None:
    """Write the end of a job into the log, where it has ended."""
    if end is not None:
        log.info("job over", state=end.state.value, detail=end.detail)
