"""The shapes of query/retrieve jobs in requests and responses."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator

from services.config_api.actions.common.models import Day, QueryModel, RequestModel, StudyInstanceUid
from services.config_api.api.common.base import Moment, ResponseModel
from services.config_api.web import paging as keyset
from shared.database.models import QrJob, QrJobState, QrStudyState
from shared.jobs.options import JobOptions

NodeReference = Annotated[int | str, Field(description="Its id, friendly name or AE title", examples=["PACS"])]


class QrJobInput(RequestModel):
    """A query, from whom, and where what it finds shall be sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"remote_node": "PACS", "store_node": 1, "date_from": "2026-11-01", "date_until": "2026-11-07"},
                {
                    "remote_node": 1,
                    "store_node": 1,
                    "date_from": "2026-11-01",
                    "date_until": "2026-11-01",
                    "options": {"modalities": ["CT", "NM"], "description_exclude": ["imported"]},
                },
                {"remote_node": 1, "store_node": 1, "study_instance_uid": "1.2.826.0.1.3680043.8.498.1"},
            ]
        }
    )

    remote_node: NodeReference
    store_node: NodeReference
    date_from: Day | None = Field(default=None, description="The first Study Date")
    date_until: Day | None = Field(
        default=None, description="The last Study Date, which belongs to the range", validate_default=True
    )
    study_instance_uid: StudyInstanceUid | None = Field(
        default=None, description="The one study, in place of dates", validate_default=True
    )
    options: JobOptions = Field(default=JobOptions(), description="What is wanted; without modalities whole studies")

    @field_validator("date_until")
    @classmethod
    def _after_date_from(cls, date_until: date | None, info: ValidationInfo) -> date | None:
        date_from = info.data.get("date_from")
        if date_from and not date_until:
            raise ValueError("is required together with date_from; add it")
        if date_from and date_until and date_from > date_until:
            raise ValueError(f"comes before date_from, {date_from}; exchange them")
        if date_until and "date_from" in info.data and not date_from:
            raise ValueError("needs date_from; add it")
        return date_until

    @field_validator("study_instance_uid")
    @classmethod
    def _instead_of_dates(cls, uid: str | None, info: ValidationInfo) -> str | None:
        date_from, date_until = info.data.get("date_from", "wrong"), info.data.get("date_until", "wrong")
        if uid is None and date_from is None and date_until is None:
            raise ValueError("is required where there are no dates; add it, or date_from and date_until")
        if uid is not None and (date_from or date_until):
            raise ValueError("is given together with dates; keep one of them")
        return uid


def _cursor(text: str) -> str:
    keyset.decode(text, UUID)
    return text


class QrJobQuery(QueryModel):
    """Which jobs."""

    state: list[QrJobState] = Field(default=[], description="One of these states")
    schedule_id: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Begun by this schedule")
    limit: int = Field(default=50, ge=1, le=500)
    cursor: Annotated[str, AfterValidator(_cursor)] | None = Field(
        default=None, max_length=200, description="`next_cursor` of the page before"
    )


class NodeOutput(ResponseModel):
    """A node of a job."""

    id: int
    name: str
    ae_title: str


class Progress(ResponseModel):
    """How far a job is."""

    studies: int = Field(description="Found by the query")
    open: int = Field(description="Not retrieved yet")
    retrieved: int
    failed: int
    cancelled: int
    skipped: int = Field(description="Nothing of it was wanted, or nothing was new")
    objects_completed: int = Field(description="Sent to the store node, as the remote node counts")
    objects_failed: int


class QrJobOutput(ResponseModel):
    """A job and how far it is."""

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
    unanswered: list[str] = Field(description="Ranges that the remote node would not answer: there it is incomplete")
    progress: Progress
    created_at: Moment
    updated_at: Moment
    finished_at: datetime | None

    @classmethod
    def of(cls, job: QrJob, progress: Progress, **more: object) -> Self:
        """Return what the interface says of a job."""
        given = {name: getattr(job, name) for name in QrJobOutput.model_fields if name not in {"detail", "progress"}}
        return cls.model_validate({**given, "detail": job.state_detail, "progress": progress, **more})


class QrStudyOutput(ResponseModel):
    """A study that the query found, and how its retrieval went. Counts are those of the C-MOVE responses."""

    study_instance_uid: str
    study_date: str | None
    study_time: str | None
    study_description: str | None
    station_name: str | None
    modalities_in_study: str | None
    instances_in_study: int | None
    explanation: str = Field(description="What of it was chosen and why, in words")
    state: QrStudyState
    reason: str = Field(description="Why, in words")
    remaining: int | None
    completed: int | None
    failed: int | None
    warning: int | None
    attempts: int
    updated_at: Moment


class QrInstanceOutput(ResponseModel):
    """An instance that the remote node has named, and what was decided of it."""

    sop_instance_uid: str
    sop_class_uid: str | None
    instance_number: int | None
    wanted: bool
    reason: str = Field(description="Why, in words")


class QrSeriesOutput(ResponseModel):
    """A series that the remote node has named, and what was decided of it."""

    series_instance_uid: str
    modality: str | None
    series_number: int | None
    series_description: str | None
    station_name: str | None
    instances_in_series: int | None
    wanted: bool
    whole: bool = Field(description="All of it is wanted; otherwise its wanted instances only")
    reason: str = Field(description="Why, in words")
    outcome: str = Field(description="How its retrieval went, in words; empty before")
    instances: list[QrInstanceOutput] = Field(description="As far as they were asked for")


class QrStudyDetail(QrStudyOutput):
    """A study of a job with its series and instances: the whole explanation."""

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
