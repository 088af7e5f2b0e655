"""The fields of a table, read from header attributes (`extract.fields.collect` reads them from content items)."""

from collections.abc import Iterable
from decimal import Decimal

from services.importer.extract.fields.collect import MAX_COUNT, MAX_NUMBER
from services.importer.extract.fields.problems import Warnings
from services.importer.extract.fields.template import Kind
from services.importer.extract.fields.units import unit_factor
from services.importer.extract.fields.values import shown
from services.importer.extract.tables.images import UNITS_OF_DEVICES, Attribute
from shared.dicom.dataset import DataSet
from shared.dicom.header import code_of
from shared.dose_document.values import Values, without_none

_COUNTED = frozenset((0x00400302,))
"""Whole numbers of a coarse unit, where 0 says that nothing was measured: Entrance Dose in dGy."""


def header_fields(
    attributes: DataSet, rows: Iterable[Attribute], warnings: Warnings, *, model: str | None = None
) -> Values:
    """Return the fields that header attributes give; converted values are kept as they were under `raw`."""
    values: Values = {}
    raw: Values = {}
    for row in rows:
        if row.kind is Kind.CODE:
            items = (attributes.first_item(tag) for tag, _ in row.sources)
            code = next((code for item in items if item and (code := code_of(item))), None)
            if code:
                values[row.name] = code.meaning or code.value
                values[f"{row.name}_code"] = code.value or None
        elif row.kind is Kind.TEXT:
            text = next((text for tag, _ in row.sources if (text := attributes.joined(tag))), None)
            if text:
                values[row.name] = row.terms.get(text.upper(), text)
        else:
            _add_number(values, raw, attributes, row, warnings=warnings, model=model)
    return without_none(values | ({"raw": raw} if raw else {}))


def _add_number(
    values: Values, raw: Values, attributes: DataSet, row: Attribute, *, warnings: Warnings, model: str | None
) -> None:
    """Add the first source that has a number; zero, which often stands for "not measured", only where all are.

    Of several values the first is taken, and all are kept raw.
    """
    for tag, written_unit in sorted(row.sources, key=lambda source: attributes.number(source[0]) == 0):
        number = attributes.number(tag)
        if number is None:
            if attributes.raw(tag) and attributes.texts(tag):
                warnings.add(None, f"{row.name}: not a number: {shown(attributes.text(tag) or '')!r}")
            continue
        if tag in _COUNTED and not number:
            continue
        if abs(number) > MAX_NUMBER:
            warnings.add(None, f"{row.name}: out of range")
            continue
        if row.kind is Kind.COUNT:
            if number.is_integer() and 0 <= number <= MAX_COUNT:
                values[row.name] = int(number)
            return
        unit = _unit_of_device(model, row) or written_unit
        several = attributes.numbers(tag)
        factor = unit_factor(unit, row.unit) if unit and row.unit else None
        converted = factor is not None and factor != 1
        values[row.name] = float(Decimal(repr(number)) * factor) if factor and converted else number
        if converted or len(set(several)) > 1:
            before = list(several) if len(several) > 1 else number
            raw[row.name] = {"value": before, "unit": unit}
        return


def _unit_of_device(model: str | None, row: Attribute) -> str | None:
    """Return the unit in which a model writes a field against the standard."""
    written = (model or "").casefold()
    return next(
        (unit for (known, name), unit in UNITS_OF_DEVICES.items() if name == row.name and known.casefold() in written),
        None,
    )
