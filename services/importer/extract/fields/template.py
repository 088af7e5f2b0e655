"""The rows of the tables: each row names a content item and the field that it becomes.

A `Template` is one container of PS3.16. Its rows match a content item by the code of its concept name, or by
its normalised meaning, because devices get either of them wrong, never mind the scheme. Where the code says
one row and the meaning another, the meaning is believed: it is what the people who wrote the device read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache

from shared.dicom.header import Code

_MAX_REMEMBERED = 1024
"""Bounds the cache: concepts come from outside, and a hostile file must not fill memory."""
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


class Kind(Enum):
    """The kind of value that a field holds in the document."""

    NUMBER = auto()
    """A number in the row's unit."""
    COUNT = auto()
    """A whole number without unit."""
    TEXT = auto()
    """Text as it stands, or the meaning of a code."""
    CODE = auto()
    """The meaning of a code; its value becomes `<name>_code`."""
    DATETIME = auto()
    """A local date-time in ISO 8601."""
    FLAG = auto()
    """True or false, from Yes or No."""


class Repeat(Enum):
    """The treatment of a field whose item occurs more than once, or has several values."""

    FIRST = auto()
    """The first stays; others that differ are kept raw, with a warning."""
    FIRST_OF_SEVERAL = auto()
    """The first stays; others, which the standard allows, are kept raw."""
    VALUES = auto()
    """One value is `<name>`; several are the list `<name>_values`, and `<name>_mean` of those not zero."""
    LIST = auto()
    """Always a list."""
    JOINED = auto()
    """Different texts are joined by ` | `."""


@dataclass(frozen=True, slots=True)
class Field:
    """A content item that becomes a field."""

    name: str
    code: str
    meaning: str
    kind: Kind = Kind.TEXT
    unit: str | None = None
    codes: tuple[str, ...] = ()
    """Other code values: retired ones, and wrong ones that devices use."""
    meanings: tuple[str, ...] = ()
    """Other meanings that devices use."""
    scheme: str | None = None
    """For private concepts: the scheme without which the code says nothing."""
    repeat: Repeat = Repeat.FIRST

    def names(self) -> Iterator[str]:
        """Yield the keys that this row can emit."""
        yield self.name
        if self.kind is Kind.CODE:
            yield f"{self.name}_code"
        if self.repeat is Repeat.VALUES:
            yield f"{self.name}_values"
            yield f"{self.name}_mean"


@dataclass(frozen=True, slots=True)
class Part:
    """A container inside another. Without a template, the rows of the outer one apply; else `name` holds its fields."""

    code: str
    meaning: str
    name: str = ""
    template: "Template | None" = None
    repeated: bool = True
    codes: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    scheme: str | None = None


Row = Field | Part


@dataclass(frozen=True, slots=True)
class Template:
    """The rows of one container, in the order in which the fields are written."""

    name: str
    source: str
    rows: tuple[Row, ...]
    derived: tuple[str, ...] = ()
    """Fields that are computed from others, and named in `derived` of the document where they were."""
    _by_code: dict[tuple[str | None, str], Row] = field(init=False, repr=False, compare=False)
    _by_meaning: dict[str, Row] = field(init=False, repr=False, compare=False)
    _found: dict[Code, Row | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_code: dict[tuple[str | None, str], Row] = {}
        by_meaning: dict[str, Row] = {}
        for row in self.rows:
            for code in (row.code, *row.codes):
                if by_code.setdefault((row.scheme, code), row) is not row:
                    raise ValueError(f"{self.name}: code {code} stands in two rows")
            for meaning in (row.meaning, *row.meanings):
                by_meaning.setdefault(normalised(meaning), row)
        object.__setattr__(self, "_by_code", by_code)
        object.__setattr__(self, "_by_meaning", by_meaning)
        object.__setattr__(self, "_found", {})

    def find(self, concept: Code) -> Row | None:
        """Return the row for a concept name; private codes match only within their own scheme."""
        try:
            return self._found[concept]
        except KeyError:
            pass
        row = self._by_meaning.get(normalised(concept.meaning)) if concept.meaning else None
        if row is None:
            scheme = concept.scheme if concept.scheme.startswith("99") else None
            row = self._by_code.get((scheme, concept.value))
        if len(self._found) < _MAX_REMEMBERED and len(concept.meaning) + len(concept.value) < 256:
            self._found[concept] = row
        return row

    def field_names(self) -> tuple[str, ...]:
        """Return every key that this container can have in a document, nested containers by their name."""
        names = [n for row in self.rows if isinstance(row, Field) for n in row.names()]
        names += [row.name for row in self.rows if isinstance(row, Part) and row.template]
        return tuple(dict.fromkeys((*names, *self.derived)))


@lru_cache(maxsize=1024)
def normalised(meaning: str) -> str:
    """Return a meaning as it is compared: letters and digits only, in lower case."""
    return _NOT_ALPHANUMERIC.sub("", meaning).casefold()
