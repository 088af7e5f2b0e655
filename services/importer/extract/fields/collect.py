"""The fields of a template, read from content items. One bad item costs that item and a warning."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from services.importer.extract.fields.content_tree import ContentItem
from services.importer.extract.fields.problems import Place, Warnings
from services.importer.extract.fields.template import Field, Kind, Repeat, Template
from services.importer.extract.fields.units import unit_factor
from services.importer.extract.fields.values import parse_datetime, shown, yes_or_no
from shared.dicom.dataset import PADDING, parse_decimal
from shared.dose_document.flags import Flag
from shared.dose_document.values import JOINED, Value, Values, list_of

MAX_COUNT = 2**31 - 1
MAX_NUMBER = 1e12
"""No dose, length or time is larger in any unit; what is larger is broken."""

_ONE = Decimal(1)
_FIRST = (Repeat.FIRST, Repeat.FIRST_OF_SEVERAL)


class _Found(NamedTuple):
    """One value of a field, with its form before conversion."""

    value: str | float | bool | None
    code: str | None = None
    raw: float | str | None = None
    unit: str | None = None


def collect(container: ContentItem, template: Template, warnings: Warnings, outer: Place | None = None) -> Values:
    """Return the fields that a container gives by its template.

    Modifiers and properties are looked up wherever they stand, below the item they belong to or beside it.
    Converted values are kept as they were under `raw`, computed ones are named in `derived`.
    """
    gathered = _Gathered(template, warnings)
    gathered.visit(container.children, outer)
    settled = _Settled(warnings, outer)
    for row in template.rows:
        if isinstance(row, Field):
            if row.name in gathered.fields:
                settled.add(row, gathered.fields[row.name])
        elif row.template and row.name in gathered.parts:
            parts = gathered.parts[row.name]
            settled.values[row.name] = parts if row.repeated else parts[0]
    if settled.raw:
        settled.values["raw"] = settled.raw
    return settled.values


def mark_derived(values: Values, **derived: Value) -> None:
    """Add computed values that are not there yet, and name them in `derived`."""
    for name, value in derived.items():
        if value is not None and values.get(name) is None:
            values[name] = value
            values["derived"] = [*list_of(values, "derived"), name]


def mean_of_not_zero(values: Iterable[Value]) -> float | None:
    """Return the mean of the numbers that are not zero; None where all are."""
    not_zero = [value for value in values if isinstance(value, int | float) and value]
    return sum(not_zero) / len(not_zero) if not_zero else None


@dataclass(slots=True)
class _Gathered:
    """The values found in the content items of one container, before it is decided which of them are used."""

    template: Template
    warnings: Warnings
    fields: dict[str, list[_Found]] = field(default_factory=dict)
    parts: dict[str, list[Values]] = field(default_factory=dict)

    def visit(self, children: tuple[ContentItem, ...], outer: Place | None) -> None:
        """Take the values of the template's rows from `children`, and from the items below those."""
        for position, item in enumerate(children, 1):
            row = self.template.find(item.concept) if item.concept else None
            if row is None:
                continue
            place = Place(outer, item, position)
            if isinstance(row, Field):
                values = _read(row, item, place, self.warnings)
                if values:
                    self.fields.setdefault(row.name, []).extend(values)
            elif row.template:
                self.parts.setdefault(row.name, []).append(collect(item, row.template, self.warnings, place))
                continue
            if item.children:
                self.visit(item.children, place)


def _read(row: Field, item: ContentItem, place: Place, warnings: Warnings) -> list[_Found]:
    """Return the values that an item gives for a field; none when it is empty."""
    kind = row.kind
    if kind is Kind.NUMBER or kind is Kind.COUNT:
        return _numbers(row, item, place, warnings)
    if kind is Kind.TEXT or kind is Kind.CODE:
        if item.code:
            return [_Found(item.code.meaning or item.code.value, item.code.value or None)]
        text = item.text or " ".join(item.numbers)
        return [_Found(text)] if text else []
    if kind is Kind.DATETIME:
        moment = parse_datetime(item.text)
        if moment:
            return [_Found(moment.isoformat())]
        if item.text:
            warnings.add(place, f"not a date and time: {shown(item.text)!r}")
        return []
    flag = yes_or_no(item.code, item.text)
    if flag is None and (item.code or item.text):
        warnings.add(place, "neither Yes nor No")
    return [] if flag is None else [_Found(flag)]


