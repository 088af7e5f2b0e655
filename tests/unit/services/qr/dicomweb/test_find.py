"""QIDO-RS against a simulated PACS on loopback: pages, and everything that can go wrong."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydicom.dataset import Dataset

from services.qr.dicomweb.archive import DicomwebArchive
from services.qr.remote.errors import (
    JobCancelled,
    NodeAway,
    NodeRefuses,
    NodeTrouble,
    RemoteError,
    Stopping,
    StudyRefused,
)
from services.qr.remote.find import identifier
from services.qr.remote.windows import Window
from shared.dicomweb.settings import DicomwebCredentials
from tests.helpers.qr.web_archive import LIMITS, web_archive
from tools.pacs.archive import Archive
from tools.pacs.quirks import Quirks
from tools.pacs.web import SimulatedWebPacs, WebFaults
from tools.stack.ports import free_port

DAY = date(2026, 3, 10)
SECRET = "tell-nobody-3f9c"
FEW = Archive(count=3, first_day=DAY)
MANY = Archive(count=250, first_day=DAY)


def studies_of(archive: DicomwebArchive) -> list[str]:
    keys = identifier(window=Window(first=DAY, last=DAY + timedelta(days=30)))
    return [str(answer.StudyInstanceUID) for answer in archive.find(keys) if answer is not None]


def ask(pacs: SimulatedWebPacs, credentials: DicomwebCredentials | None = None) -> list[str]:
    with web_archive(pacs.url, credentials=credentials) as archive:
        return studies_of(archive)


def refusal(pacs: SimulatedWebPacs, credentials: DicomwebCredentials | None = None) -> RemoteError:
    with pytest.raises(RemoteError) as raised:
        ask(pacs, credentials)
    assert str(raised.value).startswith(f"Archive ({pacs.url}) ")
    assert "Doe" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(
    ("faults", "requests"),
    [
        (WebFaults(), 4),
        (WebFaults(most_answers=60), 6),
        (WebFaults(ignores_limit=True), 2),
        (WebFaults(ignores_limit=True, ignores_offset=True), 2),
    ],
)
def test_all_answers_come_once_whatever_the_service_makes_of_pages(faults: WebFaults, requests: int) -> None:
    with SimulatedWebPacs(archive=MANY, faults=faults) as pacs:
        assert ask(pacs) == [study.uid for study in map(MANY.study, range(MANY.count))]
        assert pacs.counts["QIDO STUDY"] == requests


def test_a_service_that_gives_only_its_first_answers_is_not_believed() -> None:
    with SimulatedWebPacs(archive=MANY, faults=WebFaults(ignores_offset=True)) as pacs:
        error = refusal(pacs)

    assert isinstance(error, NodeTrouble)  # so the range is halved
    assert "the same again" in str(error)


def test_a_short_answer_is_one_request() -> None:
    with SimulatedWebPacs(archive=FEW) as pacs, web_archive(pacs.url) as archive:
        assert len(studies_of(archive)) == 3
        assert pacs.counts["requests"] == 1


def test_answers_that_come_twice_are_for_who_asked_to_see() -> None:
    with SimulatedWebPacs(archive=FEW, quirks=Quirks(duplicate_answers=True)) as pacs:
        assert ask(pacs) == [FEW.study(number).uid for number in (0, 0, 1, 1, 2, 2)]


def test_nothing_found() -> None:
    with SimulatedWebPacs(archive=Archive(count=0, first_day=DAY)) as pacs, web_archive(pacs.url) as archive:
        archive.echo()
        assert studies_of(archive) == []


def test_series_and_instances() -> None:
    with SimulatedWebPacs(archive=FEW) as pacs, web_archive(pacs.url) as archive:
        keys = Dataset()
        keys.QueryRetrieveLevel = "SERIES"
        keys.StudyInstanceUID = FEW.study(0).uid
        keys.SeriesInstanceUID = keys.Modality = ""
        assert [str(answer.Modality) for answer in archive.find(keys) if answer is not None] == ["CT", "CT", "SR"]
        keys.QueryRetrieveLevel = "IMAGE"
        keys.SeriesInstanceUID = FEW.study(0).series_uid(1)
        keys.SOPInstanceUID = ""
        keys.InstanceNumber = "1"
        [answer] = archive.find(keys)
        assert answer is not None
        assert answer.SOPInstanceUID == f"{keys.SeriesInstanceUID}.1"
        keys.StudyInstanceUID = "1.2.3"
        assert list(archive.find(keys)) == []


def test_a_service_that_refuses_the_names_of_fields_is_asked_without() -> None:
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(refuses_fields=True)) as pacs:
        assert len(ask(pacs)) == 3


@pytest.mark.parametrize(
    ("faults", "credentials"),
    [
        (WebFaults(user="dosewire", password=SECRET), {"user": "dosewire", "password": SECRET}),
        (WebFaults(user="dösewire", password="ü:"), {"user": "dösewire", "password": "ü:"}),
        (WebFaults(token=SECRET), {"token": SECRET}),
    ],
)
def test_credentials(faults: WebFaults, credentials: dict[str, str]) -> None:
    with SimulatedWebPacs(archive=FEW, faults=faults) as pacs:
        assert len(ask(pacs, DicomwebCredentials.model_validate(credentials))) == 3
        assert "wants credentials (401)" in str(refusal(pacs))
        wrong = refusal(pacs, DicomwebCredentials.model_validate({"token": f"not-{SECRET}"}))
        assert isinstance(wrong, NodeRefuses)
        assert "correct those of the node" in str(wrong)
        assert SECRET not in str(wrong)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (403, NodeRefuses, "give our user the right"),
        (404, NodeRefuses, "correct the URL"),
        (400, StudyRefused, "refuses the request (400 Bad Request)"),
        (413, NodeTrouble, "so much at once"),
        (418, StudyRefused, "418"),
        (429, NodeAway, "too many requests"),
        (500, NodeTrouble, "failed (500 Internal Server Error)"),
        (501, NodeRefuses, "correct the URL"),
        (503, NodeAway, "busy or being maintained"),
        (599, NodeTrouble, "failed (599)"),
        (302, NodeRefuses, "redirects to another address"),
    ],
)
def test_what_a_status_means(status: int, kind: type[RemoteError], words: str) -> None:
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(answers_first=(status, status))) as pacs:
        error = refusal(pacs)

    assert type(error) is kind
    assert words in str(error)


def test_a_service_that_asks_to_come_again_soon_is_waited_for() -> None:
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(answers_first=(503, 429), retry_after="0")) as pacs:
        assert len(ask(pacs)) == 3
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(answers_first=(503,) * 9, retry_after="0")) as pacs:
        assert isinstance(refusal(pacs), NodeAway)
        assert pacs.counts["requests"] == 4
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(answers_first=(503,), retry_after="900")) as pacs:
        assert "asks us to come again in 900 seconds" in str(refusal(pacs))


def test_redirects_are_followed_to_the_same_server_only() -> None:
    here = WebFaults(answers_first=(307,), location="/dicom-web/studies?limit=2")
    with SimulatedWebPacs(archive=FEW, faults=here) as pacs:
        assert ask(pacs) == [FEW.study(0).uid, FEW.study(1).uid]
    elsewhere = WebFaults(answers_first=(302,), location="https://elsewhere.example.org/?who=Doe")
    with SimulatedWebPacs(archive=FEW, faults=elsewhere) as pacs:
        error = refusal(pacs, DicomwebCredentials.model_validate({"token": SECRET}))
        assert isinstance(error, NodeRefuses)
        assert "https://elsewhere.example.org:443, where we do not follow" in str(error)
        assert pacs.counts["requests"] == 1
    in_a_circle = WebFaults(answers_first=(302,) * 9, location="/dicom-web/studies")
    with SimulatedWebPacs(archive=FEW, faults=in_a_circle) as pacs:
        assert "redirects in a circle" in str(refusal(pacs))


def test_a_page_for_people_is_no_answer() -> None:
    with SimulatedWebPacs(archive=FEW, faults=WebFaults(html=True)) as pacs:
        assert isinstance(refusal(pacs), NodeRefuses)


def test_nobody_there() -> None:
    url = f"http://127.0.0.1:{free_port()}/dicom-web"
    with web_archive(url) as archive, pytest.raises(NodeAway, match=r"nothing listens there|Connection refused"):
        archive.echo()


def test_a_host_without_address() -> None:
    url = "http://nowhere.invalid/dicom-web"
    with web_archive(url) as archive, pytest.raises(NodeAway, match="the name of its host is not resolved"):
        archive.echo()


def test_no_tls_there() -> None:
    with (
        SimulatedWebPacs(archive=FEW) as pacs,
        web_archive(pacs.url.replace("http:", "https:")) as archive,
        pytest.raises(NodeRefuses, match="should its URL begin with http://"),
    ):
        archive.echo()


def in_a_moment(seconds: float = 0.3) -> Callable[[], bool]:
    begun = time.monotonic()
    return lambda: time.monotonic() - begun > seconds


@pytest.mark.parametrize("faults", [WebFaults(hangs=True), WebFaults(trickles=True)])
def test_no_service_holds_a_worker(faults: WebFaults) -> None:
    stop = threading.Event()
    threading.Timer(0.4, stop.set).start()
    begun = time.monotonic()
    with SimulatedWebPacs(archive=FEW, faults=faults) as pacs:
        with web_archive(pacs.url, cancelled=in_a_moment()) as archive, pytest.raises(JobCancelled):
            studies_of(archive)
        with web_archive(pacs.url, stop=stop) as archive, pytest.raises(Stopping):
            studies_of(archive)
        with (
            web_archive(pacs.url, limits=replace(LIMITS, idle=0.5)) as archive,
            pytest.raises(NodeAway, match="silent"),
        ):
            studies_of(archive)
        short = replace(LIMITS, total=0.5)
        with web_archive(pacs.url, limits=short) as archive, pytest.raises(NodeAway, match="not done after"):
            studies_of(archive)
    assert time.monotonic() - begun < 12
