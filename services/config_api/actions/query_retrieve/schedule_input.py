"""The inputs of a schedule: a whole schedule, and a change of one."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, field_validator

from services.config_api.actions.common.models import FriendlyName, RequestModel
from services.config_api.actions.common.node_reference import NodeReference
from shared.database.models import WhileRunning
from shared.database.models.qr_schedule import MOST_CATCH_UP_DAYS, MOST_OVERLAP_DAYS
from shared.jobs.cron import LONGEST, check_expression, check_time_zone
from shared.jobs.options import JobOptions

Cron = Annotated[
    str,
    AfterValidator(check_expression),
    Field(
        max_length=LONGEST,
        description="Minute, hour, day of the month, month, day of the week",
        json_schema_extra={"examples": ["30 2 * * *"]},
    ),
]
TimeZone = Annotated[
    str,
    AfterValidator(check_time_zone),
    Field(
        max_length=64,
        description="A name of the IANA database: the clock of `cron`, and where days begin",
        json_schema_extra={"examples": ["Europe/Berlin"]},
    ),
]
DaysAgo = Annotated[
    int, Field(ge=0, le=366, description="The last day that a run asks for: 1 the day before it, 0 its own")
]
OverlapDays = Annotated[
    int,
    Field(
        ge=0,
        le=MOST_OVERLAP_DAYS,
        description="Days that were covered already and are asked for again, for studies that came late to the archive",
    ),
]
CatchUpDays = Annotated[
    int,
    Field(
        ge=0,
        le=MOST_CATCH_UP_DAYS,
        description="Days at most that are asked for in addition because no run has covered them; 0: none, and a run "
        "that is missed by more than an hour is left out",
    ),
]
EXAMPLE: dict[str, JsonValue] = {
    "name": "CT of yesterday",
    "remote_node": "PACS",
    "store_node": "CT hall",
    "cron": "30 2 * * *",
    "time_zone": "Europe/Berlin",
    "overlap_days": 2,
    "options": {"modalities": ["CT"]},
}


def _for_whole_days(options: JobOptions | None) -> JobOptions | None:
    if options is not None and (options.time_from or options.time_until):
        raise ValueError("times are for a job about one day; remove time_from and time_until")
    return options


class QrScheduleInput(RequestModel):
    """The wanted settings of a schedule: the job, and the times at which it begins."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: FriendlyName
    enabled: bool = True
    remote_node: NodeReference
    store_node: NodeReference
    cron: Cron
    time_zone: TimeZone
    days_ago: DaysAgo = 1
    overlap_days: OverlapDays = 0
    catch_up_days: CatchUpDays = 14
    while_running: WhileRunning = Field(
        default=WhileRunning.SKIP,
        strict=False,
        description="`skip` or `wait`: what to do with a run while the job of the run before is at work",
    )
    options: JobOptions = Field(
        default=JobOptions(), description="The studies and objects that are wanted; without modalities whole studies"
    )

    _options = field_validator("options")(_for_whole_days)


class QrSchedulePatch(RequestModel):
    """Changes of a schedule; fields that are left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: FriendlyName | None = None
    enabled: bool | None = None
    remote_node: NodeReference | None = None
    store_node: NodeReference | None = None
    cron: Cron | None = None
    time_zone: TimeZone | None = None
    days_ago: DaysAgo | None = None
    overlap_days: OverlapDays | None = None
    catch_up_days: CatchUpDays | None = None
    while_running: WhileRunning | None = Field(default=None, strict=False)
    options: JobOptions | None = None

    _options = field_validator("options")(_for_whole_days)
