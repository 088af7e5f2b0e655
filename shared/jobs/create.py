"""The creation of query/retrieve jobs, for people and for schedules: the only place that writes a new one."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from shared.database.base import now
from shared.database.engine import unavailable_when_away
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.models.qr import QrJob
from shared.dicom.uid import is_valid_uid
from shared.errors import Permanent
from shared.jobs.options import JobOptions
from shared.jobs.publish import publish_job


class InvalidJob(Permanent):
    """The requested job is not valid; the text has the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job for one study, or for the studies of a range of days."""

    remote_node_id: int
    """The remote node that is queried."""
    store_node_id: int
    """The store node to which the remote node sends the studies."""
    date_from: date | None = None
    """The first Study Date."""
    date_until: date | None = None
    """The last Study Date, which belongs to the range."""
    study_instance_uid: str | None = None
    """The single study; then there are no dates."""
    options: JobOptions = field(default_factory=JobOptions)
    schedule_id: int | None = None
    """The schedule that begins it; None: a person begins it."""

    def check(self) -> None:
        """Accept the query.

        Raises:
            InvalidJob: it is none.
        """
        options = self.options
        if self.study_instance_uid is not None:
            if self.date_from or self.date_until:
                raise InvalidJob("give either a Study Instance UID or dates, not both")
            if not is_valid_uid(self.study_instance_uid):
                raise InvalidJob("this is not a Study Instance UID: at most 64 characters, numbers joined by dots")
        elif self.date_from is None or self.date_until is None:
            raise InvalidJob("give a first and a last day, or a Study Instance UID")
        elif self.date_from > self.date_until:
            raise InvalidJob(f"the first day, {self.date_from}, comes after the last, {self.date_until}")
        if (options.time_from or options.time_until) and (self.date_from is None or self.date_from != self.date_until):
            raise InvalidJob("times are for a job about one day: give that day as the first and the last")


def create_job(*, sessions: sessionmaker[Session], amqp_url: str, job: NewJob) -> UUID:
    """Write down a job and publish its first step; return its id.

    A broker that is away does not matter: the qr service finds the job in the database some minutes later.

    Raises:
        InvalidJob: a node does not exist, or the query is none.
        Unavailable: the database is away.
    """
    with unavailable_when_away(), sessions.begin() as session:
        job_id = add_job(session, job)
    publish_job(amqp_url=amqp_url, job_id=job_id)
    return job_id


def add_job(session: Session, job: NewJob, *, moment: datetime | None = None) -> UUID:
    """Write a job in the caller's transaction, and return its id; the caller publishes it afterwards.

    Args:
        session: the transaction.
        job: the values of the job.
        moment: when the job is created; None: now.

    Raises:
        InvalidJob: a node does not exist, or the query is none.
    """
    job.check()
    if session.get(RemoteNode, job.remote_node_id) is None:
        raise InvalidJob(f"there is no remote node {job.remote_node_id}")
    if session.get(StoreNode, job.store_node_id) is None:
        raise InvalidJob(f"there is no store node {job.store_node_id}")
    row = QrJob(
        remote_node_id=job.remote_node_id,
        store_node_id=job.store_node_id,
        schedule_id=job.schedule_id,
        date_from=job.date_from,
        date_until=job.date_until,
        study_instance_uid=job.study_instance_uid,
        options=job.options.model_dump(mode="json"),
        created_at=moment or now(),
    )
    session.add(row)
    session.flush()
    return row.id
