"""Tables of Storage Commitment as SCP."""

from collections.abc import Callable

from services.store_scp.common.settings import StoreScpSettings
from services.store_scp.node.commitment.action import LONGEST_INFORMATION, MAXIMUM_WAITING
from services.store_scp.node.commitment.information import MAXIMUM_REFERENCES
from services.store_scp.supervisor.commitment.decision import FailureReason
from services.store_scp.supervisor.commitment.delivery import ANSWER_SECONDS, CONNECT_SECONDS, PASSING_STATUSES
from services.store_scp.supervisor.commitment.report import ALL_COMMITTED, FAILURES_EXIST
from shared.dicom.status import (
    INVALID_ARGUMENT_VALUE,
    NO_SUCH_ACTION,
    NO_SUCH_SOP_CLASS,
    NO_SUCH_SOP_INSTANCE,
    PROCESSING_FAILURE,
    RESOURCE_LIMITATION,
    SUCCESS,
)
from tools.conformance.markdown import status, table

_REASONS = {
    FailureReason.PROCESSING_FAILURE: "the object came but has not been imported in time",
    FailureReason.NO_SUCH_OBJECT_INSTANCE: "the object never came, or is here no longer",
    FailureReason.CLASS_INSTANCE_CONFLICT: "the object came, but as another SOP class",
}


def n_action_statuses() -> str:
    """What N-ACTION is answered with."""
    rows = (
        (SUCCESS, "the request is on disk; a report will come"),
        (PROCESSING_FAILURE, "the request could not be written to disk"),
        (NO_SUCH_SOP_INSTANCE, "Requested SOP Instance UID is not the well-known one"),
        (INVALID_ARGUMENT_VALUE, "Transaction UID or Referenced SOP Sequence is missing or malformed"),
        (NO_SUCH_SOP_CLASS, "Requested SOP Class UID is not that of the Storage Commitment Push Model"),
        (NO_SUCH_ACTION, "Action Type ID is not 1"),
        (RESOURCE_LIMITATION, "a limit of the table below, or the watermark of the disk"),
    )
    return table(("status", "when"), [(status(value), words) for value, words in rows])


def failure_reasons() -> str:
    """The values of Failure Reason in a report."""
    rows = [(status(reason.value), reason.name.lower().replace("_", " "), _REASONS[reason]) for reason in FailureReason]
    return table(("Failure Reason (0008,1197)", "meaning", "when"), rows)


def event_types() -> str:
    """The Event Type IDs of reports."""
    rows = (
        (ALL_COMMITTED, "all objects are committed: Transaction UID, Referenced SOP Sequence"),
        (FAILURES_EXIST, "failures exist: Failed SOP Sequence as well, Referenced SOP Sequence where any is committed"),
    )
    return table(("Event Type ID", "when, and what it holds"), rows)


def event_report_statuses() -> str:
    """What becomes of a report by the status that it is answered with."""
    rows = (
        (status(SUCCESS), "the transaction is over"),
        (", ".join(map(status, PASSING_STATUSES)), "the report is sent again later"),
        ("any other", "logged; the transaction is over"),
        ("none: no association, no answer", "the report is sent again later"),
    )
    return table(("status", "what follows"), rows)


def commitment_limits() -> str:
    """The limits of requests and reports."""
    deadline = StoreScpSettings.model_fields["commitment_deadline_seconds"].default
    rows = (
        ("objects of one request", MAXIMUM_REFERENCES),
        ("data set of one request", f"{LONGEST_INFORMATION} bytes"),
        ("requests that wait for their report", MAXIMUM_WAITING),
        ("how long a report is tried", f"{deadline:g} s, configurable"),
        ("how long an import is waited for", "a third of that"),
        ("time for the connection to the SCU", f"{CONNECT_SECONDS:g} s"),
        ("time for each of its answers", f"{ANSWER_SECONDS:g} s"),
    )
    return table(("limit", "value"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "n-action-statuses": n_action_statuses,
    "failure-reasons": failure_reasons,
    "event-types": event_types,
    "event-report-statuses": event_report_statuses,
    "commitment-limits": commitment_limits,
}
