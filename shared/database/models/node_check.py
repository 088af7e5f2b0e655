"""Tests and echoes of nodes: requests of persons and pages, and the outcomes written by the qr service."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database.base import Base, CreatedAt, Identifier, Timestamp
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.types import text_enum


class CheckStep(StrEnum):
    """The steps of a node test; each needs those before it."""

    TCP = "tcp"
    ASSOCIATION = "association"
    ECHO = "echo"
    FIND = "find"
    MOVE = "move"
    HTTP = "http"
    QIDO = "qido"
    WADO = "wado"


class CheckVerdict(StrEnum):
    """The result of one step."""

    PASSED = "passed"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """There is no sign of a fault, but the step could not be tried completely."""
    SKIPPED = "skipped"


class CheckState(StrEnum):
    """The progress of a node test."""

    QUEUED = "queued"
    """No worker has taken it yet."""
    RUNNING = "running"
    DONE = "done"
    """All steps were taken or skipped; `passed` has the result."""
    FAILED = "failed"
    """The test itself could not be made; `detail` has the reason."""


OPEN_CHECK_STATES = frozenset({CheckState.QUEUED, CheckState.RUNNING})


class NodeCheck(Base):
    """One test of a remote node, step by step, that a person has asked for."""

    __tablename__ = "node_check"
    __table_args__ = (Index("ix_node_check_created_at", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    remote_node_id: Mapped[int] = mapped_column(ForeignKey("remote_node.id", ondelete="CASCADE"), index=True)
    store_node_id: Mapped[int | None] = mapped_column(ForeignKey("store_node.id", ondelete="SET NULL"))
    """The store node to which the remote node shall send an object; None: nothing is sent, or it was deleted."""
    to_store_node: Mapped[bool] = mapped_column(default=False)
    """True: the test was to send an object, even if the store node was deleted since."""
    study_instance_uid: Mapped[str | None] = mapped_column(String(64))
    """The study of that object; None: a study of the last days."""
    state: Mapped[CheckState] = mapped_column(text_enum(CheckState), default=CheckState.QUEUED)
    detail: Mapped[str] = mapped_column(default="", server_default=text("''"))
    """The reason why the test could not be made, in words; else empty."""
    steps: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    """The steps that are over, in their order: `shared.jobs.checks.StepOutcome` as JSON."""
    passed: Mapped[bool | None]
    """True: no step has failed, and the requested object, if any, has come. None: not known yet."""
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    remote_node: Mapped[RemoteNode] = relationship()
    store_node: Mapped[StoreNode | None] = relationship()


class NodeEcho(Base):
    """The last C-ECHO to a remote node, or to the store node of a third party."""

    __tablename__ = "node_echo"
    __table_args__ = (CheckConstraint("num_nonnulls(remote_node_id, store_node_id) = 1", name="node"),)

    id: Mapped[Identifier]
    remote_node_id: Mapped[int | None] = mapped_column(ForeignKey("remote_node.id", ondelete="CASCADE"), unique=True)
    store_node_id: Mapped[int | None] = mapped_column(ForeignKey("store_node.id", ondelete="CASCADE"), unique=True)
    asked_at: Mapped[Timestamp]
    """The time of the last request for an echo."""
    settings_key: Mapped[str] = mapped_column(String(64))
    """A digest of the node's address, AE titles and TLS at that time: an outcome counts for these settings only."""
    echoed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """The time at which the echo with this outcome was sent; None: there is no outcome yet."""
    alive: Mapped[bool | None]
    detail: Mapped[str] = mapped_column(default="", server_default=text("''"))
    """The outcome in words, with advice for a person."""
    duration_ms: Mapped[int | None]
    calling_ae_title: Mapped[str | None] = mapped_column(String(16))
    """Our AE title in that echo."""
