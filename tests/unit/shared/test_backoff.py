import pytest

from shared.backoff import pause_after


@pytest.mark.parametrize(("failures", "seconds"), [(0, 5), (1, 5), (2, 30), (3, 300), (4, 300), (1000, 300)])
def test_pauses_grow_to_the_longest(failures: int, seconds: int) -> None:
    assert pause_after(failures, (5, 30, 300)) == seconds
