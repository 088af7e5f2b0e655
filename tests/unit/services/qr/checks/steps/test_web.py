"""The steps of a test with web services, against a simulated PACS on loopback."""

import threading
from datetime import date

import pytest

from services.qr.checks.steps.plan import WebCheckPlan
from services.qr.checks.steps.web import take_web_steps
from services.qr.remote.archive import Limits
from services.qr.remote.peer import WebPeer
from shared.database.models.node_check import CheckStep, CheckVerdict
from shared.dicomweb.settings import DicomwebCredentials, DicomwebSettings
from tools.pacs.archive import Archive
from tools.pacs.web import SimulatedWebPacs, WebFaults
from tools.stack.ports import free_port

DAY = date(2026, 3, 10)
FEW = Archive(count=3, first_day=DAY)


def steps(url: str, *, uid: str | None = None, token: str | None = None, seconds: float = 5) -> dict[CheckStep, str]:
    """Return the verdict and the detail of each step."""
    credentials = None if token is None else DicomwebCredentials.model_validate({"token": token})
    plan = WebCheckPlan(
        peer=WebPeer("PACS", DicomwebSettings(url=url), credentials, None),
        limits=Limits(connect=seconds, acse=seconds, idle=5, total=2 * seconds),
        study_instance_uid=uid,
        today=DAY,
        stop=threading.Event(),
    )
    return {one.step: f"{one.verdict}: {one.detail}" for one in take_web_steps(plan)}


def test_a_service_that_does_everything() -> None:
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(token="abc")) as pacs:
        taken = steps(pacs.url, token="abc")

    assert list(taken) == [CheckStep.TCP, CheckStep.HTTP, CheckStep.QIDO, CheckStep.WADO]
    assert all(text.startswith(CheckVerdict.PASSED) for text in taken.values()), taken
    assert "X-Ray Radiation Dose SR Storage" in taken[CheckStep.WADO]


@pytest.mark.parametrize(
    ("faults", "failing", "words"),
    [
        (WebFaults(token="abc"), CheckStep.HTTP, "wants credentials (401)"),
        (WebFaults(answers_first=(404,)), CheckStep.HTTP, "has no QIDO-RS there"),
        (WebFaults(html=True), CheckStep.HTTP, "DICOM JSON"),
        (WebFaults(user="qr", password="secret"), CheckStep.HTTP, "wants credentials (401)"),
        (WebFaults(answers_first=(403,)), CheckStep.HTTP, "does not allow this (403)"),
        (WebFaults(answers_first=(503,)), CheckStep.HTTP, "is busy or being maintained (503)"),
        (WebFaults(hangs=True), CheckStep.HTTP, "was silent for"),
        (WebFaults(partial=True), CheckStep.WADO, "says that these are not all (206)"),
        (WebFaults(another_object=True), CheckStep.WADO, "objects that were not asked for"),
        (WebFaults(truncated=1), CheckStep.WADO, "ends before its final boundary"),
    ],
)
def test_what_fails_is_explained_and_the_rest_skipped(faults: WebFaults, failing: CheckStep, words: str) -> None:
    with SimulatedWebPacs(archive=FEW, faults=faults) as pacs:
        taken = steps(pacs.url)

    assert taken[failing].startswith(CheckVerdict.FAILED)
    assert words in taken[failing]
    after = [text for step, text in taken.items() if list(taken).index(step) > list(taken).index(failing)]
    assert all(text.startswith(CheckVerdict.SKIPPED) for text in after)


@pytest.mark.parametrize(
    "faults",
    [
        WebFaults(ignores_limit=True),
        WebFaults(ignores_offset=True),
        WebFaults(most_answers=1),
        WebFaults(refuses_fields=True),
        WebFaults(refuses_any_transfer_syntax=True),
        WebFaults(answers_first=(503,), retry_after="1"),
    ],
)
def test_what_a_job_copes_with_a_test_does_too(faults: WebFaults) -> None:
    with SimulatedWebPacs(archive=FEW, faults=faults) as pacs:
        taken = steps(pacs.url)
    assert all(text.startswith(CheckVerdict.PASSED) for text in taken.values()), taken


def test_nobody_there_nothing_there_and_no_end() -> None:
    assert "nothing listens" in steps(f"http://127.0.0.1:{free_port()}/dicom-web")[CheckStep.TCP]
    with SimulatedWebPacs(archive=Archive(count=0, first_day=DAY)) as pacs:
        assert steps(pacs.url)[CheckStep.WADO].startswith(CheckVerdict.UNCLEAR)
        assert "does not have this study" in steps(pacs.url, uid="1.2.3")[CheckStep.QIDO]
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(trickles=True)) as pacs:
        assert "was not done after 1 seconds" in steps(pacs.url, seconds=0.5)[CheckStep.QIDO]
