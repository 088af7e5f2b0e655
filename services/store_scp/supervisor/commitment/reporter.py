"""The reporter of storage commitment: a thread that decides requests, sends the reports, and tries again."""

import threading
import time
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.commitment_request import CommitmentRequest
from services.store_scp.common.rejection import printable_ae_title
from services.store_scp.supervisor.commitment.decision import CommitmentDecision, judge
from services.store_scp.supervisor.commitment.delivery import DeliveryOutcome, deliver
from services.store_scp.supervisor.commitment.found import Records, SpoolIndex, everything
from services.store_scp.supervisor.commitment.report import event_information, event_type_id
from services.store_scp.supervisor.commitment.requesters import Requesters
from services.store_scp.supervisor.commitment.schedule import PAUSES, PAUSES_OF_A_DEVICE, Schedule
from shared.database.engine import reason
from shared.dicom.ae_title import parse_remote_ae_title
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.metrics import COMMITMENT_REPORTS, COMMITMENT_REQUESTS
from shared.tls.client import ClientTls

DEFAULT_AE_TITLE = "DOSEWIRE"
POLL_SECONDS = 0.5
PAUSE_WHILE_AWAY_SECONDS = 5.0

log = get_logger(__name__)


class ReportOutcome(StrEnum):
    """The ends of a request, as they are counted in the metrics."""

    ALL_COMMITTED = "all_committed"
    FAILURES_EXIST = "failures_exist"
    REFUSED = "refused"
    """The device did not want the report."""
    GIVEN_UP = "given_up"
    """The report could not be delivered before the deadline."""


class Reporter:
    """Reports on the requests in a folder until each has been delivered or is too old. `run` in a thread.

    Args:
        folder: the requests.
        index: the objects in the spool.
        records: the objects in the database.
        requesters: the addresses of callers.
        tls: the files for calls with TLS.
        deadline_seconds: how long a report is tried. After a third of that, objects that still wait for their import
            are reported as failed.
    """

    def __init__(
        self,
        *,
        folder: CommitmentFolder,
        index: SpoolIndex,
        records: Records,
        requesters: Requesters,
        tls: ClientTls,
        deadline_seconds: float,
    ) -> None:
        self._folder = folder
        self._index = index
        self._records = records
        self._requesters = requesters
        self._tls = tls
        self._deadline_seconds = deadline_seconds
        self._patience_seconds = deadline_seconds / 3
        self._schedule = Schedule()

    def run(self, stop: threading.Event) -> None:
        """Report until `stop` is set."""
        pause = POLL_SECONDS
        while not stop.wait(pause):
            pause = PAUSE_WHILE_AWAY_SECONDS
            try:
                self.turn(stop)
                pause = POLL_SECONDS
            except Unavailable as error:
                log.warning("storage commitment waits for the database", error=str(error))
            except SQLAlchemyError as error:
                log.error("storage commitment: database refuses us", error=reason(error))
            except OSError as error:
                log.error("storage commitment: the spool cannot be looked through", error=str(error))

    def turn(self, stop: threading.Event) -> None:
        """Decide and report the requests that are due now.

        Raises:
            Unavailable: the database is away.
            OSError: the spool cannot be looked through.
        """
        keys = self._folder.keys()
        COMMITMENT_REQUESTS.set(len(keys))
        self._schedule.update(keys)
        due = self._schedule.due(now=time.monotonic())
        if due:
            self._index.refresh()
        elif not keys:
            self._index.forget()
        for key in due:
            if stop.is_set():
                return
            try:
                self._look_at(key)
            except (Unavailable, SQLAlchemyError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 (what a stranger asked for must not end the service that receives)
                log.error("storage commitment request fails", key=key, error=f"{type(error).__name__}: {error}"[:200])
                self._schedule.put_off(key, now=time.monotonic())

    def _look_at(self, key: str) -> None:
        if self._schedule.has_to_wait(key, now=time.monotonic()):
            return
        request = self._folder.read(key)
        if request is None:
            return
        self._schedule.came_from(key, request.calling_ae_title)
        if not self._schedule.has_to_wait(key, now=time.monotonic()):
            self._serve(request)

    def _serve(self, request: CommitmentRequest) -> None:
        age = (datetime.now(UTC) - request.requested_at).total_seconds()
        decision = self._decision(request)
        if decision.undecided and age < self._patience_seconds:
            self._schedule.put_off(request.key, now=time.monotonic())
            return
        failure = self._report(request, decision.without_waiting())
        if failure and age > self._deadline_seconds:
            self._end(request, ReportOutcome.GIVEN_UP, reason=failure)

    def _decision(self, request: CommitmentRequest) -> CommitmentDecision:
        # The spool first: what leaves it after that stands in the database already.
        by_index = self._index.received(request.references)
        return judge(request.references, everything(by_index, self._records.received(request.references)))

    def _report(self, request: CommitmentRequest, decision: CommitmentDecision) -> str:
        """Send the report; returns in words why it has to be sent again, nothing where it has not."""
        calling = request.calling_ae_title
        requester = self._requesters.of(calling, peer_address=request.peer_address)
        if requester is None:
            advice = f"add {printable_ae_title(calling)!r} with host and port to the remote nodes"
            if self._schedule.put_off_caller(request.key, now=time.monotonic(), pauses=PAUSES):
                log.warning("nobody knows where to report storage commitment", calling_ae_title=calling, advice=advice)
            return advice
        outcome, words = deliver(
            requester,
            calling_ae_title=_title_of_ours(request.called_ae_title),
            event_type=event_type_id(decision),
            information=event_information(request.transaction_uid, decision),
            tls=self._tls,
        )
        if outcome is DeliveryOutcome.FAILED:
            self._schedule.put_off_caller(request.key, now=time.monotonic(), pauses=PAUSES_OF_A_DEVICE)
            log.warning("storage commitment not reported", calling_ae_title=calling, reason=words)
            return words
        self._schedule.answered(request.key)
        if outcome is DeliveryOutcome.REFUSED:
            self._end(request, ReportOutcome.REFUSED, reason=words)
        else:
            ended = ReportOutcome.FAILURES_EXIST if decision.failed else ReportOutcome.ALL_COMMITTED
            self._end(request, ended, committed=len(decision.committed), failed=len(decision.failed))
        return ""

    def _end(self, request: CommitmentRequest, outcome: ReportOutcome, **about: object) -> None:
        self._folder.remove(request.key)
        COMMITMENT_REPORTS.labels(outcome=outcome.value).inc()
        is_reported = outcome in (ReportOutcome.ALL_COMMITTED, ReportOutcome.FAILURES_EXIST)
        (log.info if is_reported else log.warning)(
            "storage commitment reported" if is_reported else "storage commitment not reported any more",
            transaction_uid=request.transaction_uid,
            calling_ae_title=request.calling_ae_title,
            outcome=outcome.value,
            **about,
        )


def _title_of_ours(called: str) -> str:
    """Return the AE title that was called; a node may let callers name any, but not any can be used."""
    try:
        return parse_remote_ae_title(called)
    except ValueError:
        return DEFAULT_AE_TITLE