def _numbers(row: Field, item: ContentItem, place: Place, warnings: Warnings) -> list[_Found]:
    written = item.numbers or ((item.text,) if item.text else ())
    if not written:
        return []
    spellings = [spelling for spelling in (item.units.value, item.units.meaning) if spelling] if item.units else []
    unit = spellings[0] if spellings else ""
    factor: Decimal | None = _ONE
    if row.unit:
        if unit:
            factor = next((factor for one in spellings if (factor := unit_factor(one, row.unit)) is not None), None)
        else:
            warnings.add(place, f"has no unit; taken as {row.unit}")
        if factor is None:
            warnings.add(place, f"unit {shown(unit)!r} is not known for {row.unit}; kept raw", flag=Flag.UNIT_UNKNOWN)
    return [_number(row, text, place, warnings, unit=unit, factor=factor) for text in written]


def _number(row: Field, text: str, place: Place, warnings: Warnings, *, unit: str, factor: Decimal | None) -> _Found:
    number = parse_decimal(text)
    problem = _problem(row, number)
    if problem or number is None:
        warnings.add(place, f"{problem}: {shown(text)!r}; kept raw")
        return _Found(None, raw=text[:64], unit=unit or None)
    if factor is None:
        return _Found(None, raw=number, unit=unit)
    if row.kind is Kind.COUNT:
        return _Found(int(number))
    if factor is _ONE or factor == _ONE:
        return _Found(number, unit=unit or None)
    return _Found(float(Decimal(text.strip(PADDING)) * factor), raw=number, unit=unit)


def _problem(row: Field, number: float | None) -> str | None:
    """Return why a number cannot be the value of a field."""
    if number is None:
        return "not a number"
    if abs(number) > MAX_NUMBER:
        return "out of range"
    if row.kind is Kind.COUNT and not (number.is_integer() and 0 <= number <= MAX_COUNT):
        return "not a count"
    return None


@dataclass(slots=True)
class _Settled:
    """The decided values of one container, by key."""

    warnings: Warnings
    place: Place | None
    values: Values = field(default_factory=dict)
    raw: Values = field(default_factory=dict)

    def add(self, row: Field, found: list[_Found]) -> None:
        """Turn the values found for a field into its keys."""
        good = [one for one in found if one.value is not None]
        kept = [one for one in found if one.raw is not None]
        if row.repeat is Repeat.LIST:
            self.values[row.name] = [one.value for one in good]
        elif len(good) == 1 or (good and row.repeat in _FIRST):
            self.values[row.name] = good[0].value
            if any(one.value != good[0].value for one in good):
                kept = good
                if row.repeat is Repeat.FIRST:
                    text = f"{row.meaning} has {len(good)} different values; the first is taken"
                    self.warnings.add(self.place, text)
        elif good:
            self._add_several(row, good)
        if row.kind is Kind.CODE and any(one.code for one in good):
            codes = [one.code for one in good]
            self.values[f"{row.name}_code"] = codes if row.repeat is Repeat.LIST else codes[0]
        if kept:
            before: list[Value] = [one.value if one.raw is None else one.raw for one in kept]
            self.raw[row.name] = {"value": before[0] if len(before) == 1 else before, "unit": kept[0].unit}

    def _add_several(self, row: Field, good: list[_Found]) -> None:
        """Add the values of a field that may have more than one."""
        if row.repeat is Repeat.JOINED:
            self.values[row.name] = JOINED.join(dict.fromkeys(str(one.value) for one in good))
            return
        self.values[f"{row.name}_values"] = [one.value for one in good]
        mark_derived(self.values, **{f"{row.name}_mean": mean_of_not_zero(one.value for one in good)})
