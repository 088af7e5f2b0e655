"""Filters on descriptions and station names: any term, in any case; a missing value passes."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.jobs.options import JobOptions


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A filter that a value passes if it contains one of `include` (unless empty) and none of `exclude`. Lower case."""

    name: str
    """The name of the attribute in words: `study description`."""
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def objection(self, value: str | None) -> str | None:
        """Return why a value does not pass, or None where it does. A missing or empty value always passes."""
        if value is None or not value.strip():
            return None
        text = value.lower()
        found = next((term for term in self.exclude if term in text), None)
        if found is not None:
            return f"{self.name} contains {found!r}, which is excluded"
        if self.include and not any(term in text for term in self.include):
            return f"{self.name} contains none of {', '.join(map(repr, self.include))}"
        return None


def study_objection(*, description: str | None, station_name: str | None, options: JobOptions) -> str | None:
    """Return why the filters at study level drop a study, or None where they keep it."""
    by_description = TextFilter("study description", options.description_include, options.description_exclude)
    objection = by_description.objection(description)
    if objection is None and options.station_name_at_study_level:
        objection = _station_names("station name of the study", options).objection(station_name)
    return objection


def series_objection(*, station_name: str | None, options: JobOptions) -> str | None:
    """Return why the filter at series level drops a series, or None where it keeps it."""
    if options.station_name_at_study_level:
        return None
    return _station_names("station name of the series", options).objection(station_name)


def _station_names(name: str, options: JobOptions) -> TextFilter:
    return TextFilter(name, options.station_name_include, options.station_name_exclude)
