"""Trace ids: one for each object received, in the name of its file, its messages, its row and every log line."""

import os
import re
import time
from datetime import UTC, datetime

_TRACE_ID = re.compile(r"[0-9a-f]{32}")


def new_trace_id() -> str:
    """Return 32 hexadecimal digits: a UUID of version 7 (RFC 9562), so that ids sort by time of reception."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return f"{value:032x}"


def is_trace_id(text: str) -> bool:
    """Tell whether `text` has the form of a trace id; nothing else may become part of a path."""
    return _TRACE_ID.fullmatch(text) is not None


def traced_at(trace_id: str) -> datetime:
    """Return when the trace id was made, in UTC, to the millisecond."""
    return datetime.fromtimestamp(int(trace_id[:12], 16) / 1000, UTC)
