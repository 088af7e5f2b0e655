"""Pages of a list that grows: the next page starts after the last row of this one, whatever was added since.

The cursor is opaque to clients: the sort key of the last row, in JSON and base64url.
"""

import base64
import binascii
import json
from datetime import datetime


def encode(at: datetime, row_id: int) -> str:
    """Return the cursor of a row."""
    text = json.dumps([at.isoformat(), row_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, int]:
    """Return the sort key of a cursor.

    Raises:
        ValueError: it is not one of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, row_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(at)
    except (binascii.Error, UnicodeError, TypeError, ValueError, RecursionError):
        raise ValueError("is not a cursor; take next_cursor of the page before") from None
    if type(row_id) is not int or not 0 <= row_id < 2**63 or moment.tzinfo is None:
        raise ValueError("is not a cursor; take next_cursor of the page before")
    return moment, row_id
