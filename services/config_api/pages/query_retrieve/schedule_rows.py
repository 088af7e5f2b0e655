"""What the pages show of schedules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.api.query_retrieve.schedule_models import QrScheduleOutput
from shared.database.base import now
from shared.database.models import QrSchedule


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule, and when it is due, also where that has passed."""

    schedule: QrScheduleOutput
    due_at: datetime
    waits: bool
    """It was due already: the job before is at work, or no worker has looked yet."""


def find_schedule_rows(session: Session) -> Sequence[ScheduleRow]:
    """Return the schedules by name."""
    moment = now()
    schedules = session.scalars(select(QrSchedule).order_by(QrSchedule.name)).all()
    return [
        ScheduleRow(QrScheduleOutput.of(one, moment=moment), one.next_run_at, one.enabled and one.next_run_at <= moment)
        for one in schedules
    ]
