"""Our reader reads every structured report of the corpus as pydicom does."""

import warnings
from pathlib import Path

import pytest

from services.importer.extract.content_tree import ContentTreeReader
from shared.dicom.header import read_attributes
from shared.dicom.part10 import open_part10
from tests.helpers.pydicom_tree import pydicom_tree

pytestmark = pytest.mark.corpus


def test_every_report_is_read_as_pydicom_reads_it(corpus: Path) -> None:
    reports = 0
    for path in sorted((corpus / "files").iterdir()):
        part10 = open_part10(path.read_bytes())
        attributes = read_attributes(part10)
        if attributes.first(0x00080060) != "SR":
            continue
        reader = ContentTreeReader(attributes.encodings)
        root = reader.read(part10.source, part10.start, part10.end)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom on values that break the rules of their VR
            assert root == pydicom_tree(path.read_bytes()), path.name
        assert reader.problems == [], path.name
        reports += 1
    assert reports >= 27
