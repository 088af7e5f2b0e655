"""Query/retrieve jobs: their whole state, so that any worker can take the next step."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database.base import Base, CreatedAt, Identifier, Timestamp, now
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.types import text_enum


class QrJobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    QUERYING = "querying"
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


OPEN_JOB_STATES = frozenset({QrJobState.QUEUED, QrJobState.QUERYING, QrJobState.RETRIEVING})


class QrStudyState(StrEnum):
    """Where one study of a job stands."""

    FOUND = "found"
    RETRIEVING = "retrieving"
    RETRIEVED = "retrieved"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self in OPEN_STUDY_STATES


OPEN_STUDY_STATES = frozenset({QrStudyState.FOUND, QrStudyState.RETRIEVING})


class QrJob(Base):
    """What to query from which remote node, and where it shall be sent."""

    __tablename__ = "qr_job"
    __table_args__ = (
        CheckConstraint(
            "study_instance_uid IS NOT NULL OR (date_from IS NOT NULL AND date_until IS NOT NULL)", name="query"
        ),
        Index("ix_qr_job_created_at", "created_at"),
        Index("ix_qr_job_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    remote_node_id: Mapped[int] = mapped_column(ForeignKey("remote_node.id"))
    store_node_id: Mapped[int] = mapped_column(ForeignKey("store_node.id"))
    date_from: Mapped[date | None]
    date_until: Mapped[date | None]
    study_instance_uid: Mapped[str | None] = mapped_column(String(64))
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
        Index("ix_qr_study_open", "due_at", postgresql_where=text("state IN ('found', 'retrieving')")),
    )

    id: Mapped[Identifier]
    job_id: Mapped[UUID] = mapped_column(ForeignKey("qr_job.id", ondelete="CASCADE"), index=True)
    study_instance_uid: Mapped[str] = mapped_column(String(64))
    study_date: Mapped[str | None] = mapped_column(String(16))
    modalities_in_study: Mapped[str | None]
    """As the remote node gave them, joined by backslashes."""
    instances_in_study: Mapped[int | None]
    """Number of Study Related Instances, as far as the remote node says."""
    state: Mapped[QrStudyState] = mapped_column(text_enum(QrStudyState), default=QrStudyState.FOUND)
    reason: Mapped[str] = mapped_column(default="")
    remaining: Mapped[int | None]
    completed: Mapped[int | None]
    failed: Mapped[int | None]
    warning: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    """How often its retrieval has failed."""
    due_at: Mapped[Timestamp] = mapped_column(default=now)
    """When its message is there at the latest; long after that the message counts as lost."""
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    job: Mapped[QrJob] = relationship(back_populates="studies")
