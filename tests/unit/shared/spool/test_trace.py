import uuid
from datetime import UTC, datetime, timedelta

import pytest

from shared.spool.trace import is_trace_id, new_trace_id, traced_at


def test_a_trace_id_is_a_uuid_of_version_7() -> None:
    value = uuid.UUID(hex=new_trace_id())
    assert value.version == 7
    assert value.variant == uuid.RFC_4122


def test_trace_ids_differ() -> None:
    assert len({new_trace_id() for _ in range(10_000)}) == 10_000


def test_a_trace_id_tells_its_time() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert before <= traced_at(new_trace_id()) <= datetime.now(UTC)


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "0" * 31, "0" * 33, "G" * 32, "A" * 32, "0" * 32 + "\n"])
def test_nothing_else_is_a_trace_id(text: str) -> None:
    assert not is_trace_id(text)


def test_ours_is_one() -> None:
    assert is_trace_id(new_trace_id())
