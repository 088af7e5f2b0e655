"""Cursors of lists that grow: the next page starts after the last row of this one, also if rows were added since.

The cursor is opaque to clients: the sort key of the last row, in JSON and base64url.
"""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

KeyT = TypeVar("KeyT")


def encode(at: datetime, key: object) -> str:
    """Return the cursor of a row that is sorted by a moment and, within it, by `key`."""
    text = json.dumps([at.isoformat(), str(key)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, key_type: Callable[[str], KeyT]) -> tuple[datetime, KeyT]:
    """Return the sort key of a cursor, its second part made by `key_type`.

    Raises:
        ValueError: it is not one of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(at).astimezone(UTC)
        return moment, key_type(key)
    except (binascii.Error, UnicodeError, TypeError, AttributeError, ValueError, OverflowError, RecursionError):
        raise ValueError("is not a cursor; take next_cursor of the page before") from None


def row_id(text: str) -> int:
    """Return the id of a row (PostgreSQL's bigint).

    Raises:
        ValueError: it is not one.
    """
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError("not an id")
    return number
