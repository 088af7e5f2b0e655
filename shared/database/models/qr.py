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
    """The wanted parts of the studies are being determined; afterwards a person reviews them."""
    REVIEW = "review"
    """A person shall say whether what was chosen is retrieved; nothing happens until then."""
    RETRIEVING = "retrieving"
    COMPLETE = "complete"
    PARTIAL = "partial"
    """Over, but not everything came; the studies say what."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self in OPEN_JOB_STATES


OPEN_JOB_STATES = frozenset({QrJobState.QUEUED, QrJobState.QUERYING, QrJobState.CHOOSING, QrJobState.RETRIEVING})
"""Somebody has something to do: a worker."""
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
    """Nothing of it is wanted, or all of it was received before; the reason says which."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self in OPEN_STUDY_STATES


OPEN_STUDY_STATES = frozenset({QrStudyState.FOUND, QrStudyState.CHOSEN, QrStudyState.RETRIEVING})


class QrJob(Base):
    """A query of a remote node, and the store node to which its studies are sent."""

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
    """The schedule that has begun it; None: a person."""
    date_from: Mapped[date | None]
    date_until: Mapped[date | None]
    study_instance_uid: Mapped[str | None] = mapped_column(String(64))
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    """`shared.jobs.options.JobOptions` as JSON."""
    query_progress: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Which ranges have still to be asked for, so that another worker goes on from there; its shape is the qr
    service's own."""
    unanswered: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    """The ranges that the remote node did not answer, in words: there the job is incomplete."""
    state: Mapped[QrJobState] = mapped_column(text_enum(QrJobState), default=QrJobState.QUEUED)
    state_detail: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    """How often the query has failed."""
    due_at: Mapped[Timestamp] = mapped_column(default=now)
    """When its next message is there at the latest; long after that the message counts as lost."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    remote_node: Mapped[RemoteNode] = relationship()
    store_node: Mapped[StoreNode] = relationship()
    studies: Mapped[list["QrStudy"]] = relationship(back_populates="job", order_by="QrStudy.id")


class QrStudy(Base):
    """A study that the query found, and how its retrieval went. The counts are those of the C-MOVE responses."""

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
    """As the remote node gave them, joined by backslashes."""
    instances_in_study: Mapped[int | None]
    """Number of Study Related Instances, as far as the remote node says."""
    state: Mapped[QrStudyState] = mapped_column(text_enum(QrStudyState), default=QrStudyState.FOUND)
    explanation: Mapped[str] = mapped_column(default="", server_default="")
    """The parts that were chosen and why, in words; empty before, and where a third party gets everything."""
    reason: Mapped[str] = mapped_column(default="")
    """The reason of its state, in words."""
    remaining: Mapped[int | None]
    completed: Mapped[int | None]
    failed: Mapped[int | None]
    warning: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    """How often its retrieval has failed."""
    last_failure: Mapped[str] = mapped_column(default="", server_default="")
    """Why the last attempt failed; empty where none has."""
    due_at: Mapped[Timestamp] = mapped_column(default=now)
    """When its message is there at the latest; long after that the message counts as lost."""
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    job: Mapped[QrJob] = relationship(back_populates="studies")
    series: Mapped[list["QrSeries"]] = relationship(back_populates="study", order_by="QrSeries.id")


class QrSeries(Base):
    """A series of a study of a job, and what was decided of it."""

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
    """Whether all of it is wanted; otherwise its wanted instances only."""
    reason: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    """How its retrieval went, in words; empty before."""

    study: Mapped[QrStudy] = relationship(back_populates="series")
    instances: Mapped[list["QrInstance"]] = relationship(back_populates="series", order_by="QrInstance.id")


class QrInstance(Base):
    """An instance that the remote node has named, and what was decided of it."""

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
