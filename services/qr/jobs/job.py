"""A job as its steps work on it: its row, with settings, options and query read once. A value."""

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
    """A job that a step works on; the state is that at the beginning of the step."""

    id: UUID
    state: QrJobState
    created_at: datetime
    attempts: int
    """How often its query has failed."""
    query: StudyQuery
    query_progress: Mapping[str, Any] | None
    """The progress of the query as it was saved; None: it has not begun."""
    options: JobOptions
    remote_node: RemoteNode
    settings: NodeSettings
    """Those of the remote node."""
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
        """Whether objects get to the store node from us: the remote node does not send them there itself."""
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
