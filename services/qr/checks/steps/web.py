"""The steps of a node test over DICOM web services: connection, HTTP, QIDO-RS, WADO-RS."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID

from services.qr.checks.steps.plan import WebCheckPlan
from services.qr.checks.steps.sample import Sample, find_sample
from services.qr.checks.steps.step import Judged, connect, timed, with_skipped
from services.qr.dicomweb.find import echo, find
from services.qr.dicomweb.link import WebLink, linked
from services.qr.dicomweb.retrieve import PARTIAL_CONTENT
from services.qr.remote.errors import RemoteError
from shared.database.models.node_check import CheckStep, CheckVerdict
from shared.dicom.header import ObjectHeader, read_header
from shared.dicomweb.query import resource
from shared.dicomweb.wado import objects, open_objects
from shared.errors import UnreadableObject
from shared.jobs.checks import StepOutcome

WEB_STEPS = (CheckStep.TCP, CheckStep.HTTP, CheckStep.QIDO, CheckStep.WADO)


@dataclass(frozen=True, slots=True)
class WebLinkQueries:
    """Queries to web services."""

    link: WebLink

    def find(self, keys: Dataset) -> Iterator[Dataset | None]:
        """See `Queryable.find`."""
        return find(self.link, keys)


def take_web_steps(plan: WebCheckPlan) -> Iterator[StepOutcome]:
    """Take all steps, and yield the outcome of each as soon as it is known.

    Raises:
        Stopping: this worker is being stopped.
    """
    return with_skipped(_steps(plan), WEB_STEPS)


def _steps(plan: WebCheckPlan) -> Iterator[StepOutcome]:
    services = plan.peer.settings
    connected = timed(CheckStep.TCP, lambda: connect(services.host, services.port, seconds=plan.limits.connect))
    yield connected
    if connected.verdict is not CheckVerdict.PASSED:
        return
    try:
        with linked(peer=plan.peer, limits=plan.limits, cancelled=lambda: False, stop=plan.stop) as link:
            greeted = timed(CheckStep.HTTP, lambda: _http(link))
            yield greeted
            if greeted.verdict is not CheckVerdict.PASSED:
                return
            yield from _query_and_fetch(link, plan)
    except RemoteError as error:  # our own files for TLS cannot be used
        yield StepOutcome(step=CheckStep.HTTP, verdict=CheckVerdict.FAILED, detail=error.words)


def _http(link: WebLink) -> Judged:
    try:
        echo(link)
    except RemoteError as error:
        return CheckVerdict.FAILED, error.words
    shown = " and our credentials" if link.peer.credentials is not None else ", without credentials"
    return CheckVerdict.PASSED, f"accepts a search over {'http' if link.peer.handshake is None else 'https'}{shown}"


def _query_and_fetch(link: WebLink, plan: WebCheckPlan) -> Iterator[StepOutcome]:
    sample: Sample | None = None

    def query() -> Judged:
        nonlocal sample
        verdict, detail, sample = find_sample(WebLinkQueries(link), plan, by="searches")
        return verdict, detail

    queried = timed(CheckStep.QIDO, query)
    yield queried
    if queried.verdict is CheckVerdict.PASSED:
        yield timed(CheckStep.WADO, lambda: _wado(link, sample))


def _wado(link: WebLink, sample: Sample | None) -> Judged:
    if sample is None:
        text = "not tried: there was no object to ask for; name a study in study_instance_uid"
        return CheckVerdict.UNCLEAR, text
    try:
        with link.checked(), open_objects(link, f"{link.peer.settings.wado_url}/{resource(sample.keys)}") as answer:
            received = [(read_header(path), path.stat().st_size) for path in objects(answer)]
    except RemoteError as error:
        return CheckVerdict.FAILED, error.words
    except UnreadableObject as error:
        return CheckVerdict.FAILED, f"sends what cannot be read: {error}"
    if answer.status == PARTIAL_CONTENT:
        return CheckVerdict.FAILED, "has sent objects, and says that these are not all (206)"
    return _judge(received, wanted=sample.sop_instance_uid)


def _judge(received: list[tuple[ObjectHeader, int]], *, wanted: str) -> Judged:
    others = sum(header.sop_instance_uid != wanted for header, _ in received)
    if others:
        return CheckVerdict.FAILED, f"sends {others} objects that were not asked for"
    for header, size in received:
        kind, syntax = (UID(uid or "").name for uid in (header.sop_class_uid, header.transfer_syntax_uid))
        return CheckVerdict.PASSED, f"sends an object: {kind}, {size} bytes, {syntax}"
    return CheckVerdict.FAILED, "reports success, but has not sent the object that was asked for"
