"""The steps of a job with a remote node that offers DICOM web services: connection, HTTP, QIDO-RS, WADO-RS."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from pydicom.dataset import Dataset
from pydicom.uid import UID, generate_uid

from services.config_api.echo import Target, explain_connection_error
from services.config_api.node_test import keys
from services.config_api.node_test.link import Deadline
from services.config_api.node_test.outcome import WEB_STEPS, Outcome, Step, Verdict
from shared.dicom.header import ObjectHeader, read_header
from shared.dicomweb.errors import Trouble, WebError
from shared.dicomweb.http import WebClient, web_client
from shared.dicomweb.qido import ask
from shared.dicomweb.query import resource, search
from shared.dicomweb.settings import DicomwebSettings
from shared.dicomweb.wado import objects, open_objects
from shared.errors import UnreadableObject
from shared.tls.client import Handshake
from shared.tls.files import TlsError

MOST_SERIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPlan:
    """What to test. All times in seconds.

    Attributes:
        services: where they are.
        authorization: what is shown there: a secret; None: nothing.
        handshake: returns how TLS begins; None: http.
        study_instance_uid: the study to try with; None: one of the last days, if there is any.
        connect: for the TCP connection.
        answers: for everything that comes after.
    """

    services: DicomwebSettings
    authorization: str | None = field(repr=False)
    handshake: Callable[[], Handshake] | None
    study_instance_uid: str | None
    connect: float
    answers: float


def run_web_test(plan: WebPlan, *, today: date) -> list[Outcome]:
    """Take all steps; what an earlier failure makes impossible is skipped.

    Args:
        plan: what to test.
        today: the last day for which a study is looked for.
    """
    outcomes = list(_steps(plan, today))
    left = WEB_STEPS[len(outcomes) :]
    return outcomes + [Outcome(step, Verdict.SKIPPED, "not tried: a step before it failed") for step in left]


def _steps(plan: WebPlan, today: date) -> Iterator[Outcome]:
    connected = _timed(Step.TCP, lambda: _connect(plan))
    yield connected
    if connected.verdict is not Verdict.PASSED:
        return
    try:
        handshake = None if plan.handshake is None else plan.handshake()
    except TlsError as error:
        yield Outcome(Step.HTTP, Verdict.FAILED, f"cannot be called with TLS: {error}")
        return
    with (
        Deadline(plan.connect + plan.answers) as deadline,
        web_client(
            url=plan.services.url,
            authorization=plan.authorization,
            handshake=handshake,
            connect_seconds=plan.connect,
            idle_seconds=plan.answers,
            guard=deadline.guard,
            touched=lambda: None,
            done=lambda: None,
        ) as client,
    ):
        test = _Test(client=client, plan=plan, today=today)
        for step, take in {Step.HTTP: test.http, Step.QIDO: test.qido, Step.WADO: test.wado}.items():
            outcome = _timed(step, partial(_explained, take, plan, deadline))
            yield outcome
            if outcome.verdict is Verdict.FAILED:
                return


def _timed(step: Step, take: Callable[[], tuple[Verdict, str]]) -> Outcome:
    start = time.monotonic()
    verdict, detail = take()
    return Outcome(step, verdict, detail, round((time.monotonic() - start) * 1000))


def _explained(take: Callable[[], tuple[Verdict, str]], plan: WebPlan, deadline: Deadline) -> tuple[Verdict, str]:
    try:
        return take()
    except WebError as error:
        if deadline.is_over:
            return Verdict.FAILED, f"is not done within {plan.connect + plan.answers:g} s"
        return Verdict.FAILED, str(error)


def _connect(plan: WebPlan) -> tuple[Verdict, str]:
    host, port = plan.services.host, plan.services.port
    try:
        socket.create_connection((host, port), timeout=plan.connect).close()
    except OSError as error:
        return Verdict.FAILED, explain_connection_error(error, Target(host, port, "", ""), plan.connect)
    return Verdict.PASSED, f"{host}:{port} accepts a connection"


class _Test:
    """The steps over one connection. Each raises `WebError` where the service does not answer."""

    def __init__(self, *, client: WebClient, plan: WebPlan, today: date) -> None:
        self._client = client
        self._plan = plan
        self._today = today
        self._sample: Dataset | None = None

    def http(self) -> tuple[Verdict, str]:
        """Search for a study that nobody has."""
        try:
            self._search(keys.study_keys(today=self._today, days=0, study_instance_uid=generate_uid(prefix=None)), 1)
        except WebError as error:
            if error.trouble is Trouble.MISSING:
                return Verdict.FAILED, "has no QIDO-RS there (404): correct the URL of the node"
            raise
        shown = " and our credentials" if self._plan.authorization is not None else ", without credentials"
        return Verdict.PASSED, f"accepts a search over {'http' if self._plan.handshake is None else 'https'}{shown}"

    def qido(self) -> tuple[Verdict, str]:
        """Search for a study, its series and an instance."""
        uid = self._plan.study_instance_uid
        study = None
        for days in (0,) if uid else keys.SOME_DAYS:
            wanted = keys.study_keys(today=self._today, days=days, study_instance_uid=uid)
            study = next((found for one in self._search(wanted, 1) if (found := keys.read_uid(one, "Study"))), None)
            if study is not None:
                break
        if study is None and uid:
            return Verdict.FAILED, "answers searches, but does not have this study, or does not show it to us"
        if study is None:
            return Verdict.PASSED, f"answers searches; it shows us no study of the last {keys.SOME_DAYS[-1]} days"
        series = keys.small_series(self._search(keys.series_keys(study), MOST_SERIES))
        if series is None:
            return Verdict.FAILED, "answers searches for studies, but names no series of one"
        for one in self._search(keys.instance_keys(study, series), 1):
            if instance := keys.read_uid(one, "SOP"):
                self._sample = keys.instance_to_move(study, series, instance)
                return Verdict.PASSED, "answers searches for studies, series and instances"
        return Verdict.FAILED, "answers searches for studies and series, but names no instance"

    def wado(self) -> tuple[Verdict, str]:
        """Fetch that instance."""
        if self._sample is None:
            return Verdict.UNCLEAR, "not tried: there was no object to ask for; name a study in study_instance_uid"
        with open_objects(self._client, f"{self._plan.services.wado_url}/{resource(self._sample)}") as answer:
            try:
                received = [(read_header(path), path.stat().st_size) for path in objects(answer)]
            except UnreadableObject as error:
                return Verdict.FAILED, f"sends what cannot be read: {error}"
        return _judge(received, wanted=str(self._sample.SOPInstanceUID))

    def _search(self, wanted: Dataset, most: int) -> list[Dataset]:
        answers, _ = ask(self._client, self._plan.services.qido_url, search(wanted), limit=most)
        return [one for one in answers if one is not None]


def _judge(received: list[tuple[ObjectHeader, int]], *, wanted: str) -> tuple[Verdict, str]:
    for header, size in received:
        if header.sop_instance_uid == wanted:
            kind, syntax = (UID(uid or "").name for uid in (header.sop_class_uid, header.transfer_syntax_uid))
            return Verdict.PASSED, f"sends an object: {kind}, {size} bytes, {syntax}"
    return Verdict.FAILED, "reports success, but has not sent the object that was asked for"
