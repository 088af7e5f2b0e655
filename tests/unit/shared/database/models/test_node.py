from datetime import UTC, datetime, timedelta

import pytest

from shared.database.models import StoreNode

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("managed", "seconds_ago", "fresh"),
    [(True, 0, True), (True, 60, True), (True, 61, False), (True, None, False), (False, 5, False)],
)
def test_a_report_counts_for_a_minute(managed: bool, seconds_ago: int | None, fresh: bool) -> None:
    at = None if seconds_ago is None else NOW - timedelta(seconds=seconds_ago)
    assert StoreNode(name="CT", managed=managed, state_at=at).has_fresh_report(at=NOW) is fresh
