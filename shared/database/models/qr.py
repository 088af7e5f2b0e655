"""Query/retrieve jobs: their whole state, so that any worker can take the next step."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database.base import Base, CreatedAt, Identifier, Timestamp, now
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.types import text_enum


class QrJobState(StrEnum):
    """The state of a job."""

    QUEUED = "queued"
    QUERYING = "querying"
    """The studies are being found."""
    CHOOSING = "choosing"
    """The wanted parts of the studies are being determined, for a review by a person afterwards."""
    REVIEW = "review"
    """The choice waits for the review of a person; nothing is retrieved until then."""
    RETRIEVING = "retrieving"
    COMPLETE = "complete"
    PARTIAL = "partial"
    """Over, but not everything came; the studies have the reasons."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self in OPEN_JOB_STATES


OPEN_JOB_STATES = frozenset({QrJobState.QUEUED, QrJobState.QUERYING, QrJobState.CHOOSING, QrJobState.RETRIEVING})
"""The states in which a worker has something to do."""
STUDY_STEP_STATES = frozenset({QrJobState.CHOOSING, QrJobState.RETRIEVING})
"""The query is over, and each study has a step of its own."""


class QrStudyState(StrEnum):
    """The state of one study of a job."""

    FOUND = "found"
    CHOSEN = "chosen"
    """Its wanted parts are known and wait for their retrieval."""
    RETRIEVING = "retrieving"
    RETRIEVED = "retrieved"
    SKIPPED = "skipped"
    """Nothing of it is wanted, or all of it was received before; the reason tells them apart."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self in OPEN_STUDY_STATES


OPEN_STUDY_STATES = frozenset({QrStudyState.FOUND, QrStudyState.CHOSEN, QrStudyState.RETRIEVING})


class QrJob(Base):
    """A job: a query of a remote node, and the store node to which the studies found are sent."""

    __tablename__ = "qr_job"
    __table_args__ = (
        CheckConstraint(
            "study_instance_uid IS NOT NULL OR (date_from IS NOT NULL AND date_until IS NOT NULL)", name="query"
        ),
        Index("ix_qr_job_created_at", "created_at"),
        Index("ix_qr_job_state", "state"),
        Index("ix_qr_job_schedule", "schedule_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    remote_node_id: Mapped[int] = mapped_column(ForeignKey("remote_node.id"))
    store_node_id: Mapped[int] = mapped_column(ForeignKey("store_node.id"))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("qr_schedule.id", ondelete="SET NULL"))
    """The schedule that has begun it; None: a person has."""
    date_from: Mapped[date | None]
    date_until: Mapped[date | None]
    study_instance_uid: Mapped[str | None] = mapped_column(String(64))
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    """`shared.jobs.options.JobOptions` as JSON."""
    query_progress: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The progress of the query, from which another worker can go on; only the qr service knows its shape."""
    unanswered: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    """The ranges that the remote node did not answer, in words: the job is incomplete there."""
    state: Mapped[QrJobState] = mapped_column(text_enum(QrJobState), default=QrJobState.QUEUED)
    state_detail: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    """The number of times that the query has failed."""
    due_at: Mapped[Timestamp] = mapped_column(default=now)
    """The latest time for its next message; long after it the message counts as lost."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    remote_node: Mapped[RemoteNode] = relationship()
    store_node: Mapped[StoreNode] = relationship()
    studies: Mapped[list["QrStudy"]] = relationship(back_populates="job", order_by="QrStudy.id")


class QrStudy(Base):
    """A study that the query found, and the state of its retrieval. The counts are those of the C-MOVE responses."""

    __tablename__ = "qr_study"
    __table_args__ = (
        UniqueConstraint("job_id", "study_instance_uid"),
        Index("ix_qr_study_open", "due_at", postgresql_where=text("state IN ('found', 'chosen', 'retrieving')")),
    )

    id: Mapped[Identifier]
    job_id: Mapped[UUID] = mapped_column(ForeignKey("qr_job.id", ondelete="CASCADE"), index=True)
    study_instance_uid: Mapped[str] = mapped_column(String(64))
    study_date: Mapped[str | None] = mapped_column(String(16))
    study_time: Mapped[str | None] = mapped_column(String(16))
    study_description: Mapped[str | None]
    station_name: Mapped[str | None]
    modalities_in_study: Mapped[str | None]
    """The modalities from the remote node, joined by backslashes."""
    instances_in_study: Mapped[int | None]
    """Number of Study Related Instances, as far as the remote node says."""
    state: Mapped[QrStudyState] = mapped_column(text_enum(QrStudyState), default=QrStudyState.FOUND)
    explanation: Mapped[str] = mapped_column(default="", server_default="")
    """The chosen parts and the reason, in words; empty before the choice, and for the store node of a third party."""
    reason: Mapped[str] = mapped_column(default="")
    """The reason of its state, in words."""
    remaining: Mapped[int | None]
    completed: Mapped[int | None]
    failed: Mapped[int | None]
    warning: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    """The number of times that its retrieval has failed."""
    last_failure: Mapped[str] = mapped_column(default="", server_default="")
    """The reason why the last attempt failed; empty if none has."""
    due_at: Mapped[Timestamp] = mapped_column(default=now)
    """The latest time for its message; long after it the message counts as lost."""
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    job: Mapped[QrJob] = relationship(back_populates="studies")
    series: Mapped[list["QrSeries"]] = relationship(back_populates="study", order_by="QrSeries.id")


class QrSeries(Base):
    """A series of a study of a job, and the decision on it."""

    __tablename__ = "qr_series"
    __table_args__ = (UniqueConstraint("study_id", "series_instance_uid"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("qr_study.id", ondelete="CASCADE"))
    series_instance_uid: Mapped[str] = mapped_column(String(64))
    modality: Mapped[str | None]
    series_number: Mapped[int | None] = mapped_column(BigInteger)
    series_description: Mapped[str | None]
    station_name: Mapped[str | None]
    instances_in_series: Mapped[int | None]
    """Number of Series Related Instances, as far as the remote node says."""
    wanted: Mapped[bool]
    whole: Mapped[bool]
    """True: the whole series is wanted; False: its wanted instances only."""
    reason: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    """The outcome of its retrieval, in words; empty before."""

    study: Mapped[QrStudy] = relationship(back_populates="series")
    instances: Mapped[list["QrInstance"]] = relationship(back_populates="series", order_by="QrInstance.id")


class QrInstance(Base):
    """An instance that the remote node has named, and the decision on it."""

    __tablename__ = "qr_instance"
    __table_args__ = (UniqueConstraint("series_id", "sop_instance_uid"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("qr_series.id", ondelete="CASCADE"))
    sop_instance_uid: Mapped[str] = mapped_column(String(64))
    sop_class_uid: Mapped[str | None] = mapped_column(String(64))
    instance_number: Mapped[int | None] = mapped_column(BigInteger)
    wanted: Mapped[bool]
    reason: Mapped[str]

    series: Mapped[QrSeries] = relationship(back_populates="instances")
