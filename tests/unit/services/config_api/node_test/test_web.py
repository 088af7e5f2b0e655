"""The steps of a test with web services, against a simulated PACS on loopback."""

from datetime import date

import pytest

from services.config_api.node_test.outcome import Step, Verdict
from services.config_api.node_test.web import WebPlan, run_web_test
from shared.dicomweb.settings import DicomwebSettings
from tools.pacs.archive import Archive
from tools.pacs.web import SimulatedWebPacs, WebFaults
from tools.stack.ports import free_port

DAY = date(2026, 3, 10)
FEW = Archive(count=3, first_day=DAY)


def steps(url: str, *, uid: str | None = None, token: str | None = None, seconds: float = 5) -> dict[Step, str]:
    """Return the verdict and the detail of each step."""
    plan = WebPlan(
        services=DicomwebSettings(url=url),
        authorization=None if token is None else f"Bearer {token}",
        handshake=None,
        study_instance_uid=uid,
        connect=seconds,
        answers=seconds,
    )
    return {one.step: f"{one.verdict}: {one.detail}" for one in run_web_test(plan, today=DAY)}


def test_a_service_that_does_everything() -> None:
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(token="abc")) as pacs:
        taken = steps(pacs.url, token="abc")

    assert list(taken) == [Step.TCP, Step.HTTP, Step.QIDO, Step.WADO]
    assert all(text.startswith(Verdict.PASSED) for text in taken.values()), taken
    assert "X-Ray Radiation Dose SR Storage" in taken[Step.WADO]


@pytest.mark.parametrize(
    ("faults", "failing", "words"),
    [
        (WebFaults(token="abc"), Step.HTTP, "wants credentials (401)"),
        (WebFaults(answers_first=(404,)), Step.HTTP, "has no QIDO-RS there"),
        (WebFaults(html=True), Step.HTTP, "DICOM JSON"),
        (WebFaults(truncated=1), Step.WADO, "ends before its final boundary"),
    ],
)
def test_what_fails_is_explained_and_the_rest_skipped(faults: WebFaults, failing: Step, words: str) -> None:
    with SimulatedWebPacs(archive=FEW, faults=faults) as pacs:
        taken = steps(pacs.url)

    assert taken[failing].startswith(Verdict.FAILED)
    assert words in taken[failing]
    after = [text for step, text in taken.items() if list(taken).index(step) > list(taken).index(failing)]
    assert all(text.startswith(Verdict.SKIPPED) for text in after)


def test_nobody_there_nothing_there_and_no_end() -> None:
    assert "nothing listens" in steps(f"http://127.0.0.1:{free_port()}/dicom-web")[Step.TCP]
    with SimulatedWebPacs(archive=Archive(count=0, first_day=DAY)) as pacs:
        assert steps(pacs.url)[Step.WADO].startswith(Verdict.UNCLEAR)
        assert "does not have this study" in steps(pacs.url, uid="1.2.3")[Step.QIDO]
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(trickles=True)) as pacs:
        assert "is not done within 1 s" in steps(pacs.url, seconds=0.5)[Step.QIDO]
