"""The command that writes docs/dose-objects.md from the tables: `python -m tools.describe_dose_objects`."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.importer.extract.fields.template import Field, Kind, Repeat, Row, Template
from services.importer.extract.fields.units import UNITS
from services.importer.extract.tables import TEMPLATES, images
from services.importer.extract.tables.images import Attribute

_INTRODUCTION: Final = """\
# Dose objects

What Dosewire reads from which object, and under which name it appears in `dosewire extract` and in the REST
interface. This page is generated from the tables that the importer reads by (`services/importer/extract/tables/`),
so it cannot differ from them; to generate it again run

    python -m tools.describe_dose_objects > docs/dose-objects.md

## Which objects

| SOP Class | further condition | read as |
| --- | --- | --- |
| X-Ray Radiation Dose SR, Enhanced X-Ray Radiation Dose SR, Enhanced SR, Comprehensive SR, Comprehensive 3D SR | \
title code 113701 | CT, projection or mammography dose report, by the containers it has |
| Radiopharmaceutical Radiation Dose SR | title code 113500 | radiopharmaceutical dose report |
| Enhanced SR | title code C-10 of scheme 99SMS_RADSUM | Siemens Arcadis summary: totals only |
| CR Image, Digital X-Ray Image for presentation and for processing | none | one exposure, from the header |
| Digital Mammography X-Ray Image for presentation and for processing | none | one exposure, from the header |
| Secondary Capture Image | Modality MG and ORIGINAL in Image Type | Hologic tomosynthesis projection: one exposure |
| Secondary Capture Image | Manufacturer `Philips`, Series Description `Dose Info` | CT dose of each scan |
| PET Image, NM Image | none | what was administered, and the PET series |

Everything else is refused with a reason in words.

Old Toshiba and GE scanners without dose reports are not read: see [what it would take](legacy-toshiba-ge.md).

## How items are matched

A content item belongs to a row when the meaning of its concept name is the row's, compared by letters and digits
without case, or else when its code value is. Codes of private schemes match only within their scheme. Modifiers are
found below the item that they modify and beside it.

- Values in another unit are converted; the value and unit as written are kept under `raw`.
- A value in a unit that is not known is only kept raw, with a warning. A missing unit is taken as the row's, with a
  warning.
- A coded field `x` (type *code*) has the meaning of the code in `x` and its value in `x_code`.
- A number marked *several* may occur once per pulse: one value is `x`, several are the list `x_values`, with
  `x_mean`, the mean of those that are not zero. Of one marked *first* there may be several; all are kept under `raw`.
- Computed fields are named in `derived`. They never replace a stated value.
- What an enhanced report (TID 10040) says of periods of time in its Irradiation Details (`xray.event.details`) is told
  of the events of that source that fall into them, and named in `derived`.
"""
_IMAGES: Final = """\
An image is one exposure. Beside the rows below its event has

- `irradiation_event_uid`: Irradiation Event UID (0008,3010), the first where an image is of several exposures, else the
  SOP Instance UID, named in `derived`;
- `started_at`: Acquisition Date and Time or DateTime, where one is missing that of Content, then of Study;
- `acquisition_protocol`: Protocol Name, else Series Description, else the meaning of Performed Protocol Code;
- `filters`: Filter Type, Filter Material and Filter Thickness Minimum and Maximum, which may have several values;
- `grid`: each value of Grid; `collimated_field_area_m2`: from Field of View Dimensions and Shape.

Of several attributes the first that is not zero counts. Of an attribute with several numbers the first is taken, and
all are kept under `raw`. Administrations of PET and NM images have no event UID: devices give images and dose reports
of one administration different ones.
"""
_REPEATS: Final = {
    Repeat.FIRST: "",
    Repeat.FIRST_OF_SEVERAL: " first",
    Repeat.VALUES: " several",
    Repeat.LIST: " list",
    Repeat.JOINED: " joined",
}


def describe() -> str:
    """Return the page as Markdown."""
    lines = [_INTRODUCTION, "## Structured reports", ""]
    for template in TEMPLATES.values():
        lines += _template(template)
    lines += ["## Image headers", "", _IMAGES]
    for title, rows in (
        ("Radiography: `xray.events[0]`", images.RADIOGRAPHY),
        ("Mammography: `mg.events[0]`", images.MAMMOGRAPHY),
        ("Philips CT dose info: `ct.events[i]`", images.PHILIPS_CT_EVENT),
        ("PET: `nm.administrations[i]`", images.PET_ADMINISTRATION),
        ("NM: `nm.administrations[i]`", images.NM_ADMINISTRATION),
        ("PET series: `nm.pet_series[i]`", (*images.PET_SERIES, *images.ENERGY_WINDOW)),
    ):
        lines += _attributes(title, rows)
    for title, terms in (
        ("Materials of anodes and filters", images.MATERIALS_AS_WRITTEN),
        ("Filter types", images.FILTER_TYPES),
        ("Grids", images.GRIDS),
        ("View Position, where the view is not coded", images.VIEWS),
        ("Relative X-Ray Exposure, by manufacturer", images.RELATIVE_EXPOSURE_UNITS),
        (
            "Units of devices that differ from the standard's",
            {f"{model}, `{field}`": unit for (model, field), unit in images.UNITS_OF_DEVICES.items()},
        ),
    ):
        lines += [f"### {title}", "", "| as written | read as |", "| --- | --- |"]
        lines += [*(f"| {_cell(term)} | {_cell(meaning)} |" for term, meaning in terms.items()), ""]
    lines += ["## Units", "", "| unit | also written as (with the factor that makes it the unit) |", "| --- | --- |"]
    lines += [f"| {_cell(base)} | {_cell(_spellings(base))} |" for base in UNITS]
    return "\n".join(lines) + "\n"


def _template(template: Template) -> list[str]:
    lines = [f"### `{template.name}`", "", f"{template.source}.", ""]
    lines += ["| field | concept | also as | type | unit |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(map(_cell, _row(row)))} |" for row in template.rows]
    if template.derived:
        lines += ["", f"Computed, or from elsewhere: {', '.join(f'`{name}`' for name in template.derived)}."]
    return [*lines, ""]


def _row(row: Row) -> Iterator[str]:
    concept = f"{row.code} {row.meaning}" + (f" ({row.scheme})" if row.scheme else "")
    also = ", ".join((*row.codes, *row.meanings))
    if isinstance(row, Field):
        yield from (f"`{row.name}`", concept, also, row.kind.name.lower() + _REPEATS[row.repeat], row.unit or "")
    elif row.template:
        yield from (f"`{row.name}`", concept, also, f"container `{row.template.name}`", "")
    else:
        yield from ("", concept, also, "container, its items belong here", "")


def _attributes(title: str, rows: Iterable[Attribute]) -> list[str]:
    lines = [f"### {title}", "", "| field | attributes, the first that has a value | unit |", "| --- | --- | --- |"]
    for row in rows:
        tags = ", ".join(
            f"({tag >> 16:04X},{tag & 0xFFFF:04X})" + (f" in {unit}" if unit and unit != row.unit else "")
            for tag, unit in row.sources
        )
        name = f"`{row.name}`" + (" and its code" if row.kind is Kind.CODE else "")
        lines.append(f"| {name} | {tags} | {row.unit or ''} |")
    return [*lines, ""]


def _spellings(base: str) -> str:
    return ", ".join(
        spelling if factor == "1" else f"{spelling} ({factor})"
        for spelling, factor in UNITS[base].items()
        if spelling != base
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(describe(), end="")
