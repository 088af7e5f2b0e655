"""The page of a stored study: its document as headings, facts and tables. Pure functions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.config_api.pages.common.fact import Fact
from services.config_api.pages.study.labels import label, plain_items, show, split_unit, with_unit

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """The heading of a table's column."""

    label: str
    unit: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text, each row as long as there are columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with facts, or with tables: the first table is shown, the second on request."""

    title: str
    facts: Sequence[Fact] = ()
    table: Table | None = None
    full_table: Table | None = None


_TOTALS = (
    ("total_dlp_mgy_cm", "DLP"),
    ("total_dap_gy_m2", "DAP"),
    ("total_rp_dose_gy", "Dose at reference point"),
    ("total_effective_dose_msv", "Effective dose"),
    ("administrations_count", "Administrations"),
)
_MAIN_COLUMNS = (
    "started_at", "plane", "laterality", "event_type", "acquisition_protocol", "region", "acquisition_type", "view",
    "radiopharmaceutical", "activity_mbq", "kvp", "kvp_mean", "tube_current_ma", "tube_current_ma_mean",
    "exposure_time_s", "irradiation_duration_s", "exposure_time_ms", "exposure_uas", "scanning_length_mm", "pitch",
    "number_of_pulses", "ctdivol_mgy", "dlp_mgy_cm", "dap_gy_m2", "rp_dose_gy", "entrance_exposure_mgy", "agd_mgy",
)  # fmt: skip
_PARTS = {"ct": "CT", "xray": "Projection X-ray", "mg": "Mammography", "nm": "Nuclear medicine"}
_LISTS = {"events": "Irradiation events", "administrations": "Administrations", "pet_series": "PET series"}
_PLANES = {"single": "Single plane", "a": "Plane A", "b": "Plane B", "all": "All planes", "both": "Both breasts"}


def totals(document: JsonObject) -> list[Fact]:
    """Return the few numbers that a study is known by."""
    part: JsonObject = next((document[name] for name in _PARTS if document.get(name)), {})
    facts = [Fact(words, with_unit(key, part[key])) for key, words in _TOTALS if part.get(key) is not None]
    for plane, values in (part.get("accumulated") or {}).items():
        facts += [
            Fact(f"{words}, {_within_text(_PLANES.get(plane, label(plane)))}", with_unit(key, values[key]))
            for key, words in (("fluoro_time_s", "Fluoroscopy time"), ("agd_mgy", "AGD"))
            if values.get(key) is not None
        ]
    if part.get("events"):
        facts.append(Fact("Irradiation events", str(len(part["events"]))))
    return facts


def _within_text(name: str) -> str:
    return name[:1].lower() + name[1:]


def sections(document: JsonObject) -> Iterator[Section]:
    """Yield the sections below the totals: the dose first."""
    for name, title in _PARTS.items():
        yield from _part(title, document.get(name) or {})
    for name, title in (("study", "Study and equipment"), ("sr", "Dose report"), ("object", "Object")):
        if document.get(name):
            yield Section(title, facts=facts_of(document[name]))


def facts_of(values: JsonObject) -> list[Fact]:
    """Return the values of a container, nested ones with the names of both."""
    calculated = values.get("derived") or ()
    return [Fact(_label_of(path), with_unit(path[-1], value), path[0] in calculated) for path, value in _flat(values)]


def _part(title: str, part: JsonObject) -> Iterator[Section]:
    scalars = {key: value for key, value in part.items() if key not in _LISTS and key != "accumulated"}
    if plain_items(scalars):
        yield Section(title, facts=facts_of(scalars))
    if part.get("accumulated"):
        yield Section(f"{title}: accumulated dose", table=_by_plane(part["accumulated"]))
    for name, words in _LISTS.items():
        if part.get(name):
            yield Section(f"{title}: {words.lower()}", table=_table(part[name], _MAIN_COLUMNS),
                          full_table=_table(part[name], None))  # fmt: skip


def _table(containers: Sequence[JsonObject], wanted: Iterable[str] | None) -> Table:
    """Return a row for each container, with the `wanted` columns that have a value; None: all there are."""
    flat = [dict(_flat(container)) for container in containers]
    present = list(dict.fromkeys(path for row in flat for path in row))
    paths = present if wanted is None else [(key,) for key in wanted if (key,) in present]
    columns = [Column("No.", "", numeric=True)]
    for path in paths:
        values = [row[path] for row in flat if path in row]
        numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        columns.append(Column(_label_of(path), split_unit(path[-1])[1].text, numeric))
    rows = [
        [str(number), *(show(path[-1], row.get(path)) for path in paths)] for number, row in enumerate(flat, start=1)
    ]
    return Table(columns, rows)


def _by_plane(accumulated: Mapping[str, JsonObject]) -> Table:
    """Return a row for each quantity and a column for each plane or breast."""
    keys = list(dict.fromkeys(key for values in accumulated.values() for key, _ in plain_items(values)))
    columns = [Column("", "", numeric=False)]
    columns += [Column(_PLANES.get(plane, label(plane)), "", numeric=True) for plane in accumulated]
    rows = [[label(key), *(with_unit(key, values.get(key)) for values in accumulated.values())] for key in keys]
    return Table(columns, rows)


def _flat(values: JsonObject, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in plain_items(values):
        if isinstance(value, Mapping):
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value


def _label_of(path: tuple[str, ...]) -> str:
    return label("_".join(path))
