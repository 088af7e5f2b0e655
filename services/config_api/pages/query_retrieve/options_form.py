"""Common parts of the forms of jobs and schedules: nodes, and the wanted studies and objects. Pure functions.

A form keeps the text that was typed, so that it can be shown again; values are read from it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from services.config_api.web.problem import FieldProblem
from shared.jobs.options import JobOptions, ModalityClass, split_terms

TERMS = ("description_include", "description_exclude", "station_name_include", "station_name_exclude")
CHOICES = ("station_name_at_study_level", "include_known", "empty_sr", "legacy_ct", "review")


class InvalidForm(Exception):
    """A form has wrong fields; `problems` has for each the fault and what would be right."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.detail}" for one in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsForm:
    """The part of a form with the options of a job."""

    modalities: tuple[str, ...] = ()
    description_include: str = ""
    description_exclude: str = ""
    station_name_include: str = ""
    station_name_exclude: str = ""
    station_name_at_study_level: bool = False
    include_known: bool = False
    empty_sr: bool = False
    legacy_ct: bool = False
    review: bool = False

    @classmethod
    def of(cls, given: MultiDict[str, str]) -> Self:
        """Return the form that a browser has sent."""
        values: dict[str, Any] = {name: text(given, name) for name in TERMS}
        choices: dict[str, Any] = {name: name in given for name in CHOICES}
        return cls(modalities=tuple(given.getlist("modalities")), **values, **choices)

    @classmethod
    def of_options(cls, options: JobOptions) -> Self:
        """Return the form that asks for these options."""
        values: dict[str, Any] = {name: ", ".join(getattr(options, name)) for name in TERMS}
        choices: dict[str, Any] = {name: getattr(options, name) for name in CHOICES}
        return cls(modalities=tuple(options.modalities), **values, **choices)

    def problems(self) -> list[FieldProblem]:
        """Return its wrong fields."""
        if not self.modalities:
            return [FieldProblem(field="modalities", detail="nothing is chosen; tick at least one")]
        if set(self.modalities) - set(ModalityClass):
            return [FieldProblem(field="modalities", detail=f"choose of {', '.join(ModalityClass)}")]
        if ModalityClass.SR in self.modalities and len(self.modalities) > 1:
            detail = "SR only means studies that hold nothing but reports; tick it alone, or not at all"
            return [FieldProblem(field="modalities", detail=detail)]
        return []

    def values(self) -> dict[str, Any]:
        """Return the options that it asks for: `JobOptions` as JSON, without times."""
        return {
            "modalities": list(self.modalities),
            **{name: list(split_terms(getattr(self, name))) for name in TERMS},
            **{name: getattr(self, name) for name in CHOICES},
        }


def by_field(problems: Iterable[FieldProblem]) -> dict[str, str]:
    """Return the first problem of each field, without Markdown, which pages do not show."""
    return {one.field: one.detail.replace("`", "") for one in reversed([*problems])}


def text(given: MultiDict[str, str], name: str) -> str:
    """Return the text that was typed, control characters as blanks, without blanks around it."""
    return "".join(one if one.isprintable() else " " for one in given.get(name, "")).strip()


def read_node(typed: str, field: str, problems: list[FieldProblem]) -> int:
    """Return the id of a node that was chosen from a list; 0, and a problem, where none was."""
    if typed.isascii() and typed.isdigit() and len(typed) < len(str(2**31)):
        return int(typed)
    problems.append(FieldProblem(field=field, detail=f"choose a {field.replace('_', ' ')}"))
    return 0


def read_time(typed: str, field: str, problems: list[FieldProblem]) -> time | None:
    """Return a time of the day; None where none was typed, or, with a problem, where it is none."""
    try:
        return time.fromisoformat(typed) if typed else None
    except ValueError:
        problems.append(FieldProblem(field=field, detail="is not a time of the day; write one such as 07:30"))
        return None
