"""Reports that were changed after they were made: our reader gives the tree that pydicom gives, or says why not."""

import os
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRLittleEndian

from shared.dicom.part10 import open_part10
from tests.helpers.broken_objects.byte_mutations import mutations
from tests.helpers.broken_objects.element_tree import file_bytes, parse
from tests.helpers.broken_objects.structural_mutations import mutate
from tests.helpers.importer.tree_comparison import BROKEN_STRUCTURE, TOO_DEEP, Outcome, compare
from tests.helpers.objects.content_items import TRANSFER_SYNTAXES, part10_bytes, small_report

EXAMPLES = 40 * int(os.environ.get("DOSEWIRE_TEST_MUTATIONS", "3"))
ORIGINAL = part10_bytes(small_report())


@pytest.mark.timeout(60 + EXAMPLES)
@given(st.randoms(use_true_random=False), st.sampled_from(TRANSFER_SYNTAXES))
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
def test_a_tree_of_whole_structure_is_read_as_pydicom_reads_it(random: Random, transfer_syntax: str) -> None:
    elements = parse(ORIGINAL)
    mutate(elements, random)
    assert compare(file_bytes(elements, transfer_syntax), TOO_DEEP) in (Outcome.EQUAL, Outcome.REFUSED)


@pytest.mark.timeout(60 + EXAMPLES)
@pytest.mark.parametrize("transfer_syntax", TRANSFER_SYNTAXES[:3])
@pytest.mark.parametrize("undefined_lengths", [False, True])
def test_a_tree_of_broken_bytes_is_read_as_pydicom_reads_it_or_refused(
    transfer_syntax: str, undefined_lengths: bool
) -> None:
    data = part10_bytes(small_report(), transfer_syntax, undefined_lengths=undefined_lengths)
    start = open_part10(data).start
    outcomes = Counter(
        compare(data[:start] + broken, BROKEN_STRUCTURE) for broken in mutations(data[start:], EXAMPLES // 3)
    )
    assert outcomes[Outcome.EQUAL]
    assert outcomes[Outcome.REFUSED]


def test_the_original_is_read_as_it_is_in_every_transfer_syntax() -> None:
    elements = parse(ORIGINAL)
    assert file_bytes(elements, ExplicitVRLittleEndian)[-1000:] == ORIGINAL[-1000:]
    for transfer_syntax in TRANSFER_SYNTAXES:
        assert compare(file_bytes(elements, transfer_syntax), TOO_DEEP) == Outcome.EQUAL
