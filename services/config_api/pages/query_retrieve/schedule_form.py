"""The form of a schedule. Pure functions."""

from dataclasses import dataclass, field
from typing import Self

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from services.config_api.actions.query_retrieve.schedule_input import QrScheduleInput
from services.config_api.actions.query_retrieve.schedules import ScheduleSummary
from services.config_api.pages.query_retrieve.options_form import InvalidForm, OptionsForm, read_node, text
from services.config_api.web.problem import FieldProblem, field_problems
from shared.database.models import WhileRunning

TEXTS = ("name", "remote_node", "store_node", "cron", "time_zone")
NUMBERS = ("days_ago", "overlap_days", "catch_up_days")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleForm:
    """The values of the form, as text; at first the defaults of `QrScheduleInput`."""

    name: str = ""
    enabled: bool = True
    remote_node: str = ""
    store_node: str = ""
    cron: str = ""
    time_zone: str = ""
    days_ago: str = "1"
    overlap_days: str = "0"
    catch_up_days: str = "14"
    while_running: str = WhileRunning.SKIP
    options: OptionsForm = field(default_factory=OptionsForm)

    @classmethod
    def of(cls, given: MultiDict[str, str]) -> Self:
        """Return the form that a browser has sent."""
        return cls(
            enabled="enabled" in given,
            while_running=text(given, "while_running"),
            options=OptionsForm.of(given),
            **{name: text(given, name) for name in (*TEXTS, *NUMBERS)},
        )

    @classmethod
    def of_schedule(cls, summary: ScheduleSummary) -> Self:
        """Return the form with the values of a schedule."""
        schedule = summary.schedule
        return cls(
            name=schedule.name,
            enabled=schedule.enabled,
            remote_node=str(schedule.remote_node_id),
            store_node=str(schedule.store_node_id),
            cron=schedule.cron,
            time_zone=schedule.time_zone,
            while_running=schedule.while_running,
            options=OptionsForm.of_options(summary.options),
            **{name: str(getattr(schedule, name)) for name in NUMBERS},
        )

    def read(self) -> QrScheduleInput:
        """Return the schedule that it asks for.

        Raises:
            InvalidForm: with everything that is wrong.
        """
        problems: list[FieldProblem] = []
        given = {
            "name": self.name,
            "enabled": self.enabled,
            "cron": self.cron,
            "time_zone": self.time_zone,
            "while_running": self.while_running,
            "remote_node": read_node(self.remote_node, "remote_node", problems),
            "store_node": read_node(self.store_node, "store_node", problems),
            **{name: _read_number(getattr(self, name), name, problems) for name in NUMBERS},
            "options": self.options.values(),
        }
        wrong_options = self.options.problems()
        if wrong_options:
            problems += wrong_options
            given["options"] = {}
        try:
            wanted = QrScheduleInput.model_validate(given)
        except ValidationError as error:
            problems += field_problems(error)
        if problems:
            raise InvalidForm(problems)
        return wanted


def _read_number(typed: str, name: str, problems: list[FieldProblem]) -> int:
    if typed.isascii() and typed.isdigit() and len(typed) < 10:
        return int(typed)
    problems.append(FieldProblem(field=name, detail="is not a number of days; write one such as 1"))
    return 0
