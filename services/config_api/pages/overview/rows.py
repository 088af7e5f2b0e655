"""The rows of the overview's parts: the latest studies, received objects and rejected callers."""

from collections.abc import Sequence
from datetime import timedelta

from services.config_api.actions.dose.received_objects import ReceivedObjectFilter, find_received_objects
from services.config_api.actions.dose.studies import StudyFilter, StudyOnEquipment, find_study_page
from services.config_api.actions.nodes.rejected_callers import (
    CallerAtNode,
    RejectedCallerFilter,
    list_rejected_callers,
)
from services.config_api.web.context import Context
from shared.database.base import now
from shared.database.models import ReceivedObject

ROWS = 25
REJECTED_WITHIN = timedelta(days=7)


def object_rows(context: Context) -> Sequence[ReceivedObject]:
    """Return the latest received objects."""
    with context.transaction() as session:
        return find_received_objects(session, ReceivedObjectFilter(limit=ROWS)).items


def study_rows(context: Context) -> Sequence[StudyOnEquipment]:
    """Return the studies that were stored last."""
    with context.transaction() as session:
        return find_study_page(session, StudyFilter(limit=ROWS)).items


def rejected_rows(context: Context) -> Sequence[CallerAtNode]:
    """Return the rejected callers of the last days, the latest first."""
    with context.transaction() as session:
        return list_rejected_callers(session, RejectedCallerFilter(limit=ROWS, since=now() - REJECTED_WITHIN))
