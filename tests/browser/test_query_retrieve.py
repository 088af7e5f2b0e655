"""The pages of query/retrieve as a person uses them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from sqlalchemy.orm import Session, sessionmaker

from shared.database.engine import make_engine
from shared.database.models import (
    QrJob,
    QrJobState,
    QrSchedule,
    QrSeries,
    QrStudy,
    QrStudyState,
    RemoteNode,
    StoreNode,
)
from shared.database.models.node_check import CheckState, NodeCheck
from tests.helpers.qr.hospital import DAY, Hospital
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.archive import Archive
from tools.pacs.quirks import Quirks
from tools.pacs.server import SimulatedPacs
from tools.peers.raw_peer import RawPeer
from tools.stack.ports import LOOPBACK, free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HURRY = """
const begin = window.setInterval;
window.setInterval = (call, milliseconds) => begin(call, Math.min(milliseconds, 500));
"""
"""Lets pages refresh more often than they do for people."""
UID = "1.2.826.0.1.3680043.8.498." + "1" * 38


@pytest.fixture
def qr_jobs(database_url: str, amqp_url: str) -> Iterator[QrJobs]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield QrJobs(engine=engine, amqp_url=amqp_url)
    engine.dispose()


def start(services: Services) -> str:
    port = free_port()
    services.start("config_api", http_port=port)
    return f"http://{LOOPBACK}:{port}"


def is_part(response: Response, name: str) -> bool:
    return f"/parts/{name}" in response.url and response.ok


def wait_for_refresh(page: Page, name: str) -> None:
    """Wait until a part has been fetched and shown again."""
    for _ in range(2):  # the first may have been on its way
        with page.expect_response(lambda response: is_part(response, name)):
            pass


def test_a_job_from_its_form_to_the_explanation_of_a_study(page: Page, services: Services, qr_jobs: QrJobs) -> None:
    hospital = Hospital(jobs=qr_jobs, services=services)
    archive = Archive(count=3, first_day=DAY, kinds=("ct", "us", "ct-dose-info"))
    destinations: dict[str, tuple[str, int]] = {}
    with SimulatedPacs(archive=archive, quirks=Quirks(no_instance_number=True), destinations=destinations) as pacs:
        qr_jobs.remote_node(port=pacs.port, ae_title="SIMPACS")
        page.add_init_script(HURRY)
        page.goto(start(services) + "/qr")
        page.get_by_role("link", name="New job").click()
        page.get_by_label("First day").fill(str(DAY))
        page.get_by_label("Last day").fill("2026-03-01")
        page.get_by_label("Description does not hold").fill("imported")
        page.get_by_role("button", name="Begin").click()

        # What is wrong is said, is what the keyboard is at, and leads to its field; what was typed is kept.
        wrong = page.get_by_role("alert").filter(has_text="Nothing was begun")
        expect(wrong).to_be_focused()
        expect(wrong).to_contain_text("exchange the two")
        expect(wrong).to_contain_text("tick at least one")
        expect(page.get_by_label("Description does not hold")).to_have_value("imported")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator("#date_until")).to_have_attribute("aria-invalid", "true")
        page.locator("#date_until").fill("")
        page.get_by_label("CT computed tomography").check()
        page.get_by_role("button", name="Begin").click()

        # The PACS does not know our store node: the job says what to register there, and is tried again.
        progress = page.locator("#progress")
        expect(progress).to_contain_text("failed", timeout=60_000)
        expect(progress).to_contain_text("does not know the move destination")
        expect(progress).to_contain_text("AE title DOSEWIRE")
        destinations["DOSEWIRE"] = (LOOPBACK, hospital.port)
        page.get_by_role("button", name="Retry what failed").click()
        expect(progress).to_contain_text("complete", timeout=60_000)
        expect(progress).to_contain_text("2 studies retrieved")
        expect(page.locator("#studies tbody tr").first).to_contain_text("kept RDSR series 501")
        expect(page.locator("#studies")).to_contain_text("the node tells no Instance Number")

        # A refresh leaves the focus where it is.
        page.locator("#like").focus()
        wait_for_refresh(page, "progress")
        expect(page.locator("#like")).to_be_focused()

        # The study, down to its instances, which stay open when it is refreshed.
        page.get_by_role("link", name=re.compile("Series of study")).first.click()
        expect(page.locator("#explanation")).to_contain_text("kept RDSR series 501")
        page.get_by_text("Instances: 1").click()
        expect(page.get_by_text("X-Ray Radiation Dose SR Storage")).to_be_visible()
        wait_for_refresh(page, "studies")
        expect(page.get_by_text("X-Ray Radiation Dose SR Storage")).to_be_visible()
        page.get_by_role("link", name="The stored study").click()
        expect(page.locator(".totals")).to_contain_text("mGy·cm")
        page.go_back()

        # Another like it, with everything again, is reviewed and cancelled.
        page.get_by_role("link", name="CT of 2026-03-10").click()
        page.get_by_role("link", name="New job like this").click()
        page.get_by_label("Let me review first").check()
        page.get_by_label("Fetch known objects too").check()
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("button", name="Retrieve what was chosen")).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Cancel the job").click()
        expect(progress).to_contain_text("cancelled by a person")
        expect(page.get_by_role("button", name="Cancel the job")).to_be_hidden()

        # The node passes its test, with one object sent.
        page.get_by_role("link", name="Query/retrieve").first.click()
        expect(page.locator("#jobs tbody tr")).to_have_count(2)
        page.get_by_role("link", name="Test…").click()
        page.get_by_label("Send one object to").select_option(label="store 0 (DOSEWIRE)")
        page.get_by_label("Of this study").fill(archive.study(0).uid)
        page.get_by_role("button", name="Test").click()
        expect(page.locator("#outcome h2")).to_have_text("Passed", timeout=60_000)
        expect(page.locator("#outcome tbody tr")).to_have_count(5)
        expect(page.locator("#outcome")).to_contain_text("has received it")
        expect(page.locator("#outcome progress")).to_have_count(0)

        # Its page stands as long as the test is kept, with the form of another one like it.
        page.reload()
        expect(page.locator("#outcome h2")).to_have_text("Passed")
        expect(page.locator("#outcome tbody tr")).to_have_count(5)
        expect(page.get_by_label("Of this study")).to_have_value(archive.study(0).uid)
        expect(page.get_by_role("button", name="Test again")).to_be_visible()


def test_the_steps_of_a_node_test_appear_one_by_one(page: Page, services: Services, qr_jobs: QrJobs) -> None:
    with RawPeer() as silent:  # it accepts connections, and says nothing
        qr_jobs.remote_node(port=silent.port, ae_title="SILENT")
        address = start(services)
        page.goto(f"{address}/qr/nodes/1/test")
        page.get_by_role("button", name="Test").click()
        expect(page.locator("#outcome h2")).to_have_text("Waiting for a worker")
        services.start("qr")
        expect(page.locator("#outcome h2")).to_have_text("Under way", timeout=60_000)
        expect(page.locator("#outcome tbody tr")).to_have_count(1)
        expect(page.locator("#outcome tbody tr")).to_contain_text("accepts a connection")
        expect(page.locator("#outcome progress")).to_be_visible()
        expect(page.locator("#outcome h2")).to_have_text("Not passed", timeout=60_000)
        expect(page.locator("#outcome tbody tr")).to_have_count(5)
        expect(page.locator("#outcome")).to_contain_text("is it a DICOM port?")


def add_rows(sessions: sessionmaker[Session]) -> UUID:
    """Write down a node of each kind, a job with a study, and a schedule."""
    job_id = uuid4()
    day = date(2026, 11, 1)
    with sessions.begin() as session:
        session.add_all(
            [
                RemoteNode(
                    id=1, name="The archive of the whole hospital", ae_title="SIMPACS", ip_address=LOOPBACK, port=104
                ),
                StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=free_port(), enabled=False),
            ]
        )
        session.flush()
        session.add(
            QrJob(id=job_id, remote_node_id=1, store_node_id=1, state=QrJobState.PARTIAL, date_from=day, date_until=day,
                  state_detail="the node refuses long answers " * 9, unanswered=["2026-11-01, from 08:00 until 09:00"],
                  options={"modalities": ["CT", "MG", "FL", "DX", "NM"], "description_exclude": ["x" * 60]})
        )  # fmt: skip
        study = QrStudy(job_id=job_id, study_instance_uid=UID, modalities_in_study="CT\\PT\\SR",
                        study_description="x" * 64, state=QrStudyState.FAILED, explanation="CT: kept RDSR series 501",
                        reason="no answer " * 20, completed=1, failed=123_456)  # fmt: skip
        study.series.append(
            QrSeries(series_instance_uid=UID, modality="CT", series_description="y" * 64, wanted=True, whole=True,
                     reason="RDSR " * 30)
        )  # fmt: skip
        session.add(study)
        session.add(
            QrSchedule(id=1, name="z" * 64, remote_node_id=1, store_node_id=1, cron="0 2 * * *",
                       time_zone="Europe/Berlin", next_run_at=datetime(2030, 1, 1, tzinfo=UTC),
                       last_outcome="left out " * 20)
        )  # fmt: skip
        step = {"step": "tcp", "verdict": "failed", "detail": "nothing listens on 127.0.0.1:104 " * 9, "duration_ms": 3}
        session.add(
            NodeCheck(id=job_id, remote_node_id=1, store_node_id=1, study_instance_uid=UID, state=CheckState.FAILED,
                      steps=[step], detail="no qr worker has taken the test in time " * 5)
        )  # fmt: skip
    return job_id


def test_no_page_is_wider_than_the_screen(page: Page, services: Services, qr_jobs: QrJobs) -> None:
    job = f"/qr/{add_rows(qr_jobs.sessions)}"
    address = start(services)
    paths = ["/qr", "/qr/new", job, f"{job}/studies/{UID}", "/qr/schedules/new", "/qr/schedules/1", "/qr/nodes/1/test"]
    paths.append(f"/qr/nodes/tests/{job.removeprefix('/qr/')}")
    for path in paths:
        page.goto(address + path)
        for width in (800, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width, (path, width)


def test_forms_work_without_scripts_and_from_our_own_page_alone(
    browser: Browser, services: Services, qr_jobs: QrJobs
) -> None:
    add_rows(qr_jobs.sessions)
    address = start(services)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "/qr/new")
    page.get_by_label("First day").fill("2026-11-01")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("tick at least one").first).to_be_visible()
    page.get_by_label("SR only").check()
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("h1")).to_have_text("SR only of 2026-11-01")
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.locator("#progress")).to_contain_text("cancelled by a person")
    page.get_by_role("link", name="Query/retrieve").first.click()
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator("#schedules")).to_contain_text("switched off")

    action = f"{address}/qr/schedules/1/enable"
    page.goto("about:blank")
    page.set_content(f'<form method="post" action="{action}"><button>A present for you</button></form>')
    page.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("Another site asked for this")
    context.close()
    with qr_jobs.sessions() as session:
        assert not session.get_one(QrSchedule, 1).enabled
