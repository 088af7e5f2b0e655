"""A job for its steps: its row, with settings, options and query parsed once. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.qr.remote.find import StudyQuery
from services.qr.remote.nodes import settings_of
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.models.qr import QrJob, QrJobState
from shared.jobs.node_settings import NodeSettings, RetrieveBy
from shared.jobs.options import JobOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInHand:
    """A job for a step; the state is the one at the beginning of the step."""

    id: UUID
    state: QrJobState
    created_at: datetime
    attempts: int
    """The number of times that its query has failed."""
    query: StudyQuery
    query_progress: Mapping[str, Any] | None
    """The progress of the query as it was saved; None: it has not begun."""
    options: JobOptions
    remote_node: RemoteNode
    settings: NodeSettings
    """The settings of the remote node."""
    store_node: StoreNode

    @classmethod
    def of(cls, row: QrJob) -> "JobInHand":
        """Read a job that has come with its nodes.

        Raises:
            ValueError: its options, or the settings of its remote node, are not valid.
        """
        options = JobOptions.model_validate(row.options)
        return cls(
            id=row.id,
            state=row.state,
            created_at=row.created_at,
            attempts=row.attempts,
            query=query_of(row, options),
            query_progress=row.query_progress,
            options=options,
            remote_node=row.remote_node,
            settings=settings_of(row.remote_node),
            store_node=row.store_node,
        )

    @property
    def is_passed_on(self) -> bool:
        """True if we pass objects on to the store node; otherwise the remote node sends them there."""
        return self.settings.dicomweb is not None or self.settings.retrieve_by is not RetrieveBy.MOVE


def query_of(row: QrJob, options: JobOptions) -> StudyQuery:
    """Return the query of a job at STUDY level."""
    return StudyQuery(
        date_from=row.date_from,
        date_until=row.date_until,
        study_instance_uid=row.study_instance_uid,
        time_from=options.time_from,
        time_until=options.time_until,
    )
