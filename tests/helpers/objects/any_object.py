"""Objects of every kind that the importer reads, with concepts and attributes that it knows and values that it may not.

The vocabulary is the importer's own: its templates, its units, and every tag that its source names.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from pydicom.datadict import dictionary_VR

from services.importer import extract
from services.importer.extract.fields.template import Part, Template
from services.importer.extract.fields.units import UNITS
from services.importer.extract.tables import TEMPLATES
from services.importer.extract.tables.report import CONTAINERS
from tests.helpers.broken_objects.element_tree import Element, Item

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_REPORTS = (
    ("88.67", b"113701", b"X-Ray Radiation Dose Report"),
    ("88.68", b"113500", b"Radiopharmaceutical Radiation Dose Report"),
    ("88.22", b"113701", b"X-Ray Radiation Dose Report"),
    ("88.22", b"121305", b"Cumulative Dose Report"),
    ("88.76", b"113701", b"X-Ray Radiation Dose Report"),
)
_IMAGES = (
    *(("1", "CR"), ("1.1", "DX"), ("1.1.2", "MG"), ("1.2", "MG"), ("7", "OT"), ("7", "MG"), ("7", "CT"), ("20", "NM")),
    *(("128", "PT"), ("13.1.3", "MG"), ("1.1", "PX"), ("1.1.1", "DX")),
)
_WORDS = (
    *(b"ORIGINAL\\PRIMARY", b"Dose Info", b"Philips", b"SIEMENS", b"GE MEDICAL", b"HOLOGIC", b"R", b"MO", b"20260314"),
    *(
        b"091530",
        b"20260314091530",
        b"060Y",
        b"-01Y",
        b"M",
        b"FIXED\\FOCUSED",
        b"1.2.840.1",
        b"../../x",
        b"=cmd",
        b"A^B",
    ),
)
_ODD = (
    *(b"", b" ", b"\0", b"NaN", b"inf", b"9e99", b"1e308", b"-1e308", b"1e-320", b"-0", b"0", b"1,5", b"0x10", b"1/2"),
    *(b"\\", b"\\\\1", b"1\\2\\x", b"00000000", b"99999999", b"20261332", b"246060", b"20260314091530.999999+9999"),
    *(b"1.5\\NaN\\2", b"1" * 64, b"9" * 400, b"\xff\xfe", b"\x1b$B", b"<a SRData='1e999'/>", b"<", b"x" * 2000),
)
_TAGS = sorted(
    {
        int(tag, 16)
        for path in Path(extract.__file__).parent.rglob("*.py")
        for tag in re.findall(r"0x00(?:0[89]|1[0-9]|2[08]|4[05]|54)[0-9A-Fa-f]{4}", path.read_text())
    }
)


def _concepts(templates: Iterator[Template], *, containers: bool) -> Iterator[tuple[bytes, bytes, bytes]]:
    for template in templates:
        for row in template.rows:
            if isinstance(row, Part) == containers:
                yield row.code.encode(), (row.scheme or "DCM").encode(), row.meaning.encode()
            if isinstance(row, Part) and row.template:
                yield from _concepts(iter((row.template,)), containers=containers)


_LEAVES = sorted(set(_concepts(iter(TEMPLATES.values()), containers=False)))
_CONTAINERS = sorted(set(_concepts(iter(TEMPLATES.values()), containers=True)))
_ROOT = sorted(set(_concepts(iter((CONTAINERS,)), containers=True)))
_KINDS = ("CONTAINER", "NUM", "NUM", "NUM", "TEXT", "CODE", "DATETIME", "UIDREF", "DATE", "TIME", "PNAME", "IMAGE")
_UNITS = sorted({spelling for spellings in UNITS.values() for spelling in spellings} | {"", "1", "no unit"})


def any_object(random: Random) -> list[Element]:
    """Return the data set of an object that holds dose, or seems to."""
    elements = {tag: _attribute(tag, random) for tag in random.sample(_TAGS, random.randrange(len(_TAGS)))}
    if random.random() < 0.7:
        suffix, code, meaning = random.choice(_REPORTS)
        modality = "SR"
        children = [_content(random, 0, random.choice(_ROOT)) for _ in range(random.randrange(1, 6))]
        elements[0x0040A043] = _code(0x0040A043, code, b"DCM", meaning)
        elements[0x0040A730] = Element(0x0040A730, b"SQ", items=children)
    else:
        suffix, modality = random.choice(_IMAGES)
    elements[0x00080016] = Element(0x00080016, b"UI", (_STORAGE + suffix).encode())
    elements[0x00080060] = Element(0x00080060, b"CS", modality.encode())
    return [elements[tag] for tag in sorted(elements)]


def _attribute(tag: int, random: Random) -> Element:
    vr = _vr(tag)
    if vr != b"SQ":
        return Element(tag, vr, _value(random))
    inner = [[_attribute(tag, random) for tag in sorted(random.sample(_TAGS, 2))] for _ in range(random.randrange(3))]
    return Element(tag, vr, items=[Item(elements) for elements in inner])


def _vr(tag: int) -> bytes:
    try:
        return dictionary_VR(tag)[:2].encode()
    except KeyError:
        return b"LO"


def _content(random: Random, depth: int, container: tuple[bytes, bytes, bytes] | None = None) -> Item:
    kind = "CONTAINER" if container else random.choice(_KINDS)
    deeper = kind == "CONTAINER" or random.random() < 0.2
    concept = container or random.choice(_CONTAINERS if kind == "CONTAINER" else _LEAVES)
    elements = [
        Element(0x0040A010, b"CS", b"CONTAINS"),
        Element(0x0040A040, b"CS", kind.encode()),
        _code(0x0040A043, *concept),
    ]
    if kind == "NUM":
        unit = random.choice(_UNITS).encode()
        measured = [_code(0x004008EA, unit, b"UCUM", unit), Element(0x0040A30A, b"UN", _number(random))]
        elements.append(Element(0x0040A300, b"SQ", items=[Item(measured)]))
    elif kind == "CODE":
        elements.append(_code(0x0040A168, *random.choice(_LEAVES)))
    else:
        elements.append(Element(random.choice((0x0040A160, 0x0040A120, 0x0040A124)), b"UT", _value(random)))
    if deeper and depth < 4:
        children = [_content(random, depth + 1) for _ in range(random.randrange(1, 20 >> depth))]
        elements.append(Element(0x0040A730, b"SQ", items=children))
    return Item(elements)


def _code(tag: int, value: bytes, scheme: bytes, meaning: bytes) -> Element:
    elements = [
        Element(0x00080100, b"SH", value),
        Element(0x00080102, b"SH", scheme),
        Element(0x00080104, b"LO", meaning),
    ]
    return Element(tag, b"SQ", items=[Item(elements)])


def _number(random: Random) -> bytes:
    return random.choice(_ODD) if random.random() < 0.3 else b"%g" % random.uniform(-1, 100)


def _value(random: Random) -> bytes:
    return random.choice((random.choice(_ODD), random.choice(_WORDS), _number(random)))
