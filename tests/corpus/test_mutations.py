"""Broken versions of every corpus object give a document or a clear refusal: never a crash, a hang, or much memory."""

import os
from pathlib import Path

import pytest

from tests.helpers.broken_objects.robustness import MAX_MEMORY_MIB, MAX_REASON, MAX_SECONDS, read_broken_versions

pytestmark = pytest.mark.corpus

MUTATIONS = int(os.environ.get("DOSEWIRE_TEST_MUTATIONS", "3"))
"""1,000 of each object are what the product promises to survive; the default keeps the test short."""


@pytest.mark.timeout(60 + 5 * MUTATIONS * 46)
def test_broken_objects_are_read_or_refused(corpus: Path) -> None:
    files = sorted((corpus / "files").iterdir())
    results = read_broken_versions(files, MUTATIONS)
    assert [result.file for result in results] == [path.name for path in files]
    for result in results:
        assert result.read + result.refused + result.unreadable == MUTATIONS, result
        assert result.longest_reason < MAX_REASON, result
        assert result.slowest_seconds < MAX_SECONDS, result
        assert result.resident_mib < MAX_MEMORY_MIB, result
    assert sum(result.read for result in results), "the mutations are too strong to say anything"
    assert sum(result.unreadable for result in results), "the mutations are too weak to say anything"
