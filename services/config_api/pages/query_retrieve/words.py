"""Short texts about jobs, schedules and the studies of jobs. Pure functions."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from services.config_api.pages.common.fact import Fact
from shared.dicom.uid import sop_class_name
from shared.jobs.options import JobOptions, ModalityClass

ANY_KIND = "Whole studies"


class Query(Protocol):
    """The days of a job, or its one study."""

    @property
    def date_from(self) -> date | None:
        """The first Study Date."""

    @property
    def date_until(self) -> date | None:
        """The last Study Date."""

    @property
    def study_instance_uid(self) -> str | None:
        """The one study, in place of dates."""


def kinds(options: JobOptions) -> str:
    """Return the classes that are wanted: `CT, NM`."""
    if options.modalities == (ModalityClass.SR,):
        return "SR only"
    return ", ".join(options.modalities) or ANY_KIND


def period(query: Query, options: JobOptions) -> str:
    """Return the days of a job, or its study."""
    if query.study_instance_uid is not None:
        return f"study {query.study_instance_uid}"
    if query.date_from != query.date_until:
        return f"{query.date_from} to {query.date_until}"
    first, last = options.time_from, options.time_until
    if first is None and last is None:
        return str(query.date_from)
    times = [f"from {first:%H:%M}" if first else "", f"until {last:%H:%M}" if last else ""]
    return f"{query.date_from}, {' '.join(filter(None, times))}"


def title(query: Query, options: JobOptions) -> str:
    """Return the title of a job: `CT, NM of 2026-11-01 to 2026-11-07`."""
    return f"{kinds(options)} of {period(query, options)}"


def conditions(options: JobOptions) -> list[Fact]:
    """Return the other conditions of a job; empty where it has none."""
    at = "study" if options.station_name_at_study_level else "series"
    terms = (
        ("Description holds", options.description_include),
        ("Description does not hold", options.description_exclude),
        (f"Station name of the {at} holds", options.station_name_include),
        (f"Station name of the {at} does not hold", options.station_name_exclude),
    )
    choices = (
        ("Known objects", "fetched again", options.include_known),
        ("Empty SR", "SR series that answer nothing at image level are fetched", options.empty_sr),
        ("Toshiba and GE", "CT without a report: images of each series", options.legacy_ct),
        ("Review", "by a person, before anything is retrieved", options.review),
    )
    return [
        *(Fact(label, " or ".join(values)) for label, values in terms if values),
        *(Fact(label, text) for label, text, chosen in choices if chosen),
    ]


def dicom_day(text: str | None) -> str:
    """Return a Study Date (VR DA) as 2026-11-01; other text as it is."""
    if text is None or len(text) != len("YYYYMMDD") or not text.isascii() or not text.isdigit():
        return text or ""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def dicom_time(text: str | None) -> str:
    """Return a Study Time (VR TM) as 08:30; other text as it is."""
    if text is None or len(text) < len("HHMM") or not text[:4].isascii() or not text[:4].isdigit():
        return text or ""
    return f"{text[:2]}:{text[2:4]}"


def several(text: str | None) -> str:
    """Return values that DICOM joins by backslashes as a list for people."""
    return ", ".join(filter(None, (text or "").split("\\")))


def sop_class(uid: str | None) -> str:
    """Return the name of a SOP Class (PS3.6 annex A), or its UID where it is not one of the standard."""
    return (sop_class_name(uid) or uid) if uid else ""


def decision(*, wanted: bool, whole: bool, chosen: int) -> str:
    """Return the decision on a series of which `chosen` instances are wanted by themselves."""
    if not wanted:
        return "left out"
    if whole:
        return "wanted"
    return f"{chosen} of it wanted"


def listed(parts: Sequence[str]) -> str:
    """Return texts in one line, without the empty ones."""
    return " · ".join(filter(None, parts))
