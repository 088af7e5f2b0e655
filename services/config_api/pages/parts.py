"""What the parts of the overview show. A part whose source is away says so; the others go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.config_api.api.received_objects import (
    ReceivedObjectOutput,
    ReceivedObjectQuery,
    find_received_objects,
)
from services.config_api.api.studies import StudyQuery, StudySummary, find_study_page
from services.config_api.context import Context
from shared.errors import Unavailable

ROWS = 25


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


def object_rows(context: Context) -> Sequence[ReceivedObjectOutput]:
    """Return the latest received objects."""
    with context.transaction() as session:
        return find_received_objects(session, ReceivedObjectQuery(limit=ROWS)).items


def study_rows(context: Context) -> Sequence[StudySummary]:
    """Return the studies that were stored last."""
    with context.transaction() as session:
        return find_study_page(session, StudyQuery(limit=ROWS)).items
