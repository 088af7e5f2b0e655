import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.web import paging as keyset


@given(st.datetimes(timezones=st.just(UTC)), st.integers(min_value=0, max_value=2**63 - 1))
def test_a_cursor_leads_back_to_its_row(at: datetime, row: int) -> None:
    assert keyset.decode(keyset.encode(at, row), keyset.row_id) == (at, row)


def test_keys_may_be_uuids() -> None:
    at, job = datetime(2026, 11, 21, tzinfo=UTC), UUID(int=7)
    assert keyset.decode(keyset.encode(at, job), UUID) == (at, job)


def test_the_zone_makes_no_difference() -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2)))
    assert keyset.decode(keyset.encode(at, 1), keyset.row_id)[0] == at


def cursor_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "é", "a" * 200, cursor_of([]), cursor_of({}), cursor_of(1), cursor_of(["2026-11-21", "x"]),
        cursor_of([1, "1"]), cursor_of(["2026-11-21T00:00:00+00:00", "-1"]),
        cursor_of(["2026-11-21T00:00:00+00:00", str(2**63)]), cursor_of(["2026-11-21T00:00:00+00:00", [1]]),
        cursor_of(["0001-01-01T00:00:00+14:00", "1"]),
    ],
)  # fmt: skip
def test_what_is_no_cursor(cursor: str) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        keyset.decode(cursor, keyset.row_id)


@given(st.text(max_size=80))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(ValueError):  # any other error fails the test
        keyset.decode(text, keyset.row_id)
