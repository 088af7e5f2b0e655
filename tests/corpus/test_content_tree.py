"""Our reader reads every structured report of the corpus as pydicom does, as it is and when it is broken."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from shared.dicom.header import read_attributes
from shared.dicom.part10 import open_part10
from tests.helpers.broken_objects.byte_mutations import mutations
from tests.helpers.broken_objects.element_tree import file_bytes, parse
from tests.helpers.broken_objects.structural_mutations import mutate, thin
from tests.helpers.importer.pydicom_tree import pydicom_tree
from tests.helpers.importer.tree_comparison import BROKEN_STRUCTURE, TOO_DEEP, Outcome, compare, read_tree
from tests.helpers.objects.content_items import TRANSFER_SYNTAXES

pytestmark = pytest.mark.corpus

MUTATIONS = int(os.environ.get("DOSEWIRE_TEST_MUTATIONS", "3"))


def test_every_report_is_read_as_pydicom_reads_it(corpus: Path) -> None:
    reports = 0
    for name, data in _reports(corpus):
        tree, problems = read_tree(data)
        assert tree == pydicom_tree(data), name
        assert problems == [], name
        reports += 1
    assert reports >= 27


@pytest.mark.timeout(60 + 5 * MUTATIONS)
def test_every_report_with_changes_is_read_as_pydicom_reads_it(corpus: Path) -> None:
    outcomes: Counter[Outcome] = Counter()
    for number, (_, data) in enumerate(_reports(corpus)):
        for seed in range(MUTATIONS):
            random = Random(number << 20 | seed)
            elements = parse(data)
            thin(elements, random)  # pydicom needs seconds for the largest
            mutate(elements, random)
            outcomes[compare(file_bytes(elements, random.choice(TRANSFER_SYNTAXES)), TOO_DEEP)] += 1
    assert outcomes[Outcome.PYDICOM_FAILS] == 0
    assert outcomes[Outcome.EQUAL] > outcomes[Outcome.REFUSED]


@pytest.mark.timeout(60 + 5 * MUTATIONS)
def test_every_report_with_broken_bytes_is_read_as_pydicom_reads_it_or_refused(corpus: Path) -> None:
    outcomes: Counter[Outcome] = Counter()
    for number, (_, data) in enumerate(_reports(corpus)):
        elements = parse(data)
        thin(elements, Random(number))
        whole = file_bytes(elements, TRANSFER_SYNTAXES[number % 3])
        start = open_part10(whole).start
        for broken in mutations(whole[start:], MUTATIONS, seed=number):
            outcomes[compare(whole[:start] + broken, BROKEN_STRUCTURE)] += 1
    assert outcomes[Outcome.EQUAL]
    assert outcomes[Outcome.REFUSED]


def _reports(corpus: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted((corpus / "files").iterdir()):
        data = path.read_bytes()
        if read_attributes(open_part10(data)).first(0x00080060) == "SR":
            yield path.name, data
