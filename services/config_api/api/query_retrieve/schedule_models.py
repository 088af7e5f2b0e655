"""The responses of schedules: models of the REST interface."""

from datetime import date, datetime
from typing import Self

from pydantic import Field

from services.config_api.actions.query_retrieve.schedules import ScheduleSummary
from services.config_api.api.common.base import Moment, ResponseModel
from services.config_api.api.query_retrieve.job_models import NodeOutput
from shared.database.models import WhileRunning
from shared.jobs.options import JobOptions


class QrScheduleOutput(ResponseModel):
    """A schedule, the outcome of its last run, and its next runs."""

    id: int
    name: str
    enabled: bool
    remote_node: NodeOutput
    store_node: NodeOutput
    cron: str
    time_zone: str
    days_ago: int
    overlap_days: int
    catch_up_days: int
    while_running: WhileRunning
    options: JobOptions
    next_runs: list[datetime] = Field(description="In the schedule's time zone; none while it is switched off")
    last_run_at: Moment | None = Field(description="When it began a job last")
    last_outcome: str = Field(description="The outcome of its last run, in words")
    covered_until: date | None = Field(description="The last day covered, as known at the last run")
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, summary: ScheduleSummary) -> Self:
        """Return the response for a schedule."""
        same = cls.model_fields.keys() - {"options", "next_runs"}
        given = {name: getattr(summary.schedule, name) for name in same}
        return cls.model_validate(given | {"options": summary.options, "next_runs": summary.next_runs})


class QrScheduleList(ResponseModel):
    """All schedules, by name."""

    items: list[QrScheduleOutput]
