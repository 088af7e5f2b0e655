"""The comparison of our reading of a content tree with pydicom's."""

import re
from enum import StrEnum

from services.importer.extract.fields.content_tree import ContentItem, ContentTreeReader
from shared.dicom.header import read_attributes
from shared.dicom.part10 import open_part10
from shared.errors import UnreadableObject
from tests.helpers.importer.pydicom_tree import pydicom_tree, switches_to_implicit

TOO_DEEP = re.compile("nested deeper than")
BROKEN_STRUCTURE = re.compile(
    "nested deeper than"
    "|has length [0-9]+, but what holds it ends after"
    "|should begin an item but begins"
    "|the data end at byte [0-9]+ inside"
    "|a sequence ends at byte [0-9]+ inside an item header"
)
"""Why our reader refuses what pydicom reads: pydicom believes every length, and takes any tag for an item's."""


class Outcome(StrEnum):
    """What became of a file that both have read."""

    EQUAL = "equal"
    REFUSED = "refused or read in part, with a reason that the caller accepts"
    PYDICOM_FAILS = "pydicom cannot read it"


def read_tree(data: bytes) -> tuple[ContentItem, list[str]]:
    """Return the root content item of a file, and which items could not be read.

    Raises:
        UnreadableObject: as the reader does.
    """
    part10 = open_part10(data)
    reader = ContentTreeReader(read_attributes(part10).encodings)
    return reader.read(part10.source, part10.start, part10.end), reader.problems


def compare(data: bytes, reasons: re.Pattern[str]) -> Outcome:
    """Read a file with both.

    Where pydicom can, ours gives the same tree, or says for one of these `reasons` what it does not read. Where pydicom
    cannot, ours does, or raises no other error than UnreadableObject.
    """
    try:
        expected = pydicom_tree(data)
    except Exception:  # noqa: BLE001 (pydicom raises whatever its parts raise on broken bytes)
        expected = None
    try:
        tree, problems = read_tree(data)
    except UnreadableObject as error:
        tree, problems = None, [str(error)]
    if expected is None:
        return Outcome.PYDICOM_FAILS
    if problems:
        unexpected = [problem for problem in problems if not reasons.search(problem)]
        assert not unexpected
        return Outcome.REFUSED
    if tree != expected and switches_to_implicit(data):
        return Outcome.PYDICOM_FAILS
    assert tree == expected
    return Outcome.EQUAL
