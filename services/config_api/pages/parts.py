"""What the parts of the overview show. A part whose source is away says so; the others go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from services.config_api.api.dose.received_objects import (
    ReceivedObjectOutput,
    ReceivedObjectQuery,
    find_received_objects,
)
from services.config_api.api.dose.studies import StudyQuery, StudySummary, find_study_page
from services.config_api.api.nodes.rejected_callers import (
    RejectedCallerOutput,
    RejectedCallerQuery,
    find_rejected_callers,
)
from services.config_api.web.context import Context
from shared.database.base import now
from shared.errors import Unavailable

ROWS = 25
REJECTED_WITHIN = timedelta(days=7)

ContentT = TypeVar("ContentT")


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a part, or why there are none."""

    rows: Sequence[object] = ()
    problem: str | None = None


def part(rows: Callable[[], Sequence[object]]) -> Part:
    """Return the part that `rows` makes."""
    try:
        return Part(rows=rows())
    except Unavailable as error:
        return Part(problem=str(error))


@dataclass(frozen=True, slots=True)
class Single(Generic[ContentT]):
    """The content of a part that is more than rows, or why there is none."""

    content: ContentT | None = None
    problem: str | None = None


def single(content: Callable[[], ContentT]) -> Single[ContentT]:
    """Return the part that `content` makes."""
    try:
        return Single(content=content())
    except Unavailable as error:
        return Single(problem=str(error))


def object_rows(context: Context) -> Sequence[ReceivedObjectOutput]:
    """Return the latest received objects."""
    with context.transaction() as session:
        return find_received_objects(session, ReceivedObjectQuery(limit=ROWS)).items


def study_rows(context: Context) -> Sequence[StudySummary]:
    """Return the studies that were stored last."""
    with context.transaction() as session:
        return find_study_page(session, StudyQuery(limit=ROWS)).items


def rejected_rows(context: Context) -> Sequence[RejectedCallerOutput]:
    """Return whom store nodes have turned away of late, the latest first."""
    with context.transaction() as session:
        return find_rejected_callers(session, RejectedCallerQuery(limit=ROWS, since=now() - REJECTED_WITHIN))
