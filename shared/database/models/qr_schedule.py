"""Schedules: query/retrieve jobs that begin at set times."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database.base import Base, CreatedAt, Identifier, Timestamp, now
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.types import text_enum

MOST_OVERLAP_DAYS = 366
MOST_CATCH_UP_DAYS = 3660


class WhileRunning(StrEnum):
    """The rule for a run while the job of the run before is still at work."""

    SKIP = "skip"
    """It is left out; the next run catches up with its days."""
    WAIT = "wait"
    """It begins as soon as that job is over."""


class QrSchedule(Base):
    """A job that begins at set times. Its range of days ends `days_ago` days before the day of the run."""

    __tablename__ = "qr_schedule"
    __table_args__ = (
        CheckConstraint("days_ago BETWEEN 0 AND 366", name="days_ago"),
        CheckConstraint(f"overlap_days BETWEEN 0 AND {MOST_OVERLAP_DAYS}", name="overlap_days"),
        CheckConstraint(f"catch_up_days BETWEEN 0 AND {MOST_CATCH_UP_DAYS}", name="catch_up_days"),
        Index("ix_qr_schedule_due", "next_run_at", postgresql_where=text("enabled")),
    )

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    remote_node_id: Mapped[int] = mapped_column(ForeignKey("remote_node.id"))
    store_node_id: Mapped[int] = mapped_column(ForeignKey("store_node.id"))
    cron: Mapped[str] = mapped_column(String(100))
    """The cron expression, in the form of `shared.jobs.cron`."""
    time_zone: Mapped[str] = mapped_column(String(64))
    """The time zone of the expression and of days, as a name of the IANA database."""
    days_ago: Mapped[int] = mapped_column(default=1)
    """The last day of a run's query, counted back from the day of the run: 0 today, 1 yesterday."""
    overlap_days: Mapped[int] = mapped_column(default=0)
    """The number of covered days that a run queries again, for studies that came late to the archive."""
    catch_up_days: Mapped[int] = mapped_column(default=14)
    """The most days that a run queries in addition because no run has covered them."""
    while_running: Mapped[WhileRunning] = mapped_column(text_enum(WhileRunning), default=WhileRunning.SKIP)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    """`shared.jobs.options.JobOptions` as JSON."""
    next_run_at: Mapped[Timestamp]
    """The time of its next run; in the past while a run waits for the previous job."""
    last_run_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """The time at which it last began a job."""
    last_outcome: Mapped[str] = mapped_column(default="")
    """The outcome of its last run, in words."""
    covered_until: Mapped[date | None]
    """The last day that a job has covered, as known at the last run."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    remote_node: Mapped[RemoteNode] = relationship()
    store_node: Mapped[StoreNode] = relationship()
