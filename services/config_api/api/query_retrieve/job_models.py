"""The responses of query/retrieve jobs: models of the REST interface."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from services.config_api.actions.common.models import QueryModel
from services.config_api.actions.query_retrieve.job_list import JobSummary
from services.config_api.api.common.base import Moment, ResponseModel
from shared.database.models import QrJobState, QrStudyState
from shared.jobs.options import JobOptions


class NodeOutput(ResponseModel):
    """A node of a job."""

    id: int
    name: str
    ae_title: str


class Progress(ResponseModel):
    """The progress of a job."""

    studies: int = Field(description="Found by the query")
    open: int = Field(description="Not retrieved yet")
    retrieved: int
    failed: int
    cancelled: int
    skipped: int = Field(description="Studies of which nothing was wanted, or nothing was new")
    objects_completed: int = Field(description="Sent to the store node, as the remote node counts")
    objects_failed: int


class QrJobOutput(ResponseModel):
    """A job and its progress."""

    id: UUID
    remote_node: NodeOutput
    store_node: NodeOutput
    schedule_id: int | None = Field(description="The schedule that has begun it, if a person has not")
    date_from: date | None
    date_until: date | None
    study_instance_uid: str | None
    options: JobOptions
    state: QrJobState
    detail: str = Field(description="Why, in words")
    unanswered: list[str] = Field(
        description="Ranges that the remote node did not answer: there the result is incomplete"
    )
    progress: Progress
    created_at: Moment
    updated_at: Moment
    finished_at: datetime | None

    @classmethod
    def of(cls, summary: JobSummary, **more: object) -> Self:
        """Return the response for a job."""
        same = QrJobOutput.model_fields.keys() - {"detail", "options", "progress"}
        given = {name: getattr(summary.job, name) for name in same}
        return cls.model_validate(
            given
            | {"detail": summary.job.state_detail, "options": summary.options, "progress": summary.progress}
            | more
        )


class QrStudyOutput(ResponseModel):
    """A study that the query found, and the state of its retrieval. Counts are those of the remote node."""

    study_instance_uid: str
    study_date: str | None
    study_time: str | None
    study_description: str | None
    station_name: str | None
    modalities_in_study: str | None
    instances_in_study: int | None
    explanation: str = Field(description="The parts of it that were chosen, and why, in words")
    state: QrStudyState
    reason: str = Field(description="Why, in words")
    remaining: int | None
    completed: int | None
    failed: int | None
    warning: int | None
    attempts: int
    updated_at: Moment


class QrInstanceOutput(ResponseModel):
    """An instance that the remote node has named, and the decision on it."""

    sop_instance_uid: str
    sop_class_uid: str | None
    instance_number: int | None
    wanted: bool
    reason: str = Field(description="Why, in words")


class QrSeriesOutput(ResponseModel):
    """A series that the remote node has named, and the decision on it."""

    series_instance_uid: str
    modality: str | None
    series_number: int | None
    series_description: str | None
    station_name: str | None
    instances_in_series: int | None
    wanted: bool
    whole: bool = Field(description="All of it is wanted; otherwise its wanted instances only")
    reason: str = Field(description="Why, in words")
    outcome: str = Field(description="The outcome of its retrieval, in words; empty before")
    instances: list[QrInstanceOutput] = Field(description="As far as they were asked for")


class QrStudyDetail(QrStudyOutput):
    """A study of a job with its series and instances, each with the reason of the decision."""

    series: list[QrSeriesOutput]


class StudyOfJobPath(QueryModel):
    """The id of a job and the Study Instance UID of one of its studies, in a path."""

    id: UUID
    study_instance_uid: str = Field(max_length=64)


class QrJobDetail(QrJobOutput):
    """A job with its studies."""

    studies: list[QrStudyOutput] = Field(description="At most the first 1000")


class QrJobPage(ResponseModel):
    """A page of jobs, newest first."""

    items: list[QrJobOutput]
    next_cursor: str | None = Field(description="For the next page; null on the last one")


class JobPath(QueryModel):
    """The id of a job in a path."""

    id: UUID
