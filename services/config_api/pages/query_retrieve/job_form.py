"""The form that begins a job. Pure functions."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Self

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from services.config_api.actions.query_retrieve.job_input import QrJobInput
from services.config_api.pages.query_retrieve.options_form import InvalidForm, OptionsForm, read_node, read_time, text
from services.config_api.web.problem import FieldProblem, field_problems
from shared.database.models import QrJob, QrSchedule
from shared.dicom.uid import is_valid_uid
from shared.jobs.options import JobOptions

TEXTS = ("remote_node", "store_node", "date_from", "date_until", "time_from", "time_until", "study_instance_uid")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobForm:
    """The values of the form, as text."""

    remote_node: str = ""
    store_node: str = ""
    date_from: str = ""
    date_until: str = ""
    """Empty: the same day."""
    time_from: str = ""
    time_until: str = ""
    study_instance_uid: str = ""
    options: OptionsForm = field(default_factory=OptionsForm)

    @classmethod
    def of(cls, given: MultiDict[str, str]) -> Self:
        """Return the form that a browser has sent."""
        return cls(options=OptionsForm.of(given), **{name: text(given, name) for name in TEXTS})

    @classmethod
    def like(cls, job: QrJob, options: JobOptions) -> Self:
        """Return the form that asks for the same as a job."""
        first, last = options.time_from, options.time_until
        return cls(
            remote_node=str(job.remote_node_id),
            store_node=str(job.store_node_id),
            date_from=str(job.date_from or ""),
            date_until=str(job.date_until or ""),
            time_from=f"{first:%H:%M}" if first else "",
            time_until=f"{last:%H:%M}" if last else "",
            study_instance_uid=job.study_instance_uid or "",
            options=OptionsForm.of_options(options),
        )

    @classmethod
    def like_schedule(cls, schedule: QrSchedule, options: JobOptions) -> Self:
        """Return the form that asks for the same as a schedule, its days left empty."""
        return cls(
            remote_node=str(schedule.remote_node_id),
            store_node=str(schedule.store_node_id),
            options=OptionsForm.of_options(options),
        )

    def read(self) -> QrJobInput:
        """Return the job that it asks for.

        Raises:
            InvalidForm: with everything that is wrong.
        """
        problems: list[FieldProblem] = []
        nodes = {name: read_node(getattr(self, name), name, problems) for name in ("remote_node", "store_node")}
        query = self._read_query(problems)
        times = self._read_times(problems)
        problems += self.options.problems()
        if problems:
            raise InvalidForm(problems)
        try:
            return QrJobInput.model_validate({**nodes, **query, "options": {**self.options.values(), **times}})
        except ValidationError as error:
            raise InvalidForm(field_problems(error)) from None

    def _read_query(self, problems: list[FieldProblem]) -> dict[str, str | date]:
        if self.study_instance_uid:
            if self.date_from or self.date_until:
                detail = "is given together with days; keep one of them"
                problems.append(FieldProblem(field="study_instance_uid", detail=detail))
            if not is_valid_uid(self.study_instance_uid):
                detail = "is not a UID: at most 64 characters, numbers without leading zeros joined by dots"
                problems.append(FieldProblem(field="study_instance_uid", detail=detail))
            return {"study_instance_uid": self.study_instance_uid}
        if not self.date_from:
            detail = "is missing; say from which day on, or name one study below"
            problems.append(FieldProblem(field="date_from", detail=detail))
            return {}
        first = _read_day(self.date_from, "date_from", problems)
        last = _read_day(self.date_until, "date_until", problems) if self.date_until else first
        if first is None or last is None:
            return {}
        if first > last:
            detail = f"comes before the first day, {first}; exchange the two, or leave this empty for one day"
            problems.append(FieldProblem(field="date_until", detail=detail))
        return {"date_from": first, "date_until": last}

    def _read_times(self, problems: list[FieldProblem]) -> dict[str, time]:
        given = {name: read_time(getattr(self, name), name, problems) for name in ("time_from", "time_until")}
        times = {name: moment for name, moment in given.items() if moment is not None}
        one_day = self.date_from and self.date_until in ("", self.date_from) and not self.study_instance_uid
        if times and not one_day:
            detail = "times are for one day; leave the last day empty, or remove the times"
            problems.append(FieldProblem(field=next(iter(times)), detail=detail))
        elif len(times) == 2 and times["time_from"] > times["time_until"]:
            detail = f"comes before the first time, {times['time_from']:%H:%M}; exchange the two"
            problems.append(FieldProblem(field="time_until", detail=detail))
        return times


def _read_day(typed: str, name: str, problems: list[FieldProblem]) -> date | None:
    try:
        if len(typed) != len("YYYY-MM-DD"):
            raise ValueError  # noqa: TRY301 (one message for all of them)
        return date.fromisoformat(typed)
    except ValueError:
        problems.append(FieldProblem(field=name, detail="is not a day; write one such as 2026-11-21"))
        return None
