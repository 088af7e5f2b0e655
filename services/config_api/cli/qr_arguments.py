"""The arguments of `dosewire qr` (those of OpenREM's openrem_qr.py), and the job made from them. Pure functions."""

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from shared.errors import DosewireError
from shared.jobs.options import ModalityClass, split_terms

FIRST_DAY = date(1900, 1, 1)
"""The first day if none is given, as in openrem_qr.py: no device has earlier dates, even after a reset clock."""


class InvalidArguments(DosewireError):
    """The arguments do not describe a job; the text has the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The arguments of the command line, as text. None and empty: not given."""

    modalities: tuple[str, ...]
    """The classes: CT, MG, FL, DX, NM, SR."""
    date_from: str | None = None
    date_until: str | None = None
    single_date: str | None = None
    time_from: str | None = None
    time_until: str | None = None
    description_exclude: str | None = None
    description_include: str | None = None
    station_name_exclude: str | None = None
    station_name_include: str | None = None
    station_name_at_study_level: bool = False
    legacy_ct: bool = False
    include_known: bool = False
    empty_sr: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """The job that the arguments describe."""

    date_from: date
    date_until: date
    options: dict[str, Any]
    """`shared.jobs.options.JobOptions` as JSON."""

    def body(self, *, remote_node: int | str, store_node: int | str) -> dict[str, Any]:
        """Return the request that begins it."""
        return {
            "remote_node": remote_node,
            "store_node": store_node,
            "date_from": self.date_from.isoformat(),
            "date_until": self.date_until.isoformat(),
            "options": self.options,
        }


def read_arguments(given: Arguments, *, today: date) -> Job:
    """Return the job that the arguments describe.

    Without dates it is about all days until `today`.

    Raises:
        InvalidArguments: they contradict each other, or a date or time is none.
    """
    if not given.modalities:
        raise InvalidArguments("at least one modality is required: -ct, -mg, -fl, -dx, -nm, or -sr")
    if ModalityClass.SR in given.modalities and len(given.modalities) > 1:
        raise InvalidArguments("-sr asks for studies of reports only: it cannot be used with another modality")
    date_from, date_until = _dates(given, today)
    time_from, time_until = _times(given)
    options: dict[str, Any] = {
        "modalities": list(given.modalities),
        "time_from": time_from.isoformat() if time_from else None,
        "time_until": time_until.isoformat() if time_until else None,
        "description_exclude": list(split_terms(given.description_exclude or "")),
        "description_include": list(split_terms(given.description_include or "")),
        "station_name_exclude": list(split_terms(given.station_name_exclude or "")),
        "station_name_include": list(split_terms(given.station_name_include or "")),
        "station_name_at_study_level": given.station_name_at_study_level,
        "legacy_ct": given.legacy_ct,
        "include_known": given.include_known,
        "empty_sr": given.empty_sr,
        "review": given.dry_run,
    }
    return Job(date_from, date_until, options)


def _dates(given: Arguments, today: date) -> tuple[date, date]:
    if given.single_date:
        if given.date_from or given.date_until:
            raise InvalidArguments("a single date (-sd) excludes from (-f) and until (-t)")
        day = _date(given.single_date, "-sd")
        return day, day
    date_from = _date(given.date_from, "-f") if given.date_from else FIRST_DAY
    date_until = _date(given.date_until, "-t") if given.date_until else max(today, date_from)
    if date_from > date_until:
        raise InvalidArguments(f"the first day, {date_from}, comes after the last, {date_until}")
    return date_from, date_until


def _times(given: Arguments) -> tuple[time | None, time | None]:
    if (given.time_from or given.time_until) and not given.single_date:
        raise InvalidArguments("times (-tf, -tt) need a single date (-sd)")
    time_from = _time(given.time_from, "-tf") if given.time_from else None
    time_until = _time(given.time_until, "-tt") if given.time_until else None
    if time_from and time_until and time_from > time_until:
        raise InvalidArguments(f"the first time, {time_from:%H%M}, comes after the last, {time_until:%H%M}")
    return time_from, time_until


def _date(text: str, name: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError  # noqa: TRY301 (one message for all of them)
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidArguments(f"{name} {text}: dates look like 2026-03-14 (yyyy-mm-dd)") from None


def _time(text: str, name: str) -> time:
    match = re.fullmatch(r"([01]\d|2[0-3])([0-5]\d)", text, re.ASCII)
    if match is None:
        raise InvalidArguments(f"{name} {text}: the format of times is hhmm, such as 0730")
    return time(int(match[1]), int(match[2]))
