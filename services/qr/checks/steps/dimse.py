"""The steps of a node test over DIMSE: connection, association, C-ECHO, C-FIND, and C-MOVE to a store node."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from services.qr.checks.steps.judgement import judge_trial
from services.qr.checks.steps.plan import DimseCheckPlan
from services.qr.checks.steps.sample import Sample, find_sample
from services.qr.checks.steps.step import Judged, connect, since, timed, with_skipped
from services.qr.dimse.archive import BY_MOVE
from services.qr.dimse.find import FIND, find
from services.qr.dimse.move import MOVE, move
from services.qr.dimse.suboperations import Response
from services.qr.remote.association import Link, associate
from services.qr.remote.echo import VERIFICATION, echo_status
from services.qr.remote.errors import RemoteError, Stopping
from services.qr.remote.retrieve_keys import retrieve_keys
from services.qr.remote.status import describe
from shared.database.models.node_check import CheckStep, CheckVerdict
from shared.dicom.destination import Destination
from shared.dicom.status import SUCCESS
from shared.jobs.checks import StepOutcome

DIMSE_STEPS = (CheckStep.TCP, CheckStep.ASSOCIATION, CheckStep.ECHO, CheckStep.FIND, CheckStep.MOVE)
LOOK_AGAIN = 0.2

Arrivals = Callable[[str], Mapping[str, str]]
"""Returns the receptions of an object at the destination, by SOP Instance UID: their states by trace id."""


@dataclass(frozen=True, slots=True)
class LinkQueries:
    """Queries over an open association."""

    link: Link

    def find(self, keys: Dataset) -> Iterator[Dataset | None]:
        """See `Queryable.find`."""
        return find(self.link, keys)


def take_dimse_steps(plan: DimseCheckPlan, *, arrivals: Arrivals | None) -> Iterator[StepOutcome]:
    """Take all steps, and yield each outcome as soon as it is known.

    Args:
        plan: what to test.
        arrivals: looks for what was sent; None: the destination is not ours, so arrival cannot be checked.

    Raises:
        Stopping: this worker is being stopped.
    """
    return with_skipped(_steps(plan, arrivals), DIMSE_STEPS)


def _steps(plan: DimseCheckPlan, arrivals: Arrivals | None) -> Iterator[StepOutcome]:
    peer = plan.peer
    connected = timed(CheckStep.TCP, lambda: connect(peer.address, peer.port, seconds=plan.limits.connect))
    yield connected
    if connected.verdict is not CheckVerdict.PASSED:
        return
    start = time.monotonic()
    try:
        with _associated(plan) as link:
            secured = ", with TLS" if peer.handshake is not None else ""
            detail = f"accepts an association from {peer.calling_ae_title} to {peer.ae_title}{secured}"
            yield since(start, CheckStep.ASSOCIATION, CheckVerdict.PASSED, detail)
            yield timed(CheckStep.ECHO, partial(judge_echo, link))
            start = time.monotonic()
            found = _find(link, plan) if link.is_usable else None
    except RemoteError as error:
        yield since(start, CheckStep.ASSOCIATION, CheckVerdict.FAILED, error.words)
        return
    verdict, detail, sample = found or _find_again(plan)
    yield since(start, CheckStep.FIND, verdict, detail)
    if verdict is CheckVerdict.PASSED:
        yield timed(CheckStep.MOVE, lambda: _move(plan, sample, arrivals))


def _associated(plan: DimseCheckPlan) -> AbstractContextManager[Link]:
    return associate(peer=plan.peer, sop_classes=BY_MOVE, limits=plan.limits, cancelled=lambda: False, stop=plan.stop)


def judge_echo(link: Link) -> Judged:
    """Send a C-ECHO, and judge the response.

    Raises:
        Stopping: this worker is being stopped.
    """
    if not link.accepts(VERIFICATION):
        text = "does not accept C-ECHO (Verification SOP Class), which every node has to; jobs go without"
        return CheckVerdict.FAILED, text
    try:
        status = echo_status(link)
    except RemoteError as error:
        return CheckVerdict.FAILED, f"does not answer the C-ECHO: {error.words}"
    if status != SUCCESS:
        return CheckVerdict.FAILED, f"answers the C-ECHO with status {describe(status)}"
    return CheckVerdict.PASSED, "answers C-ECHO"


def _find(link: Link, plan: DimseCheckPlan) -> tuple[CheckVerdict, str, Sample | None]:
    if not link.accepts(FIND):
        text = "does not accept C-FIND (Study Root); it cannot be queried, or not by us"
        return CheckVerdict.FAILED, text, None
    return find_sample(LinkQueries(link), plan, by="C-FIND")


def _find_again(plan: DimseCheckPlan) -> tuple[CheckVerdict, str, Sample | None]:
    """Query over a second association: the C-ECHO has cost the first one, and jobs go without C-ECHO."""
    try:
        with _associated(plan) as link:
            return _find(link, plan)
    except RemoteError as error:
        return CheckVerdict.FAILED, f"no second association: {error.words}", None


def _move(plan: DimseCheckPlan, sample: Sample | None, arrivals: Arrivals | None) -> Judged:
    destination = plan.destination
    if plan.by_get or destination is None:
        by_get = "jobs fetch from it by C-GET (retrieve_by), so it need not send anywhere"
        why = by_get if plan.by_get else "no store node was named that it shall send to"
        return CheckVerdict.SKIPPED, f"not tried: {why}"
    before = arrivals(sample.sop_instance_uid) if arrivals is not None and sample is not None else {}
    try:
        # A new association, so that late answers to the C-FIND do not disturb it.
        with _associated(plan) as link:
            verdict, detail = _try(link, destination, sample)
    except RemoteError as error:
        return CheckVerdict.FAILED, f"no second association: {error.words}"
    if verdict is not CheckVerdict.PASSED or sample is None:
        return verdict, detail
    if arrivals is None:
        return verdict, f"{detail}; whether it has come, {destination.name} knows alone"
    return _look_for(sample, plan, destination, lambda uid: _new(arrivals(uid), before))


def _try(link: Link, destination: Destination, sample: Sample | None) -> Judged:
    if not link.accepts(MOVE):
        return CheckVerdict.FAILED, "does not accept C-MOVE (Study Root); nothing can be retrieved from it"
    keys = retrieve_keys(generate_uid(prefix=None)) if sample is None else sample.keys
    try:
        final = _last(move(link, keys, destination=destination.ae_title))
    except RemoteError as error:
        text = f"does not end the C-MOVE: it {error.words}; can it reach the store node ({destination})?"
        return CheckVerdict.FAILED, text
    return judge_trial(final.status, final.counts, destination=destination, for_an_object=sample is not None)


def _last(responses: Iterator[Response]) -> Response:
    final = next(responses)
    for response in responses:
        final = response
    return final


def _new(arrivals: Mapping[str, str], before: Mapping[str, str]) -> str | None:
    return next((state for trace_id, state in arrivals.items() if trace_id not in before), None)


def _look_for(
    sample: Sample, plan: DimseCheckPlan, destination: Destination, arrived: Callable[[str], str | None]
) -> Judged:
    deadline = time.monotonic() + plan.arrival_seconds
    while (state := arrived(sample.sop_instance_uid)) is None:
        if time.monotonic() >= deadline:
            return CheckVerdict.FAILED, (
                f"says that it has sent an object, but {destination.name} has not received it: does another machine "
                f"stand there under the AE title {destination.ae_title}? It has to be {destination}"
            )
        if plan.stop.wait(LOOK_AGAIN):
            raise Stopping("this worker is being stopped")
    return CheckVerdict.PASSED, f"has sent an object, and {destination.name} has received it: {state}"
